/* SPDX-License-Identifier: MIT
 *
 * Many cases to reports and an exit code: what verify and judge have in
 * common.
 */
#ifndef DC_REPORTING_H
#define DC_REPORTING_H

#include "oracle/base/pool.h"
#include "oracle/report/report.h"
#include "oracle/verbs/settings.h"

typedef struct {
    const dc_settings *settings;
    const dc_run *run;
    const volatile sig_atomic_t *interrupted;
    int64_t count; /* cases */
    double start;  /* dc_clock_now() at the beginning of the run */

    /* As in dc_pool. */
    dc_status (*open)(void *context, void **worker, dc_error *e);
    void (*close)(void *worker);

    /* As in dc_pool; may be NULL. */
    dc_status (*last)(void *context, void *worker, dc_error *e);

    /* Judges case result->number and fills the rest of the result, which is
     * zero.  Any thread.  An error is a harness fault. */
    dc_status (*judge)(void *context, void *worker, dc_result *result,
                       dc_error *e);

    /* Results that the run has beyond its cases, and how many there are after
     * the last case; they are reported after all others.  Both may be NULL. */
    const dc_result *further;
    const int64_t *n_further;

    /* Called with every result of a case, in the order of the cases; may be
     * NULL. */
    void (*on_result)(void *context, const dc_result *result);

    /* Called after the last result of a run that was not interrupted, before
     * the reports end; may be NULL. */
    void (*on_end)(void *context, dc_summary *summary);

    void *context;
} dc_reporting;

/* Judges all cases on settings->jobs workers and writes the reports.  Returns
 * the exit code; with DC_EXIT_FAULT the reason is in e. */
int dc_reporting_run(const dc_reporting *r, dc_error *e);

#endif

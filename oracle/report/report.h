/* SPDX-License-Identifier: MIT
 *
 * Reports: one stream of results, several forms.  A report is opened before
 * the first case, so that an unwritable file is an error at once, and told of
 * every result in the order of the cases.
 */
#ifndef DC_REPORT_H
#define DC_REPORT_H

#include <stdio.h>

#include "oracle/explain/analysis.h"
#include "oracle/judge/run.h"
#include "oracle/judge/stats.h"

typedef struct {
    int64_t cases;
    int64_t count[DC_VERDICTS];
    int64_t left; /* not judged: stopped early */
    uint64_t seed;
    double seconds;
    const dc_analysis *insight; /* what the failures teach, or NULL */
    dc_stats tally;
} dc_summary;

typedef struct dc_report dc_report;
struct dc_report {
    void (*result)(dc_report *r, const dc_result *result);
    /* Writes what is left and closes; the report is gone afterwards. */
    dc_status (*end)(dc_report *r, const dc_summary *s, dc_error *e);
    const dc_run *run;
    FILE *file;
    const char *path; /* NULL: standard output */
    void *state;
};

/* Findings for people.  After `most` findings in full only their number is
 * told (0: all in full). */
dc_status dc_report_text(dc_report *r, const dc_run *run, int64_t most,
                         dc_error *e);

/* One JSON object a line: the run, every case, the summary. */
dc_status dc_report_json(dc_report *r, const dc_run *run, const char *path,
                         dc_error *e);

/* JUnit XML: one test case a case. */
dc_status dc_report_junit(dc_report *r, const dc_run *run, const char *path,
                          dc_error *e);

/* ---- shared by the reports ---- */

/* Opens r->file for path. */
dc_status dc_report_open(dc_report *r, const dc_run *run, const char *path,
                         dc_error *e);

/* Closes r->file; a full disk is an error here at the latest. */
dc_status dc_report_close(dc_report *r, dc_error *e);

/* The closing line, always of the same shape. */
void dc_report_last_line(const dc_summary *s, char *text, size_t size);

#endif

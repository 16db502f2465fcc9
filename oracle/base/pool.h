/* SPDX-License-Identifier: MIT
 *
 * The judge's thread pool: numbered tasks are distributed among workers, and
 * their completion is reported in the order of the tasks.
 */
#ifndef DC_POOL_H
#define DC_POOL_H

#include <signal.h>
#include <stdbool.h>

#include "ref/problem.h"

typedef struct {
    /* Opens what a worker needs for all of its tasks, such as a process;
     * called once per worker, in the worker's own thread.  NULL: nothing to
     * open. */
    dc_status (*open)(void *context, void **worker, dc_error *e);
    void (*close)(void *worker); /* after open returned DC_OK; may be NULL */

    /* Runs task `index`, in any thread.  After an error no further task is
     * started. */
    dc_status (*task)(void *context, void *worker, int64_t index, dc_error *e);

    /* Called once per worker when no task is left for it, unless the run was
     * stopped, interrupted or failed.  May be NULL. */
    dc_status (*last)(void *context, void *worker, dc_error *e);

    /* Called for each successful task in the order of the tasks, under a lock.
     * Returns true to start no further task; those that are finished are still
     * reported.  May be NULL. */
    bool (*on_done)(void *context, int64_t index);

    void *context;
    int64_t count; /* tasks */
    int jobs;      /* workers, at most DC_POOL_JOBS */
    const volatile sig_atomic_t *interrupted; /* nonzero: start no further
                                               * task; may be NULL */
} dc_pool;

enum { DC_POOL_JOBS = 256 };

/* Runs the tasks; returns DC_OK, also if it was stopped, or the error that
 * occurred first.  Tasks 0 to *done - 1 were reported to on_done; later ones
 * may have run too.  Each worker frees its thread's MPFR cache. */
dc_status dc_pool_run(const dc_pool *pool, int64_t *done, dc_error *e);

/* The default number of workers: one per online core. */
int dc_pool_jobs(void);

#endif

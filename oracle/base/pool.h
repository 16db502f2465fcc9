/* SPDX-License-Identifier: MIT
 *
 * The one thread pool: numbered tasks are shared out among workers, and their
 * completion is reported in the order of the tasks.
 */
#ifndef DC_POOL_H
#define DC_POOL_H

#include <signal.h>
#include <stdbool.h>

#include "ref/problem.h"

typedef struct {
    /* Opens what a worker needs for all of its tasks, such as a process;
     * called once per worker, in its thread.  NULL: nothing to open. */
    dc_status (*open)(void *context, void **worker, dc_error *e);
    void (*close)(void *worker); /* called if open returned DC_OK */

    /* Does task `index`, in any thread.  An error stops the pool. */
    dc_status (*task)(void *context, void *worker, int64_t index, dc_error *e);

    /* Called for each finished task in the order of the tasks, under a lock.
     * Returns true to stop the pool.  May be NULL. */
    bool (*on_done)(void *context, int64_t index);

    void *context;
    int64_t count; /* tasks */
    int jobs;      /* workers, at most DC_POOL_JOBS */
    const volatile sig_atomic_t *interrupted; /* stops the pool; may be NULL */
} dc_pool;

enum { DC_POOL_JOBS = 256 };

/* Runs the tasks and returns the first error of a worker or DC_OK.  Tasks
 * 0 to *done - 1 were reported to on_done; later ones may have run too.
 * Each worker frees MPFR's cache of its thread. */
dc_status dc_pool_run(const dc_pool *pool, int64_t *done, dc_error *e);

/* The default number of workers: one per core. */
int dc_pool_jobs(void);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Who does what when many cases are worked on at the same time?  Numbered
 * tasks shared out among threads; what they gave is told in order.
 */
#ifndef DC_POOL_H
#define DC_POOL_H

#include <signal.h>

#include "ref/problem.h"

typedef struct {
    /* Does task `index`; any thread.  Anything but DC_OK ends the crew. */
    dc_status (*task)(void *context, int64_t index, dc_error *e);
    /* Tells of a task that is done: in the order of the tasks, one at a time.
     * 1 ends the crew early.  May be NULL. */
    int (*tell)(void *context, int64_t index);
    void *context;
    int64_t count;
    int jobs;
    const volatile sig_atomic_t *interrupted; /* may be NULL */
} dc_pool;

/* Runs them; *told is the number of tasks that were told.  The first error
 * that a task gave, or DC_OK. */
dc_status dc_pool_run(const dc_pool *crew, int64_t *told, dc_error *e);

/* Workers when nobody says how many: one a core. */
int dc_pool_jobs(void);

#endif

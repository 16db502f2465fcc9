/* SPDX-License-Identifier: MIT
 *
 * Tasks shared out among threads.
 */
#include "oracle/base/pool.h"

#include <mpfr.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { JOBS_MAX = 256 };

typedef struct {
    const dc_pool *crew;
    pthread_mutex_t lock;
    /* under the lock: */
    char *done; /* by task */
    int64_t next;
    int64_t told;
    int stop;
    dc_error fault;
} shift;

/* The next task, or -1. */
static int64_t take(shift *s)
{
    const dc_pool *c = s->crew;
    int64_t mine = -1;

    pthread_mutex_lock(&s->lock);
    if (!s->stop && !(c->interrupted && *c->interrupted) && s->next < c->count)
        mine = s->next++;
    pthread_mutex_unlock(&s->lock);
    return mine;
}

static void *work(void *argument)
{
    shift *s = argument;
    const dc_pool *c = s->crew;
    int64_t mine;

    while ((mine = take(s)) >= 0) {
        dc_error e = {DC_OK, NULL, -1, ""};
        const dc_status status = c->task(c->context, mine, &e);

        pthread_mutex_lock(&s->lock);
        if (status != DC_OK) {
            if (s->fault.status == DC_OK)
                s->fault = e;
            s->fault.status = status;
            s->stop = 1;
        } else {
            s->done[mine] = 1;
        }
        while (s->told < c->count && s->done[s->told] &&
               s->fault.status == DC_OK) {
            const int64_t index = s->told++;

            if (c->tell && c->tell(c->context, index))
                s->stop = 1;
        }
        pthread_mutex_unlock(&s->lock);
    }
    mpfr_free_cache();
    return NULL;
}

dc_status dc_pool_run(const dc_pool *crew, int64_t *told, dc_error *e)
{
    pthread_t threads[JOBS_MAX];
    shift s = {.crew = crew};
    int started = 0;

    s.done = calloc((size_t)crew->count + 1, 1);
    if (!s.done)
        return dc_nomem(e);
    pthread_mutex_init(&s.lock, NULL);
    while (started < crew->jobs && started < JOBS_MAX &&
           started < crew->count &&
           pthread_create(&threads[started], NULL, work, &s) == 0)
        started++;
    if (started == 0)
        work(&s); /* no thread to be had: do it here */
    for (int t = 0; t < started; t++)
        pthread_join(threads[t], NULL);
    pthread_mutex_destroy(&s.lock);
    free(s.done);
    *told = s.told;
    if (e && s.fault.status != DC_OK)
        *e = s.fault;
    return s.fault.status;
}

int dc_pool_jobs(void)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);

    return cores < 1 ? 1 : cores > JOBS_MAX ? JOBS_MAX : (int)cores;
}

/* SPDX-License-Identifier: MIT
 *
 * Workers take the lowest task that nobody has; a lock guards the queue.
 */
#include "oracle/base/pool.h"

#include <mpfr.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct {
    const dc_pool *pool;
    pthread_mutex_t lock;
    /* under the lock: */
    bool *finished;   /* by task */
    int64_t next;     /* first task that no worker has */
    int64_t reported; /* tasks that on_done has seen */
    bool stop;
    dc_error fault; /* the first one */
} pool_state;

/* The next task, or -1. */
static int64_t next_task(pool_state *s)
{
    const dc_pool *p = s->pool;
    int64_t task = -1;

    pthread_mutex_lock(&s->lock);
    if (!s->stop && !(p->interrupted && *p->interrupted) && s->next < p->count)
        task = s->next++;
    pthread_mutex_unlock(&s->lock);
    return task;
}

/* Reports the tasks up to the first unfinished one. */
static void finish(pool_state *s, int64_t task)
{
    const dc_pool *p = s->pool;

    pthread_mutex_lock(&s->lock);
    s->finished[task] = true;
    while (s->reported < p->count && s->finished[s->reported]) {
        const int64_t index = s->reported++;

        if (p->on_done && p->on_done(p->context, index))
            s->stop = true;
    }
    pthread_mutex_unlock(&s->lock);
}

static void fail(pool_state *s, dc_status status, const dc_error *e)
{
    pthread_mutex_lock(&s->lock);
    if (s->fault.status == DC_OK) {
        s->fault = *e;
        s->fault.status = status;
    }
    s->stop = true;
    pthread_mutex_unlock(&s->lock);
}

/* Has nothing ended the run early? */
static bool goes_on(pool_state *s)
{
    const dc_pool *p = s->pool;
    bool stop;

    pthread_mutex_lock(&s->lock);
    stop = s->stop;
    pthread_mutex_unlock(&s->lock);
    return !stop && !(p->interrupted && *p->interrupted);
}

static void *work(void *argument)
{
    pool_state *s = argument;
    const dc_pool *p = s->pool;
    void *worker = NULL;
    dc_error e = {DC_OK, NULL, -1, ""};
    const dc_status opened = p->open ? p->open(p->context, &worker, &e) : DC_OK;
    dc_status status = opened;
    int64_t task;

    while (status == DC_OK && (task = next_task(s)) >= 0) {
        status = p->task(p->context, worker, task, &e);
        if (status == DC_OK)
            finish(s, task);
    }
    if (status == DC_OK && p->last && goes_on(s))
        status = p->last(p->context, worker, &e);
    if (status != DC_OK)
        fail(s, status, &e);
    if (opened == DC_OK && p->close)
        p->close(worker);
    mpfr_free_cache();
    return NULL;
}

dc_status dc_pool_run(const dc_pool *pool, int64_t *done, dc_error *e)
{
    pthread_t threads[DC_POOL_JOBS];
    pool_state s = {.pool = pool};
    int started = 0;

    s.finished = calloc((size_t)pool->count + 1, sizeof *s.finished);
    if (!s.finished)
        return dc_nomem(e);
    pthread_mutex_init(&s.lock, NULL);
    while (started < pool->jobs && started < DC_POOL_JOBS &&
           started < pool->count &&
           pthread_create(&threads[started], NULL, work, &s) == 0)
        started++;
    if (started == 0)
        work(&s); /* without any thread, this one does it all */
    for (int t = 0; t < started; t++)
        pthread_join(threads[t], NULL);
    pthread_mutex_destroy(&s.lock);
    free(s.finished);
    *done = s.reported;
    if (e && s.fault.status != DC_OK)
        *e = s.fault;
    return s.fault.status;
}

int dc_pool_jobs(void)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);

    return cores < 1 ? 1 : cores > DC_POOL_JOBS ? DC_POOL_JOBS : (int)cores;
}

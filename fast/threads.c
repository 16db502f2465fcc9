/* SPDX-License-Identifier: MIT
 *
 * The thread pool of fast/: threads are started for one call and take tasks
 * from a shared counter, so nothing outlives the call.
 */
#include "fast/threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "fast/geometry.h"

enum { THREADS_MAX = 256, CACHE_LINE = 64 };

/* Starting a thread costs about as much as this many multiply-adds. */
static const double WORK_MIN = 1e6;

typedef struct {
    dc_fast_task *task;
    const void *job;
    int64_t count;
    _Atomic int64_t *next; /* the next task to start, shared by all workers */
    char *workspace;
} worker;

static void *run_tasks(void *argument)
{
    const worker *const w = argument;
    int64_t index;

    while ((index = atomic_fetch_add(w->next, 1)) < w->count)
        w->task(w->job, index, w->workspace);
    return NULL;
}

/* The leading number of an environment variable (OpenMP allows "4,2"), at most
 * THREADS_MAX; 0 if there is none. */
static int64_t count_from(const char *name)
{
    const char *const text = getenv(name);
    const long value = text ? strtol(text, NULL, 10) : 0;

    return dc_fast_max(dc_fast_min(value, THREADS_MAX), 0);
}

int64_t dc_fast_threads_count(double work)
{
    int64_t count = work < WORK_MIN ? 1 : count_from("DECONFORM_THREADS");

    if (!count)
        count = count_from("OMP_NUM_THREADS");
    if (!count)
        count = sysconf(_SC_NPROCESSORS_ONLN);
    return dc_fast_max(dc_fast_min(count, THREADS_MAX), 1);
}

int64_t dc_fast_threads_round(int64_t bytes)
{
    return bytes > INT64_MAX - CACHE_LINE
               ? INT64_MAX
               : dc_fast_round_up(dc_fast_max(bytes, 1), CACHE_LINE);
}

void *dc_fast_threads_alloc(int64_t bytes)
{
    /* no object is larger than PTRDIFF_MAX */
    return bytes > PTRDIFF_MAX - CACHE_LINE
               ? NULL
               : aligned_alloc(CACHE_LINE, (size_t)bytes);
}

/* Excludes the processor of this thread, if there are others: the scheduler
 * may otherwise let a new thread wait for a while behind its creator. */
static void start_elsewhere(pthread_attr_t *attributes)
{
    const size_t here = (size_t)sched_getcpu();
    cpu_set_t set;

    if (here >= CPU_SETSIZE || sched_getaffinity(0, sizeof set, &set) ||
        CPU_COUNT(&set) < 2)
        return;
    CPU_CLR(here, &set);
    pthread_attr_setaffinity_np(attributes, sizeof set, &set);
}

dc_status dc_fast_threads_run(int64_t count, double work, int64_t bytes,
                              dc_fast_task *task, const void *job)
{
    const int64_t threads =
        dc_fast_max(dc_fast_min(dc_fast_threads_count(work), count), 1);
    const int64_t each = dc_fast_threads_round(bytes);
    char *const workspaces = dc_fast_threads_alloc(dc_fast_mul(threads, each));
    pthread_t ids[THREADS_MAX];
    worker workers[THREADS_MAX];
    _Atomic int64_t next = 0;
    int64_t started = 0;
    pthread_attr_t attributes;

    if (!workspaces)
        return DC_NOMEM;
    pthread_attr_init(&attributes);
    if (threads > 1)
        start_elsewhere(&attributes);
    for (int64_t t = 0; t < threads; t++)
        workers[t] = (worker){task, job, count, &next, workspaces + t * each};
    while (started + 1 < threads &&
           pthread_create(&ids[started], &attributes, run_tasks,
                          &workers[started + 1]) == 0)
        started++;
    run_tasks(&workers[0]);
    for (int64_t t = 0; t < started; t++)
        pthread_join(ids[t], NULL);
    pthread_attr_destroy(&attributes);
    free(workspaces);
    return DC_OK;
}

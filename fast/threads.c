/* SPDX-License-Identifier: MIT
 *
 * The task pool of fast/: threads are started per call and draw tasks from
 * one counter, so nothing outlives a call.
 */
#include "fast/threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "fast/geometry.h"

enum { THREADS_MAX = 256, LINE = 64 };

/* Starting a thread costs about as much as this many multiply-adds. */
static const double WORK_MIN = 1e6;

typedef struct {
    dc_fast_task *task;
    const void *job;
    int64_t count;
    _Atomic int64_t *next; /* the first task that nobody has taken */
    char *room;
} worker;

static void *work_off(void *argument)
{
    const worker *const w = argument;
    int64_t index;

    while ((index = atomic_fetch_add(w->next, 1)) < w->count)
        w->task(w->job, index, w->room);
    return NULL;
}

/* The leading number of an environment variable ("4" or OpenMP's "4,2"), 0
 * where there is none. */
static int64_t count_from(const char *name)
{
    const char *const text = getenv(name);
    const long value = text ? strtol(text, NULL, 10) : 0;

    return value > THREADS_MAX ? THREADS_MAX : value > 0 ? value : 0;
}

int64_t dc_fast_threads_wanted(double work)
{
    int64_t wanted = work < WORK_MIN ? 1 : count_from("DECONFORM_THREADS");

    if (!wanted)
        wanted = count_from("OMP_NUM_THREADS");
    if (!wanted)
        wanted = sysconf(_SC_NPROCESSORS_ONLN);
    if (wanted > THREADS_MAX)
        wanted = THREADS_MAX;
    return wanted < 1 ? 1 : wanted;
}

int64_t dc_fast_threads_bytes(int64_t bytes)
{
    return bytes > INT64_MAX - LINE ? INT64_MAX
                                    : dc_fast_up(dc_fast_max(bytes, 1), LINE);
}

void *dc_fast_threads_room(int64_t bytes)
{
    /* no object is larger */
    return bytes > PTRDIFF_MAX - LINE ? NULL
                                      : aligned_alloc(LINE, (size_t)bytes);
}

/* Threads to start begin on another processor than this one, where there is
 * one: the scheduler may otherwise let them wait behind it for a while. */
static void begin_elsewhere(pthread_attr_t *how)
{
    const size_t here = (size_t)sched_getcpu();
    cpu_set_t set;

    if (here >= CPU_SETSIZE || sched_getaffinity(0, sizeof set, &set) ||
        CPU_COUNT(&set) < 2)
        return;
    CPU_CLR(here, &set);
    pthread_attr_setaffinity_np(how, sizeof set, &set);
}

dc_status dc_fast_threads_run(int64_t count, double work, int64_t bytes,
                              dc_fast_task *task, const void *job)
{
    const int64_t threads =
        dc_fast_max(dc_fast_min(dc_fast_threads_wanted(work), count), 1);
    const int64_t each = dc_fast_threads_bytes(bytes);
    char *const rooms = dc_fast_threads_room(dc_fast_times(threads, each));
    pthread_t ids[THREADS_MAX];
    worker workers[THREADS_MAX];
    _Atomic int64_t next = 0;
    int64_t started = 0;
    pthread_attr_t how;

    if (!rooms)
        return DC_NOMEM;
    pthread_attr_init(&how);
    if (threads > 1)
        begin_elsewhere(&how);
    for (int64_t t = 0; t < threads; t++)
        workers[t] = (worker){task, job, count, &next, rooms + t * each};
    while (started + 1 < threads &&
           pthread_create(&ids[started], &how, work_off,
                          &workers[started + 1]) == 0)
        started++;
    work_off(&workers[0]);
    for (int64_t t = 0; t < started; t++)
        pthread_join(ids[t], NULL);
    pthread_attr_destroy(&how);
    free(rooms);
    return DC_OK;
}

/* SPDX-License-Identifier: MIT
 *
 * The task pool of fast/: threads are started per call and draw tasks from
 * one counter, so nothing outlives a call.
 */
#include "threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "geometry.h"

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

static int64_t threads_wanted(int64_t tasks, double work)
{
    int64_t wanted = work < WORK_MIN ? 1 : count_from("DECONFORM_THREADS");

    if (!wanted)
        wanted = count_from("OMP_NUM_THREADS");
    if (!wanted)
        wanted = sysconf(_SC_NPROCESSORS_ONLN);
    if (wanted > THREADS_MAX)
        wanted = THREADS_MAX;
    if (wanted > tasks)
        wanted = tasks;
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

dc_status dc_fast_threads_run(int64_t count, double work, int64_t bytes,
                              dc_fast_task *task, const void *job)
{
    const int64_t threads = threads_wanted(count, work);
    const int64_t each = dc_fast_threads_bytes(bytes);
    char *const rooms = dc_fast_threads_room(dc_fast_times(threads, each));
    pthread_t ids[THREADS_MAX];
    worker workers[THREADS_MAX];
    _Atomic int64_t next = 0;
    int64_t started = 0;

    if (!rooms)
        return DC_NOMEM;
    for (int64_t t = 0; t < threads; t++)
        workers[t] = (worker){task, job, count, &next, rooms + t * each};
    while (started + 1 < threads &&
           pthread_create(&ids[started], NULL, work_off,
                          &workers[started + 1]) == 0)
        started++;
    work_off(&workers[0]);
    for (int64_t t = 0; t < started; t++)
        pthread_join(ids[t], NULL);
    free(rooms);
    return DC_OK;
}

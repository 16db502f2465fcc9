/* SPDX-License-Identifier: MIT
 *
 * Who does the work?  Independent numbered tasks, shared out among POSIX
 * threads, each thread with a workspace of its own.
 */
#ifndef DC_FAST_THREADS_H
#define DC_FAST_THREADS_H

#include <stddef.h>

#include "ref/deconform.h"

/* One task: reads job, writes only what no other task touches, may use `room`
 * (aligned to 64 bytes) as it likes. */
typedef void dc_fast_task(const void *job, int64_t index, void *room);

/* Bytes rounded up to whole lines of 64, one at least; INT64_MAX, which
 * stands for more than can be represented, stays. */
int64_t dc_fast_threads_bytes(int64_t bytes);

/* So many bytes, whole lines, aligned to lines; NULL where they cannot be
 * had.  To be freed with free(). */
void *dc_fast_threads_room(int64_t bytes);

/* How many threads share so much work (multiply-adds), given tasks enough:
 * DECONFORM_THREADS, else OMP_NUM_THREADS, else the online cores; little work
 * stays on the calling thread. */
int64_t dc_fast_threads_wanted(double work);

/* Runs tasks 0..count-1 and returns when all are done.  `work` is their total,
 * which says how many threads are wanted; it must not change results.  A
 * thread that cannot be started is done without.  DC_NOMEM when the rooms
 * (`bytes` each, in whole lines) cannot be had. */
dc_status dc_fast_threads_run(int64_t count, double work, int64_t bytes,
                              dc_fast_task *task, const void *job);

#endif

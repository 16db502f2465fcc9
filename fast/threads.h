/* SPDX-License-Identifier: MIT
 *
 * Who does the work?  Independent numbered tasks, shared out among POSIX
 * threads, each thread with a workspace of its own.
 */
#ifndef DC_FAST_THREADS_H
#define DC_FAST_THREADS_H

#include <stddef.h>

#include "../ref/deconform.h"

/* One task: reads job, writes only what no other task touches, may use `room`
 * (aligned to 64 bytes) as it likes. */
typedef void dc_fast_task(const void *job, int64_t index, void *room);

/* Runs tasks 0..count-1 and returns when all are done.  `work` is their total
 * in multiply-adds; little work stays on the calling thread.  The number of
 * threads is DECONFORM_THREADS, else OMP_NUM_THREADS, else the online cores,
 * and must not change results.  A thread that cannot be started is done
 * without.  DC_NOMEM when the rooms (`bytes` each) cannot be had. */
dc_status dc_fast_threads_run(int64_t count, double work, size_t bytes,
                              dc_fast_task *task, const void *job);

#endif

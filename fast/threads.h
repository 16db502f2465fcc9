/* SPDX-License-Identifier: MIT
 *
 * Which thread runs which task?  Independent numbered tasks are shared among
 * POSIX threads, each of which has a workspace of its own.
 */
#ifndef DC_FAST_THREADS_H
#define DC_FAST_THREADS_H

#include "ref/deconform.h"

/* One task.  It reads job, writes only what no other task touches, and may
 * use `workspace`, which is aligned to 64 bytes and not cleared. */
typedef void dc_fast_task(const void *job, int64_t index, void *workspace);

/* Rounds a size in bytes up to whole cache lines, at least one; INT64_MAX,
 * which means "not representable", stays. */
int64_t dc_fast_threads_round(int64_t bytes);

/* Allocates whole cache lines, aligned to one; NULL if there is no memory.
 * Release with free(). */
void *dc_fast_threads_alloc(int64_t bytes);

/* The number of threads for this much work (in multiply-adds), if there are
 * enough tasks: DECONFORM_THREADS, else OMP_NUM_THREADS, else the online
 * cores; 1 if the work is too little to start a thread for. */
int64_t dc_fast_threads_count(double work);

/* Runs tasks 0..count-1 and returns when all are done.  `work` is their total
 * in multiply-adds; it decides on the number of threads, which must not change
 * results.  If threads cannot be started, the others do their tasks.
 * DC_NOMEM if the workspaces of `bytes` each cannot be allocated. */
dc_status dc_fast_threads_run(int64_t count, double work, int64_t bytes,
                              dc_fast_task *task, const void *job);

#endif

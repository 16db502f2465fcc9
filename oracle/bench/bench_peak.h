/* SPDX-License-Identifier: MIT
 *
 * What is the most that this machine could do, right now?  Two yardsticks that
 * run between the implementations: multiply-adds in registers, and reading
 * the inputs and writing the result once.
 */
#ifndef DC_BENCH_PEAK_H
#define DC_BENCH_PEAK_H

#include <stdint.h>

/* The widest vectors that this machine has and the yardstick uses. */
const char *dc_bench_peak_level(void);

/* 1 where 512-bit vectors are there. */
int dc_bench_peak_wide(void);

/* FLOP/s (two per multiply-add) of `threads` threads over about `seconds`, in
 * f64 or, for every other type, f32: twelve independent chains of vector
 * multiply-adds per thread, which is enough to fill the pipelines. */
double dc_bench_peak_fma(int dtype, int threads, double seconds);

/* What one operation must move at least. */
typedef struct {
    const void *in[3];
    int64_t in_bytes[3]; /* 0 where there is none */
    void *out;
    int64_t out_bytes;
    int threads;
} dc_traffic;

/* Seconds for reading all of in[] and writing all of out, `repetitions` times
 * over, shared out among the threads.  What it leaves in out is no result. */
double dc_bench_peak_traffic(const dc_traffic *t, int64_t repetitions);

#endif

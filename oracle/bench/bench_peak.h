/* SPDX-License-Identifier: MIT
 *
 * What could this machine achieve at most, at this moment?  Two yardsticks
 * that run between the implementations: multiply-adds in registers, and
 * reading the inputs and writing the result once.
 */
#ifndef DC_BENCH_PEAK_H
#define DC_BENCH_PEAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The widest vectors of this machine that the yardstick can use. */
const char *dc_bench_peak_level(void);

/* Has this machine 512-bit vectors? */
bool dc_bench_peak_wide(void);

/* FLOP/s (two per multiply-add) of `threads` threads over about `seconds`, in
 * f64 or, for every other dtype, f32.  Each thread runs twelve independent
 * chains of vector multiply-adds, which is enough to fill the pipelines. */
double dc_bench_peak_fma(int dtype, int threads, double seconds);

/* The memory that one operation must move at least. */
typedef struct {
    const void *in[3];
    size_t in_bytes[3]; /* 0: no such input */
    void *out;
    size_t out_bytes;
    int threads;
} dc_traffic;

/* Seconds for `repetitions` times reading all of in[] and writing all of out,
 * shared among the threads.  Overwrites out. */
double dc_bench_peak_traffic(const dc_traffic *t, int64_t repetitions);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Time for measuring durations.
 */
#ifndef DC_CLOCK_H
#define DC_CLOCK_H

#include <time.h>

/* Seconds since some moment in the past; never goes back. */
static inline double dc_clock_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

#endif

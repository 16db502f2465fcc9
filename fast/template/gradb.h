/* SPDX-License-Identifier: MIT
 *
 * grad_bias: sums whole output channels.  A template over REAL, see kernels.h.
 */
#ifndef DC_FAST_TEMPLATE_GRADB_H
#define DC_FAST_TEMPLATE_GRADB_H

#include "fast/template/kernels.h"
#include "fast/threads.h"

typedef struct {
    const dc_fast_geometry *q;
    const REAL *gy;
    REAL *gb;
} gradb_job;

/* Task: one output channel, by interleaved partial sums and then a tree. */
static void gradb_task(const void *argument, int64_t index, void *buffer)
{
    enum { SUMS = 16 };
    const gradb_job *const j = argument;
    const dc_fast_geometry *const q = j->q;
    REAL sums[SUMS] = {0};

    (void)buffer;
    for (int64_t n = 0; n < q->n; n++) {
        const REAL *const gy = j->gy + (n * q->co + index) * q->outputs;
        const int64_t whole = q->outputs / SUMS * SUMS;

        for (int64_t o = 0; o < whole; o += SUMS)
            for (int64_t l = 0; l < SUMS; l++)
                sums[l] += gy[o + l];
        for (int64_t l = 0; l < q->outputs - whole; l++)
            sums[l] += gy[whole + l];
    }
    for (int64_t half = SUMS / 2; half; half /= 2)
        for (int64_t l = 0; l < half; l++)
            sums[l] += sums[l + half];
    j->gb[index] = sums[0];
}

static dc_status grad_bias(const dc_fast_geometry *q, const void *gy, void *gb)
{
    const gradb_job j = {q, gy, gb};

    if (!q->n || !q->outputs) {
        zero(gb, q->co);
        return DC_OK;
    }
    return dc_fast_threads_run(
        q->co, (double)q->n * (double)q->co * (double)q->outputs, 0, gradb_task,
        &j);
}

#endif

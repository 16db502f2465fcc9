/* SPDX-License-Identifier: MIT
 *
 * grad_bias: sums of whole channels.  A template over REAL.
 */

typedef struct {
    const dc_fast_geometry *q;
    const REAL *gy;
    REAL *gb;
} bias_sum;

/* Task: one output channel.  Sixteen interleaved partial sums, then a tree. */
static void grad_bias_task(const void *argument, int64_t index, void *room)
{
    enum { SUMS = 16 };
    const bias_sum *const j = argument;
    const dc_fast_geometry *const q = j->q;
    REAL sums[SUMS] = {0};

    (void)room;
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
    const bias_sum j = {q, gy, gb};

    if (!q->n || !q->outputs) {
        clear(gb, q->co);
        return DC_OK;
    }
    return dc_fast_threads_run(
        q->co, (double)q->n * (double)q->co * (double)q->outputs, 0,
        grad_bias_task, &j);
}

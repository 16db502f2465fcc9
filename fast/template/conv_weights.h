/* SPDX-License-Identifier: MIT
 *
 * The weights of forward and grad_input, packed into the panels of A in the
 * order in which the products read them.  A template over REAL, see kernels.h.
 */
#ifndef DC_FAST_TEMPLATE_CONV_WEIGHTS_H
#define DC_FAST_TEMPLATE_CONV_WEIGHTS_H

#include "fast/template/conv_types.h"

/* The offsets in w of a product's rows and taps. */
static void find_w_offsets(const dc_fast_plan *p, const product *r,
                           int64_t channels, int64_t *row, int64_t *tap)
{
    int64_t phases[DC_FAST_AXES];
    int64_t taps[DC_FAST_AXES];
    dc_fast_index i = {{0}};

    for (int a = 0; a < DC_FAST_AXES; a++) {
        phases[a] = r->phase_group[a]->phases;
        taps[a] = r->tap_group[a]->taps;
    }
    for (int64_t c = 0; c < channels; c++)
        do {
            *row = c * p->w_out;
            for (int a = 0; a < DC_FAST_AXES; a++)
                *row += p->axis[a]
                            .phase[r->phase_group[a]->first + i.at[a]]
                            .first_tap *
                        p->axis[a].tap_pitch;
            row++;
        } while (dc_fast_next(&i, phases));
    do {
        *tap = 0;
        for (int a = 0; a < DC_FAST_AXES; a++)
            *tap += p->axis[a].tap[r->tap_group[a]->first + i.at[a]].offset *
                    p->axis[a].tap_pitch;
        tap++;
    } while (dc_fast_next(&i, taps));
}

/* Describes the weights of all products of a window; `offsets` receives their
 * offsets in w.  Returns the number of products. */
static int64_t describe_weights(const conv_job *j, dc_fast_index window,
                                int64_t channels, weight_desc *list,
                                int64_t *offsets)
{
    const dc_fast_plan *const p = j->plan;
    int64_t products[DC_FAST_AXES];
    dc_fast_index i = {{0}};
    int64_t count = 0;

    count_products(p, window, products);
    do {
        const product r = product_of(p, window, i);
        weight_desc *const f = &list[count++];

        f->rows = channels * r.phases;
        f->taps = r.taps;
        f->tile_rows = tile_rows(f->rows, j->kernels->rows);
        f->row = offsets;
        f->tap = offsets + f->rows;
        f->is_ready = r.phases == 1 && r.taps == p->w_in;
        find_w_offsets(p, &r, channels, offsets, offsets + f->rows);
        for (int64_t t = 0; t < r.taps; t++)
            f->is_ready = f->is_ready && f->tap[t] == t;
        offsets += f->rows + r.taps;
    } while (dc_fast_next(&i, products));
    return count;
}

/* to[i] = from[row[i]]; rows often come in runs of neighbours. */
static void copy_rows(REAL *to, const REAL *from, const int64_t *row,
                      int64_t rows)
{
    enum { RUN = 4 };

    for (int64_t i = 0; i < rows;)
        if (i + RUN <= rows && row[i + RUN - 1] - row[i] == RUN - 1) {
            memcpy(to + i, from + row[i], RUN * sizeof *to);
            i += RUN;
        } else {
            to[i] = from[row[i]];
            i++;
        }
}

/* Packs the panel of a product from row `first` on, for input channel c of
 * `inputs`; w is that channel.  `transposed` is NULL or holds the same weights
 * as [tap][row], PANEL elements from tap to tap. */
static void pack_panel(const conv_job *j, const weight_desc *f, int64_t first,
                       int64_t c, int64_t inputs, const REAL *w,
                       const REAL *transposed)
{
    const dc_fast_plan *const p = j->plan;
    const int64_t rows = dc_fast_min(f->tile_rows, f->rows - first);
    const int64_t *const row = f->row + first;
    const int64_t left = inputs - c - 1; /* channels to come */
    REAL *const to = f->a + (first * inputs + c * rows) * f->taps;
    /* whole vectors reach into the next channels, which are packed later */
    const bool has_space = left * rows * f->taps >= MAX_LANES;

    if (transposed && has_space)
        j->kernels->gather_rows(
            to, rows, transposed + (row[0] - first * p->w_out) * PANEL, PANEL,
            f->tap, f->taps);
    else if (row[rows - 1] - row[0] == rows - 1 && has_space &&
             left * p->w_in >= PANEL)
        j->kernels->gather_rows(to, rows, w + row[0], 1, f->tap, f->taps);
    else
        for (int64_t t = 0; t < f->taps; t++)
            copy_rows(to + t * rows, w + f->tap[t], row, rows);
}

/* The most taps that pack_panels transposes in one buffer. */
enum { TRANSPOSED_TAPS = 64 };

/* Does transposing w pay?  It does if the rows of all products are the output
 * channels themselves and most taps are used. */
static bool transposing_pays(const conv_job *j, const weight_desc *list,
                             int64_t count, int64_t taps)
{
    int64_t used = 0;

    for (int64_t n = 0; n < count; n++) {
        if (list[n].rows != list[0].rows ||
            list[n].row[list[n].rows - 1] - list[n].row[0] !=
                (list[n].rows - 1) * j->plan->w_out)
            return false;
        used += list[n].taps;
    }
    return taps > 1 && taps <= TRANSPOSED_TAPS && 2 * used >= taps;
}

/* Packs all panels of all products; none has more than `panels`. */
static void pack_panels(const conv_job *j, const weight_desc *list,
                        int64_t count, int64_t panels, int64_t inputs,
                        const REAL *w)
{
    /* few panels at a time, for all input channels: the panels are written
     * interleaved and the channels are far apart in w, so both would otherwise
     * need many TLB entries */
    enum { TOGETHER = 32 };
    const dc_fast_plan *const p = j->plan;
    const REAL *const w_end = j->w + p->g * p->w_group;
    const int64_t taps = dc_fast_min(p->w_in, p->w_out);
    const bool transpose = transposing_pays(j, list, count, taps);

    for (int64_t first = 0; first < panels; first += TOGETHER)
        for (int64_t c = 0; c < inputs; c++) {
            const int64_t end = dc_fast_min(first + TOGETHER, panels);
            const REAL *const from = w + c * p->w_in;

            for (int64_t panel = first; panel < end; panel++) {
                REAL transposed[TRANSPOSED_TAPS * PANEL + MAX_LANES];
                const int64_t at = panel * list->tile_rows;

                if (transpose)
                    j->kernels->transpose(
                        transposed, PANEL, from + at * p->w_out, p->w_out,
                        dc_fast_min(list->tile_rows, list->rows - at), taps,
                        w_end);
                for (int64_t n = 0; n < count; n++)
                    if (panel * list[n].tile_rows < list[n].rows)
                        pack_panel(j, &list[n], panel * list[n].tile_rows, c,
                                   inputs, from, transpose ? transposed : NULL);
            }
        }
}

/* Packs the weights of a chunk of input channels, which begin at w, for all
 * products of a window; returns the end of what it wrote to a. */
static REAL *pack_chunk(const conv_job *j, weight_desc *list, int64_t count,
                        int64_t inputs, const REAL *w, REAL *a)
{
    const dc_fast_plan *const p = j->plan;
    const weight_desc *const f = list;
    int64_t panels = 0;

    for (int64_t n = 0; n < count; n++) {
        list[n].a = a;
        a += list[n].rows * list[n].taps * inputs;
        panels =
            dc_fast_max(panels, dc_fast_ceil(list[n].rows, list[n].tile_rows));
    }
    for (int64_t n = 0; f->is_ready && n < f->rows; n += f->tile_rows) {
        const int64_t rows = dc_fast_min(f->tile_rows, f->rows - n);

        j->kernels->transpose(f->a + n * inputs * f->taps, rows, w + f->row[n],
                              p->w_out, rows, inputs * f->taps,
                              j->w + p->g * p->w_group);
    }
    if (!f->is_ready)
        pack_panels(j, list, count, panels, inputs, w);
    return a;
}

/* Task: all weights of one group and output block. */
static void pack_task(const void *argument, int64_t index, void *workspace)
{
    const conv_job *const j = argument;
    const dc_fast_plan *const p = j->plan;
    const int64_t g = index / j->out_blocks;
    const int64_t block = index % j->out_blocks;
    const REAL *const w =
        j->w + g * p->w_group + block * p->out_block * p->w_out;
    REAL *a = j->a + index * j->a_block_size;
    weight_desc *const list = workspace;
    int64_t *const offsets = (void *)(list + j->max_products);
    int64_t windows[DC_FAST_AXES];
    dc_fast_index window = {{0}};

    count_windows(p, windows);
    do {
        const int64_t count = describe_weights(
            j, window, block_channels(p, block), list, offsets);

        for (int64_t c = 0; c < p->in_channels; c += p->in_chunk)
            a = pack_chunk(j, list, count,
                           dc_fast_min(p->in_chunk, p->in_channels - c),
                           w + c * p->w_in, a);
    } while (dc_fast_next(&window, windows));
}

#endif

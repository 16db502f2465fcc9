/* SPDX-License-Identifier: MIT
 *
 * The windows of the input that the products of a task read as B.  A template
 * over REAL, see kernels.h.
 */
#ifndef DC_FAST_TEMPLATE_CONV_INPUT_H
#define DC_FAST_TEMPLATE_CONV_INPUT_H

#include "fast/template/conv_types.h"

/* Positions first..end-1 of one axis of a window are inside the tensor;
 * position 0 is index `begin` of the tensor. */
typedef struct {
    int64_t begin;
    int64_t first;
    int64_t end;
} range;

/* The part of the tensor that some planes of a window hold.  Planes along w
 * that are neighbours in the tensor are loaded in one pass. */
typedef struct {
    range at[DC_FAST_AXES];          /* .at[W]: of all planes together */
    range plane[DC_FAST_PLANES_MAX]; /* along w, of each plane */
    int64_t planes;
    bool is_empty;
} region;

static range range_of(const dc_fast_axis *x, int64_t begin)
{
    const int64_t size = x->block + x->span;
    range r = {begin, 0, 0};

    if (begin < x->in)
        r.end = dc_fast_min(dc_fast_ceil(x->in - begin, x->in_step), size);
    if (begin < 0)
        r.first = dc_fast_min(dc_fast_ceil(-begin, x->in_step), r.end);
    return r;
}

/* Finds the region of `planes` planes from `plane` on. */
static void find_region(const dc_fast_plan *p, dc_fast_index m,
                        dc_fast_index window, dc_fast_index plane,
                        int64_t planes, region *r)
{
    r->planes = planes;
    r->is_empty = false;
    for (int a = 0; a < DC_FAST_AXES; a++) {
        const dc_fast_axis *const x = &p->axis[a];
        const dc_fast_window *const v = &x->window[window.at[a]];

        r->at[a] = range_of(x, (m.at[a] + v->low) * x->in_step +
                                   x->residue[v->plane + plane.at[a]]);
        r->is_empty |= a < W && r->at[a].first >= r->at[a].end;
    }
    for (int64_t n = 0; n < planes; n++)
        r->plane[n] = range_of(&p->axis[W], r->at[W].begin + n);
    r->at[W].end = dc_fast_max(r->plane[planes - 1].end, r->at[W].first);
}

/* Copies the elements of single planes beyond the range that all share. */
static void load_ends(const conv_job *j, REAL *to, const REAL *src,
                      int64_t lines, const region *r)
{
    const dc_fast_plan *const p = j->plan;
    const dc_fast_axis *const h = &p->axis[H];
    const dc_fast_axis *const w = &p->axis[W];

    for (int64_t n = 0; n < r->planes; n++)
        for (int64_t m = r->plane[n].first; m < r->plane[n].end; m++) {
            if (m == r->at[W].first)
                m = r->at[W].end;
            for (int64_t l = 0; m < r->plane[n].end && l < lines; l++)
                to[n * p->plane_size + l * j->window_pitch[H] + m] =
                    src[l * h->in_step * h->in_pitch + r->plane[n].begin +
                        m * w->in_step];
        }
}

/* Loads axes h and w from src.  Zeros go around the lines, and behind them
 * because vectors read on: what was there may be subnormal, and subnormals
 * multiply very slowly. */
static void load_area(const conv_job *j, REAL *to, const REAL *src,
                      const region *r)
{
    const dc_fast_plan *const p = j->plan;
    const dc_fast_axis *const h = &p->axis[H];
    const dc_fast_axis *const w = &p->axis[W];
    const range *const y = &r->at[H];
    const range *const x = &r->at[W];
    const int64_t width = j->window_pitch[H];
    const load_desc f = {
        .count = y->end - y->first,
        .before = x->first,
        .n = x->end - x->first,
        .after = width - x->end,
        .pitch = h->in_step * h->in_pitch,
        .step = w->in_step,
        .plane_size = p->plane_size,
        .planes = r->planes,
        .ahead = p->in_pitch,
        .end = j->in + p->in_count,
    };

    for (int64_t n = 0; n < r->planes; n++)
        j->kernels->fill(to + n * p->plane_size, 0, y->first * width);
    src += (y->begin + y->first * h->in_step) * h->in_pitch;
    to += y->first * width;
    j->kernels->copy_lines(to, src + (x->begin + x->first * w->in_step), &f);
    if (r->planes > 1)
        load_ends(j, to, src, f.count, r);
    to += f.count * width;
    for (int64_t n = 0; n < r->planes; n++)
        j->kernels->fill(to + n * p->plane_size, 0,
                         (h->block + h->span - y->end) * width + MAX_LANES);
}

/* Loads a region of one input channel, area by area. */
static void load_region(const conv_job *j, REAL *to, const REAL *in,
                        const region *r)
{
    const dc_fast_plan *const p = j->plan;
    const int64_t area = j->window_pitch[H - 1];
    int64_t count[DC_FAST_AXES] = {[H] = 1, [W] = 1};
    dc_fast_index i = {{0}};

    for (int a = 0; a < H; a++)
        count[a] = p->axis[a].block + p->axis[a].span;
    do {
        int64_t at = 0;
        bool is_outside = r->is_empty;

        for (int a = 0; a < H; a++) {
            is_outside |= i.at[a] < r->at[a].first || i.at[a] >= r->at[a].end;
            at += (r->at[a].begin + i.at[a] * p->axis[a].in_step) *
                  p->axis[a].in_pitch;
        }
        for (int64_t n = 0; is_outside && n < r->planes; n++)
            j->kernels->fill(to + n * p->plane_size, 0, area + MAX_LANES);
        if (!is_outside)
            load_area(j, to, in + at, r);
        to += area;
    } while (dc_fast_next(&i, count));
}

/* Loads the window of the task's block, zeros outside the tensor, for
 * `channels` input channels from `in` on. */
static void load_window(const conv_job *j, const conv_workspace *ws,
                        const REAL *in, int64_t channels, dc_fast_index window)
{
    const dc_fast_plan *const p = j->plan;
    const dc_fast_axis *const w = &p->axis[W];
    const int64_t all = w->window[window.at[W]].planes; /* along w */
    const int64_t together = all == w->in_step ? all : 1;
    int64_t planes[DC_FAST_AXES];
    dc_fast_index plane = {{0}};

    for (int a = 0; a < DC_FAST_AXES; a++)
        planes[a] = p->axis[a].window[window.at[a]].planes;
    planes[W] /= together;
    do {
        REAL *to = ws->window;
        region r;

        find_region(p, ws->m, window, plane, together, &r);
        for (int a = 0; a < DC_FAST_AXES; a++)
            to += plane.at[a] * j->plane_pitch[a];
        for (int64_t c = 0; c < channels; c++)
            load_region(j, to + c * p->window_size, in + c * p->in_pitch, &r);
    } while (dc_fast_next(&plane, planes));
}

/* Fills b_offset[], the offset in the window of each row of B: [channel][tap]
 * of a product. */
static void find_b_offsets(const conv_job *j, const product *r,
                           dc_fast_index window, int32_t *b_offset)
{
    const dc_fast_plan *const p = j->plan;
    int64_t count[DC_FAST_AXES];
    dc_fast_index t = {{0}};
    int64_t k = 0;

    for (int a = 0; a < DC_FAST_AXES; a++)
        count[a] = r->tap_group[a]->taps;
    do {
        int64_t at = 0;

        for (int a = 0; a < DC_FAST_AXES; a++) {
            const dc_fast_axis *const x = &p->axis[a];
            const dc_fast_window *const v = &x->window[window.at[a]];
            const dc_fast_tap *const tap =
                &x->tap[r->tap_group[a]->first + t.at[a]];

            at += (tap->plane - v->plane) * j->plane_pitch[a] +
                  (tap->shift - v->low) * j->window_pitch[a];
        }
        b_offset[k++] = (int32_t)at;
    } while (dc_fast_next(&t, count));
    for (; k < p->in_chunk * r->taps; k++)
        b_offset[k] = b_offset[k - r->taps] + (int32_t)p->window_size;
}

#endif

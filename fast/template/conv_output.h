/* SPDX-License-Identifier: MIT
 *
 * The sums of forward and grad_input on their way from C, whose rows are
 * (channel, phase) and whose columns are positions, to the result, where phases
 * are interleaved.  A template over REAL, see kernels.h.
 */
#ifndef DC_FAST_TEMPLATE_CONV_OUTPUT_H
#define DC_FAST_TEMPLATE_CONV_OUTPUT_H

#include "fast/template/conv_types.h"

static REAL bias_of(const conv_job *j, int64_t channel)
{
    return j->b ? j->b[channel] : 0;
}

/* Fills C with the bias of its channels. */
static void init_sums(const conv_job *j, const conv_workspace *ws)
{
    const dc_fast_plan *const p = j->plan;
    int64_t groups[DC_FAST_AXES];
    dc_fast_index group = {{0}};
    REAL *c = ws->c;

    for (int a = 0; a < DC_FAST_AXES; a++)
        groups[a] = p->axis[a].phase_groups;
    do {
        int64_t size = p->c_pitch;

        for (int a = 0; a < DC_FAST_AXES; a++)
            size *= p->axis[a].phase_group[group.at[a]].phases;
        for (int64_t n = 0; n < ws->channels; n++, c += size)
            j->kernels->fill(c, bias_of(j, ws->channel + n), size);
    } while (dc_fast_next(&group, groups));
}

/* The bias of each row of a product, for gemm_desc.init. */
static const REAL *init_rows(const conv_job *j, const conv_workspace *ws,
                             int64_t phases)
{
    for (int64_t n = 0; n < ws->channels * phases; n++)
        ws->init[n] = bias_of(j, ws->channel + n / phases);
    return ws->init;
}

/* Copies lines of C to the result: f->n whole steps of all phases, and `tail`
 * outputs of the next step. */
static void store_lines(const conv_job *j, const conv_workspace *ws,
                        const store_desc *f, int64_t tail, REAL *out)
{
    const dc_fast_axis *const w = &j->plan->axis[W];
    const bool all = w->phases == w->out_step;

    if (all)
        j->kernels->interleave(out, ws->rows, w->phases, f);
    for (int64_t l = 0; l < f->lines && (!all || tail); l++)
        for (int64_t n = 0; n < w->phases; n++) {
            const int64_t r = w->phase[n].residue;

            for (int64_t m = all ? f->n : 0; m < f->n + (r < tail); m++)
                out[f->place[l] + m * w->out_step + r] =
                    ws->rows[n][f->column[l] + m];
        }
}

/* Is line l of the block, moved by `residue`, inside the result? */
static bool is_inside(const conv_job *j, dc_fast_index m, int64_t l,
                      const int64_t residue[W])
{
    for (int a = W; a-- > 0;) {
        const dc_fast_axis *const x = &j->plan->axis[a];

        if ((m.at[a] + l % x->block) * x->out_step + residue[a] >= x->out)
            return false;
        l /= x->block;
    }
    return true;
}

/* Stores the lines of channel n of the block and of one phase of each axis but
 * w.  `lines` are the lines of the block, `tail` is as in store_lines. */
static void store_rows(const conv_job *j, const conv_workspace *ws, int64_t n,
                       dc_fast_index group, dc_fast_index phase,
                       const store_desc *lines, int64_t tail)
{
    const dc_fast_plan *const p = j->plan;
    const dc_fast_axis *const w = &p->axis[W];
    const dc_fast_phase_group *groups[DC_FAST_AXES];
    int64_t residue[W];
    int64_t row = n;
    int64_t rows = 0;
    REAL *out = ws->out + n * p->out_pitch;
    bool is_cropped = false;
    store_desc f = *lines;

    for (int a = 0; a < W; a++) {
        const dc_fast_axis *const x = &p->axis[a];

        groups[a] = &x->phase_group[group.at[a]];
        row = row * groups[a]->phases + phase.at[a];
        residue[a] = x->phase[groups[a]->first + phase.at[a]].residue;
        out += residue[a] * x->out_pitch;
        is_cropped |=
            (ws->m.at[a] + x->block - 1) * x->out_step + residue[a] >= x->out;
    }
    for (int64_t g = 0; g < w->phase_groups; g++) {
        groups[W] = &w->phase_group[g];

        const REAL *const c = ws->c + (first_row(p, groups) * ws->channels +
                                       row * groups[W]->phases) *
                                          p->c_pitch;

        for (int64_t i = 0; i < groups[W]->phases; i++)
            ws->rows[rows++] = c + i * p->c_pitch;
    }
    if (!is_cropped) {
        store_lines(j, ws, &f, tail, out);
        return;
    }
    f.lines = 1;
    for (int64_t l = 0; l < lines->lines; l++, f.place++, f.column++)
        if (is_inside(j, ws->m, l, residue))
            store_lines(j, ws, &f, tail, out);
}

/* Are the rows of C, column by column, lines of the result? */
static bool is_contiguous(const conv_job *j, dc_fast_index m)
{
    const dc_fast_plan *const p = j->plan;

    for (int a = 0; a < DC_FAST_AXES; a++)
        if (p->axis[a].out_step != 1 ||
            m.at[a] + p->axis[a].block > p->axis[a].out)
            return false;
    return p->layout == DC_FAST_PACKED &&
           j->tables.place[j->lines - 1] == (j->lines - 1) * p->axis[W].block;
}

/* If a block has one product only, can this product write to the result, so
 * that C is not needed? */
static bool is_direct(const conv_job *j, dc_fast_index m)
{
    const dc_fast_plan *const p = j->plan;

    return p->in_chunk == p->in_channels && is_contiguous(j, m) &&
           j->lines * p->axis[W].block % j->kernels->lanes == 0;
}

/* Stores C in the result. */
static void store_sums(const conv_job *j, const conv_workspace *ws)
{
    const dc_fast_plan *const p = j->plan;
    const dc_fast_axis *const w = &p->axis[W];
    const int64_t count =
        dc_fast_min(w->block * w->out_step, w->out - ws->m.at[W] * w->out_step);
    store_desc f = {j->lines, count / w->out_step, p->out_pitch,
                    j->tables.place, j->tables.column};
    int64_t groups[DC_FAST_AXES] = {[W] = 1};
    dc_fast_index group = {{0}};

    if (is_contiguous(j, ws->m)) {
        f.lines = 1;
        f.n = j->lines * w->block;
        for (int64_t n = 0; n < ws->channels; n++) {
            ws->rows[0] = ws->c + n * p->c_pitch;
            j->kernels->interleave(ws->out + n * p->out_pitch, ws->rows, 1, &f);
        }
        return;
    }
    for (int a = 0; a < W; a++)
        groups[a] = p->axis[a].phase_groups;
    do {
        int64_t phases[DC_FAST_AXES] = {[W] = 1};

        for (int a = 0; a < W; a++)
            phases[a] = p->axis[a].phase_group[group.at[a]].phases;
        for (int64_t n = 0; n < ws->channels; n++) {
            dc_fast_index phase = {{0}};

            do
                store_rows(j, ws, n, group, phase, &f,
                           count - f.n * w->out_step);
            while (dc_fast_next(&phase, phases));
        }
    } while (dc_fast_next(&group, groups));
}

/* Stores the bias everywhere in the block, for outputs that meet no tap. */
static void store_bias(const conv_job *j, const conv_workspace *ws)
{
    const dc_fast_plan *const p = j->plan;
    int64_t count[DC_FAST_AXES];

    for (int a = 0; a < DC_FAST_AXES; a++) {
        const dc_fast_axis *const x = &p->axis[a];

        count[a] = dc_fast_min(x->block * x->out_step,
                               x->out - ws->m.at[a] * x->out_step);
    }

    const int64_t width = count[W];

    count[W] = 1;
    for (int64_t n = 0; n < ws->channels; n++) {
        dc_fast_index o = {{0}};

        do {
            REAL *to = ws->out + n * p->out_pitch;

            for (int a = 0; a < W; a++)
                to += o.at[a] * p->axis[a].out_pitch;
            for (int64_t i = 0; i < width; i++)
                to[i] = bias_of(j, ws->channel + n);
        } while (dc_fast_next(&o, count));
    }
}

#endif

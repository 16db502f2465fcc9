/* SPDX-License-Identifier: MIT
 *
 * Which elements of x, w and y take part in the same product?  Computed once
 * per call, from the geometry alone, axis by axis, with the mutant's mistakes.
 */
#include "oracle/mutants/mutant_triples.h"

#include <stdlib.h>

#include "ref/integer.h"

const int dc_triples_result[DC_OPS] = {IN_Y, IN_X, IN_W, IN_Y};

int64_t dc_triples_rule(dc_axis_rule *rule, const dc_problem *p, int a,
                        int64_t right)
{
    return rule ? rule(p, a) : right;
}

bool dc_triples_below(const dc_problem *p, dc_axis_rule *rule, int64_t o)
{
    for (int a = p->rank - 1; a >= 0; a--) {
        if (o % p->o[a] >= dc_triples_rule(rule, p, a, p->o[a]))
            return false;
        o /= p->o[a];
    }
    return true;
}

int64_t dc_triples_part(const dc_work *k, dc_size q, int64_t at)
{
    const int64_t past = k->m->least - 1;

    if (k->m->of != q || at < past)
        return at;
    return k->m->sum & DC_PAST_LOST      ? -1
           : k->m->sum & DC_PAST_WRAPPED ? at % past
                                         : at;
}

int64_t dc_triples_position(const dc_work *k, int64_t o)
{
    const dc_problem *const p = k->p;
    int64_t moved = 0;
    int64_t pitch = 1;

    for (int a = p->rank - 1; a >= 0; a--) {
        const int64_t at = dc_triples_part(k, DC_OF_O, o % p->o[a]);

        if (at < 0)
            return -1;
        moved += at * pitch;
        pitch *= p->o[a];
        o /= p->o[a];
    }
    return dc_triples_part(k, DC_OF_POSITIONS, moved);
}

/* Output position of input j and tap t on axis a, or -1 outside. */
static int64_t output_of(const dc_work *k, int a, int64_t j, int64_t t)
{
    const dc_problem *const p = k->p;
    const int64_t s = dc_triples_rule(k->m->s, p, a, p->s[a]);
    const int64_t d = dc_triples_rule(k->m->d, p, a, p->d[a]);
    const int64_t pb = dc_triples_rule(k->m->pb, p, a, p->pb[a]);
    const int64_t end = dc_triples_rule(k->m->ends, p, a, p->o[a]);
    int64_t o = j * s - pb + t * d;

    if (k->m->index & DC_PHASE_BY_TAP)
        o = j * s - pb + t * d / s * s + t % s;
    if (k->m->index & DC_CONVOLUTION) {
        o = j + pb - t * d;
        if (o % s != 0)
            return -1;
        o /= s;
    }
    return o < end ? o : -1;
}

/* Elements of a row: the extent of axis a; with the mistake, h's for w. */
static int64_t pitch(const dc_work *k, dc_index_flags mistake,
                     const int64_t *extent, int a)
{
    const bool other = k->m->index & mistake && a > 0 && a == k->p->rank - 1;

    return extent[a - other];
}

/* Combines the triples of axis a with every triple of the axes before it. */
static dc_status add_axis(dc_work *k, int a)
{
    const dc_problem *const p = k->p;
    const int64_t taps = dc_triples_rule(k->m->taps, p, a, p->k[a]);
    const int64_t most = p->i[a] * taps;
    dc_triple *const own =
        most > DC_TRIPLES_MAX ? NULL : calloc((size_t)most + 1, sizeof *own);
    dc_triple *all = NULL;
    int64_t count = 0;

    const int64_t used =
        dc_min(dc_triples_rule(k->m->used, p, a, p->i[a]), p->i[a]);

    for (int64_t j = 0; own && j < used; j++)
        for (int64_t t = 0; t < taps; t++) {
            const int64_t o = output_of(k, a, j, t);
            const bool back = dc_triples_rule(k->m->mirror, p, a, 0) != 0;
            const int64_t tap = back ? p->k[a] - 1 - t : t;

            const int64_t from = dc_triples_part(k, DC_OF_I, j);
            const int64_t by = dc_triples_part(k, DC_OF_K, tap);

            if (o >= 0 && from >= 0 && by >= 0)
                own[count++] = (dc_triple){{from, by * k->tap[a], o}};
        }
    const int64_t total = k->n_triples * count;
    const int64_t row_of_x = pitch(k, DC_X_PITCH, p->i, a);
    const int64_t row_of_y = pitch(k, DC_Y_PITCH, p->o, a);

    if (own && total <= DC_TRIPLES_MAX)
        all = calloc((size_t)total + 1, sizeof *all);
    for (int64_t e = 0; all && e < total; e++) {
        const int64_t *const u = k->triples[e / count].at;
        const int64_t *const v = own[e % count].at;

        all[e] = (dc_triple){{u[IN_X] * row_of_x + v[IN_X], u[IN_W] + v[IN_W],
                              u[IN_Y] * row_of_y + v[IN_Y]}};
    }
    free(own);
    if (!all)
        return DC_NOMEM;
    free(k->triples);
    k->triples = all;
    k->n_triples = total;
    return DC_OK;
}

dc_status dc_triples_find(dc_work *k)
{
    const dc_problem *const p = k->p;
    const int result = dc_triples_result[k->op];
    const int64_t spread = result == IN_W ? k->spread : 1;
    dc_status status = DC_OK;
    int64_t kept = 0;

    k->triples = calloc(1, sizeof *k->triples);
    k->n_triples = 1;
    if (!k->triples)
        return DC_NOMEM;
    for (int a = 0; a < p->rank && status == DC_OK; a++)
        status = add_axis(k, a);
    k->hits = calloc((size_t)(k->plane[result] * spread) + 1, sizeof *k->hits);
    if (status != DC_OK || !k->hits)
        return DC_NOMEM;
    for (int64_t e = 0; e < k->n_triples; e++) {
        int64_t *const at = k->triples[e].at;

        /* a mistaken pitch may leave the plane: wrap around */
        at[IN_X] %= k->plane[IN_X];
        at[IN_Y] = dc_triples_position(k, at[IN_Y] % k->plane[IN_Y]);
        at[IN_W] = dc_triples_part(k, DC_OF_TAPS, at[IN_W]);
        if (at[IN_Y] < 0 || at[IN_W] < 0)
            continue;
        k->triples[kept++] = k->triples[e];
        k->hits[at[result]]++;
    }
    k->n_triples = kept;
    return DC_OK;
}

/* SPDX-License-Identifier: MIT
 *
 * The results of several calls are compared with the right ones; a pattern is
 * reported if it holds for all, or nearly all, of them.
 */
#include "oracle/explain/diagnosis.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/data/data.h"
#include "oracle/explain/layouts.h"
#include "oracle/truth/truth.h"
#include "ref/format.h"

/* A result and the right one.  The spatial axes are the last ones; grad_bias
 * has none. */
typedef struct {
    const dc_case *c;
    dc_op op;
    int64_t count; /* elements */
    int axes;
    int first_spatial;
    int64_t shape[5];
    double *got;
    double *want;
} comparison;

static int spatial_axes(const comparison *v)
{
    return v->axes - v->first_spatial;
}

static bool differ(double a, double b)
{
    return !(a == b || (isnan(a) && isnan(b)));
}

/* ==== Regions of a result ================================================ */

/* A region that defects favour, and whether an element is inside. */
typedef struct {
    const char *words;
    bool by_axis; /* there is one for each spatial axis */
    bool inside;
} region;

enum { REGIONS = 12 };

/* Does any tap of axis a put a product at this position of y? */
static bool tap_lands(const dc_problem *p, int a, int64_t position)
{
    for (int64_t t = 0; t < p->k[a]; t++) {
        const int64_t from = position + p->pb[a] - t * p->d[a];

        if (from >= 0 && from % p->s[a] == 0 && from / p->s[a] < p->i[a])
            return true;
    }
    return false;
}

/* Lists all regions, for every element in the same order.  Those by axis are
 * the ones of spatial axis a; the others do not depend on a. */
static void list_regions(const comparison *v, const int64_t at[5], int a,
                         region list[REGIONS])
{
    const dc_problem *const p = &v->c->p;
    const bool has_axes = spatial_axes(v) > 0;
    const bool y = v->op == DC_FORWARD;
    const bool batch = (y || v->op == DC_GRAD_INPUT) && v->first_spatial == 2;
    const bool of_input = v->op == DC_GRAD_INPUT || v->op == DC_GRAD_WEIGHT;
    const int64_t per_group = (of_input ? p->ci : p->co) / p->g;
    const int64_t group = at[batch ? 1 : 0] / per_group;
    const int64_t channel = at[batch ? 1 : 0] % per_group;
    const int64_t position = has_axes ? at[v->first_spatial + a] : 0;
    const int64_t end = has_axes ? v->shape[v->first_spatial + a] - 1 : 0;
    const bool between = y && (position + p->pb[a]) % p->s[a] != 0;
    const region all[REGIONS] = {
        {"in batch items after the first", false, batch && at[0] > 0},
        {"in the last group", false, p->g > 1 && group == p->g - 1},
        {"in groups after the first", false, group > 0},
        {"in channels past a multiple of 8", false,
         channel >= per_group / 8 * 8},
        {"in channels past a multiple of 4", false,
         channel >= per_group / 4 * 4},
        {"in the last op positions", true, y && position >= p->o[a] - p->op[a]},
        {"from floor(o/s)*s on", true,
         y && position >= p->o[a] / p->s[a] * p->s[a]},
        {"at the begin", true, has_axes && position == 0},
        {"at the end", true, has_axes && position == end},
        {"where no tap lands", true, y && !tap_lands(p, a, position)},
        {"in the phases between inputs", true, between},
        {"in the phase of the inputs", true, y && p->s[a] > 1 && !between},
    };

    memcpy(list, all, sizeof all);
}

/* ==== Sums over the results ============================================== */

/* Displacements by -4..4 on each of d, h, w, numbered in base 9. */
enum { DISPLACEMENTS = 9 * 9 * 9, NO_DISPLACEMENT = DISPLACEMENTS / 2 };

/* Counts over all results; the axes of a region are d, h, w. */
typedef struct {
    int64_t wrong; /* elements */
    int64_t right;
    region regions[REGIONS]; /* of the element counted last, for their words */
    int64_t wrong_in[REGIONS][3];
    int64_t right_in[REGIONS][3];
    int64_t zero; /* wrong elements that are 0 */
    int64_t nan;  /* wrong elements that are a NaN */
    int results;
    int permuted; /* results with the right values in other places */
    int scaled;   /* results that are `factor` times the right one */
    double factor;
    int displaced[DISPLACEMENTS]; /* results that a displacement explains */
    dc_layouts layouts;
} counts;

static void count_element(counts *n, const comparison *v, int64_t e)
{
    const bool wrong = differ(v->got[e], v->want[e]);
    const int rank = spatial_axes(v);
    int64_t at[5];

    dc_result_split(e, v->shape, v->axes, at);
    n->wrong += wrong;
    n->right += !wrong;
    n->zero += wrong && v->got[e] == 0;
    n->nan += wrong && isnan(v->got[e]);
    for (int a = 0; a == 0 || a < rank; a++) {
        list_regions(v, at, a, n->regions);
        for (int r = 0; r < REGIONS; r++) {
            const int axis = n->regions[r].by_axis ? 3 - rank + a : 0;

            if (n->regions[r].inside && (n->regions[r].by_axis || a == 0))
                (wrong ? n->wrong_in : n->right_in)[r][axis]++;
        }
    }
}

static bool is_permuted(const comparison *v)
{
    const size_t n = (size_t)v->count;
    double *const sorted = malloc(2 * n * sizeof *sorted + 1);
    bool same = sorted != NULL;

    if (sorted) {
        memcpy(sorted, v->got, n * sizeof *sorted);
        memcpy(sorted + n, v->want, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, dc_format_by_value);
        qsort(sorted + n, n, sizeof *sorted, dc_format_by_value);
    }
    for (size_t e = 0; e < n && same; e++)
        same = sorted[e] == sorted[n + e];
    free(sorted);
    return same;
}

/* Is got = factor * want for at least two elements that are not 0? */
static bool is_scaled(const comparison *v, double *factor)
{
    int64_t compared = 0;

    for (int64_t e = 0; e < v->count; e++) {
        if (v->want[e] == 0 && v->got[e] == 0)
            continue;
        if (compared++ == 0)
            *factor = v->got[e] / v->want[e];
        if (differ(v->got[e], *factor * v->want[e]))
            return false;
    }
    return compared > 1 && isfinite(*factor) && *factor != 0;
}

/* Component of a displacement on axis 0 (d), 1 (h) or 2 (w). */
static int component(int displacement, int axis)
{
    static const int weights[] = {81, 9, 1};

    return displacement / weights[axis] % 9 - 4;
}

/* Is got[o] = want[o + displacement] wherever both exist, and more than two
 * of these values not 0? */
static bool is_displaced(const comparison *v, int displacement)
{
    const int rank = spatial_axes(v);
    int64_t compared = 0;

    for (int a = 0; a < 3 - rank; a++)
        if (component(displacement, a) != 0)
            return false;
    for (int64_t e = 0; e < v->count; e++) {
        int64_t from = 0;
        int64_t at[5];
        bool inside = true;

        dc_result_split(e, v->shape, v->axes, at);
        for (int a = 0; a < v->axes; a++) {
            const int spatial = a - v->first_spatial;

            if (spatial >= 0)
                at[a] += component(displacement, 3 - rank + spatial);
            inside &= at[a] >= 0 && at[a] < v->shape[a];
            from = from * v->shape[a] + at[a];
        }
        if (!inside)
            continue;
        if (differ(v->got[e], v->want[from]))
            return false;
        compared += v->want[from] != 0;
    }
    return compared > 2;
}

static void count_result(counts *n, const comparison *v)
{
    double factor = 0;

    n->results++;
    for (int64_t e = 0; e < v->count; e++)
        count_element(n, v, e);
    n->permuted += is_permuted(v);
    if (is_scaled(v, &factor) && (n->scaled == 0 || n->factor == factor)) {
        n->factor = factor;
        n->scaled++;
    }
    for (int k = 0; k < DISPLACEMENTS && spatial_axes(v) > 0; k++)
        n->displaced[k] += is_displaced(v, k);
}

/* Calls op of the case again and counts its result, if there is one. */
static dc_status count_case(counts *n, const dc_case *c, dc_op op,
                            dc_endpoint *end, dc_error *e)
{
    comparison v = {.c = c, .op = op};
    dc_truth t;
    dc_answer a;
    double *values = NULL;
    dc_status status = dc_truth_open(&t, c, e);

    if (status != DC_OK)
        return status;
    v.count = t.count[op];
    v.axes = dc_problem_shape(&c->p, dc_ops[op].out, v.shape);
    v.first_spatial = op == DC_GRAD_BIAS ? 1 : v.axes - c->p.rank;
    /* two results as the endpoint writes them, then got and want */
    values = malloc((size_t)v.count * 4 * sizeof *values + 1);
    if (!values)
        status = dc_nomem(e);
    if (status == DC_OK) {
        void *const results[2] = {values, values + v.count};

        v.got = values + 2 * v.count;
        v.want = values + 3 * v.count;
        status = dc_endpoint_call(end, c, op, t.tensors, results, &a, e);
    }
    if (status == DC_OK && a.outcome == DC_ANSWERED && a.runs > 0) {
        dc_format_decode(c->p.dtype, values, v.count, v.got);
        status = dc_ref_run(&c->p, op, t.tensors, values);
        if (status == DC_OK) {
            dc_format_decode(c->p.dtype, values, v.count, v.want);
            count_result(n, &v);
            status = dc_layouts_try(&n->layouts, &c->p, op, t.tensors, v.got);
        }
    }
    free(values);
    dc_truth_close(&t);
    return status;
}

/* ==== Facts ============================================================== */

/* The region that holds all wrong elements and the fewest right ones, if
 * these are less than a third of all right ones. */
static void add_region(const counts *n, dc_diagnosis *d)
{
    int best = -1;
    int axis = 0;

    for (int r = 0; r < REGIONS; r++)
        for (int a = 0; a < 3; a++)
            if (n->wrong_in[r][a] == n->wrong &&
                n->right_in[r][a] * 3 < n->right &&
                (best < 0 || n->right_in[r][a] < n->right_in[best][axis])) {
                best = r;
                axis = a;
            }
    if (best >= 0)
        dc_diagnosis_add_fact(d,
                              "all %" PRId64
                              " wrong elements lie %s%s%.1s; right ones there: "
                              "%" PRId64 " of %" PRId64,
                              n->wrong, n->regions[best].words,
                              n->regions[best].by_axis ? " of " : "",
                              n->regions[best].by_axis ? &"dhw"[axis] : "",
                              n->right_in[best][axis], n->right);
}

static void add_contents(const counts *n, dc_diagnosis *d)
{
    if (n->zero == n->wrong)
        dc_diagnosis_add_fact(d, "every wrong element is 0");
    if (n->nan == n->wrong)
        dc_diagnosis_add_fact(d, "every wrong element is a NaN");
    if (n->permuted == n->results && n->zero < n->wrong)
        dc_diagnosis_add_fact(
            d, "the right numbers are all there, in other places");
    if (n->scaled == n->results && n->factor != 1)
        dc_diagnosis_add_fact(d, "every result is %.9g times the right one",
                              n->factor);
}

/* The displacement that explains most results, if it explains four fifths. */
static void add_displacement(const counts *n, int rank, dc_diagnosis *d)
{
    int best = NO_DISPLACEMENT;

    for (int k = 0; k < DISPLACEMENTS; k++)
        if (k != NO_DISPLACEMENT &&
            n->displaced[k] >
                (best == NO_DISPLACEMENT ? 0 : n->displaced[best]))
            best = k;
    if (best == NO_DISPLACEMENT || n->displaced[best] * 5 < n->results * 4)
        return;
    if (rank == 1)
        dc_diagnosis_add_fact(
            d, "the results are displaced: %+d on w gives the right place",
            component(best, 2));
    else
        dc_diagnosis_add_fact(
            d,
            "the results are displaced: (%+d, %+d, %+d) on d, h, w gives "
            "the right place",
            component(best, 0), component(best, 1), component(best, 2));
}

static void add_layouts(const counts *n, dc_op op, dc_diagnosis *d)
{
    char text[DC_LAYOUTS_TEXT];

    dc_layouts_say(&n->layouts, op, text);
    if (text[0] && !d->cause[0])
        snprintf(d->cause, sizeof d->cause, "order of axes in memory: %s",
                 text);
}

dc_status dc_diagnosis_add_patterns(dc_diagnosis *d, const dc_op_sample *sample,
                                    dc_op op, dc_endpoint *end, dc_error *e)
{
    enum { RESULTS = 24, ELEMENTS = 4000 };
    const int64_t step = 1 + sample->failures_kept / (4 * RESULTS);
    counts *const n = calloc(1, sizeof *n);
    dc_status status = n ? DC_OK : dc_nomem(e);
    int rank = 1;

    for (int64_t f = 0;
         f < sample->failures_kept && status == DC_OK && n->results < RESULTS;
         f += step) {
        const dc_failure *const failure = &sample->failures[f];
        const dc_case *const c = &failure->c;

        if (!failure->has_value || !dc_data_exact(c->family, op) ||
            dc_problem_count(&c->p, dc_ops[op].out) > ELEMENTS)
            continue;
        rank = c->p.rank > rank ? c->p.rank : rank;
        status = count_case(n, c, op, end, e);
    }
    if (status == DC_OK && n->wrong > 0) {
        add_region(n, d);
        add_contents(n, d);
        add_displacement(n, rank, d);
        add_layouts(n, op, d);
    }
    free(n);
    return status;
}

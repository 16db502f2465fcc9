/* SPDX-License-Identifier: MIT
 *
 * The products of each element are listed once; every way adds them.
 */
#include "oracle/checkers/correct.h"

#include <math.h>
#include <stdlib.h>

#include "ref/format.h"
#include "ref/gather.h"

/* v in the accumulator: f64 for f64, f32 for the others. */
static double in_acc(int dtype, double v)
{
    return dtype == DC_F64 ? v : (double)(float)v;
}

static double product(const dc_products *p, int64_t k)
{
    return in_acc(p->dtype, p->a[k] * p->b[k]);
}

static double add(const dc_products *p, double a, double b)
{
    return in_acc(p->dtype, a + b);
}

/* ==== Ways to add ======================================================== */

static double serial(const dc_products *p)
{
    double sum = 0;

    for (int64_t k = 0; k < p->count; k++)
        sum = add(p, sum, product(p, k));
    return add(p, sum, p->bias);
}

static double bias_first(const dc_products *p)
{
    double sum = p->bias;

    for (int64_t k = 0; k < p->count; k++)
        sum = add(p, sum, product(p, k));
    return sum;
}

static double reversed(const dc_products *p)
{
    double sum = 0;

    for (int64_t k = p->count - 1; k >= 0; k--)
        sum = add(p, sum, product(p, k));
    return add(p, sum, p->bias);
}

static double tree(const dc_products *p, int64_t from, int64_t count)
{
    if (count < 2)
        return count == 0 ? 0 : product(p, from);
    return add(p, tree(p, from, count / 2),
               tree(p, from + count / 2, count - count / 2));
}

static double pairwise(const dc_products *p)
{
    return add(p, tree(p, 0, p->count), p->bias);
}

/* Interleaved sums, as vector registers hold them, then their sum. */
static double in_lanes(const dc_products *p)
{
    enum { LANES = 8 };
    double lane[LANES] = {0};
    double sum = 0;

    for (int64_t k = 0; k < p->count; k++)
        lane[k % LANES] = add(p, lane[k % LANES], product(p, k));
    for (int k = 0; k < LANES; k++)
        sum = add(p, sum, lane[k]);
    return add(p, sum, p->bias);
}

/* Blocks of 32 products, then the sum of the blocks. */
static double blocked(const dc_products *p)
{
    enum { BLOCK = 32 };
    double sum = 0;

    for (int64_t at = 0; at < p->count; at += BLOCK) {
        double part = 0;

        for (int64_t k = at; k < p->count && k < at + BLOCK; k++)
            part = add(p, part, product(p, k));
        sum = add(p, sum, part);
    }
    return add(p, sum, p->bias);
}

static double kahan(const dc_products *p)
{
    double sum = 0;
    double lost = 0;

    for (int64_t k = 0; k <= p->count; k++) {
        const double v = k < p->count ? product(p, k) : p->bias;
        const double y = add(p, v, -lost);
        const double t = add(p, sum, y);

        lost = add(p, add(p, t, -sum), -y);
        sum = t;
    }
    return sum;
}

static double in_double(const dc_products *p)
{
    double sum = 0;

    for (int64_t k = 0; k < p->count; k++)
        sum += p->a[k] * p->b[k];
    return sum + p->bias;
}

static double fused(const dc_products *p)
{
    double sum = 0;

    for (int64_t k = 0; k < p->count; k++)
        sum = p->dtype == DC_F64
                  ? fma(p->a[k], p->b[k], sum)
                  : (double)fmaf((float)p->a[k], (float)p->b[k], (float)sum);
    return add(p, sum, p->bias);
}

/* The bias is added to the stored result, as libraries do in a second pass. */
static double bias_on_stored(const dc_products *p)
{
    dc_products without = *p;

    without.bias = 0;
    return add(p, dc_format_round(p->dtype, serial(&without)), p->bias);
}

/* f16 and bf16 rounded at every step. */
static double narrow(const dc_products *p)
{
    const bool half = p->dtype == DC_F16 || p->dtype == DC_BF16;
    double sum = 0;

    for (int64_t k = 0; half && k < p->count; k++)
        sum = dc_format_round(p->dtype, sum + product(p, k));
    return half ? sum + p->bias : serial(p);
}

const dc_correct dc_corrects[] = {
    {"serial", serial, false},
    {"bias first", bias_first, false},
    {"reversed", reversed, false},
    {"pairwise", pairwise, false},
    {"eight lanes", in_lanes, false},
    {"blocks of 32", blocked, false},
    {"Kahan", kahan, false},
    {"binary64 sums", in_double, false},
    {"FMA", fused, false},
    {"bias on the stored result", bias_on_stored, false},
    {"sums in the storage type", narrow, true},
};

const int dc_corrects_count = sizeof dc_corrects / sizeof *dc_corrects;

/* ==== All elements ======================================================= */

/* The factors of the element under way. */
typedef struct {
    const double *u, *v; /* the tensors of the factors; v NULL: one factor */
    double *a, *b;
    int64_t count;
} list;

static void visit(void *state, int64_t a, int64_t b)
{
    list *const l = state;

    l->a[l->count] = l->u[a];
    l->b[l->count++] = b < 0 ? 1 : l->v[b];
}

static double *decoded(const dc_problem *p, const void *tensor, dc_tensor t)
{
    const int64_t n = tensor ? dc_problem_count(p, t) : 0;
    double *const v = calloc((size_t)n + 1, sizeof *v);

    if (v && n)
        dc_format_decode(p->dtype, tensor, n, v);
    return v;
}

static void add_element(const dc_products *p, dc_correct_results *r, int64_t e)
{
    double exact = p->bias;
    double scale = fabs(p->bias);

    for (int64_t k = 0; k < p->count; k++) {
        exact += p->a[k] * p->b[k];
        scale += fabs(p->a[k] * p->b[k]);
    }
    r->exact[e] = exact;
    r->scale[e] = scale;
    for (int k = 0; k < dc_corrects_count; k++)
        r->got[k][e] = dc_format_round(p->dtype, dc_corrects[k].sum(p));
}

static dc_status allocate(dc_correct_results *r)
{
    const size_t room = (size_t)r->count + 1;

    r->got = calloc((size_t)dc_corrects_count, sizeof *r->got);
    r->exact = calloc(room, sizeof *r->exact);
    r->scale = calloc(room, sizeof *r->scale);
    if (!r->got || !r->exact || !r->scale)
        return DC_NOMEM;
    for (int k = 0; k < dc_corrects_count; k++) {
        r->got[k] = calloc(room, sizeof *r->got[k]);
        if (!r->got[k])
            return DC_NOMEM;
    }
    return DC_OK;
}

dc_status dc_correct_run(const dc_problem *problem, dc_op op,
                         const void *const tensors[DC_TENSORS],
                         dc_correct_results *r)
{
    const dc_problem p = dc_problem_lift(problem);
    const dc_tensor *const factors = dc_gather_factors[op];
    const size_t most = (size_t)dc_gather_terms_max(&p, op) + 1;
    double *const u = decoded(&p, tensors[factors[0]], factors[0]);
    double *const v = decoded(&p, tensors[factors[1]], factors[1]);
    double *const bias = decoded(&p, p.has_bias ? tensors[DC_B] : NULL, DC_B);
    list l = {u, v, calloc(most, sizeof *l.a), calloc(most, sizeof *l.b), 0};
    const int64_t volume = dc_volume(p.o, 3);
    dc_status status;

    *r = (dc_correct_results){.count = dc_problem_count(&p, dc_ops[op].out)};
    status = allocate(r);
    if (!u || !v || !bias || !l.a || !l.b)
        status = DC_NOMEM;
    for (int64_t e = 0; e < r->count && status == DC_OK; e++) {
        dc_products sum = {p.dtype, 0, l.a, l.b, 0};

        l.count = 0;
        dc_gather_element(&p, op, e, visit, &l);
        sum.count = l.count;
        if (op == DC_FORWARD && p.has_bias)
            sum.bias = bias[e / volume % p.co];
        add_element(&sum, r, e);
    }
    free(u);
    free(v);
    free(bias);
    free(l.a);
    free(l.b);
    if (status != DC_OK)
        dc_correct_free(r);
    return status;
}

void dc_correct_free(dc_correct_results *r)
{
    for (int k = 0; r->got && k < dc_corrects_count; k++)
        free(r->got[k]);
    free(r->got);
    free(r->exact);
    free(r->scale);
    *r = (dc_correct_results){.count = 0};
}

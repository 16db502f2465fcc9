/* SPDX-License-Identifier: MIT
 *
 * The grade: errors against the exact value, of the result and of a simulated
 * serial sum.
 */
#include "oracle/truth/grade.h"

#include <math.h>
#include <stdlib.h>

#include "ref/gather.h"

/* A partial sum, rounded to the accumulator after every step.  Each step rounds
 * to binary64 first, which does no harm: binary64 has more than twice f32's
 * bits plus two. */
typedef struct {
    const double *a, *b; /* factors, by index */
    int accumulator;
    double sum;
} serial;

static double rounded(int accumulator, double v)
{
    return accumulator == DC_F64   ? v
           : accumulator == DC_F32 ? (double)(float)v
                                   : dc_format_round(accumulator, v);
}

static void add_product(void *state, int64_t a, int64_t b)
{
    serial *const s = state;
    const double product = b < 0 ? s->a[a] : s->a[a] * s->b[b];

    s->sum = rounded(s->accumulator, s->sum + rounded(s->accumulator, product));
}

static double *decode(const dc_truth *t, dc_tensor k)
{
    return dc_truth_doubles(t, t->tensors[k], dc_problem_count(&t->c.p, k));
}

static double square(double v)
{
    return v * v;
}

dc_status dc_grade_measure(const dc_truth *t, dc_op op, const dc_arithmetic *a,
                           const void *got, dc_grade *g, dc_error *e)
{
    const int dtype = t->c.p.dtype;
    const int accumulator = dc_bound_accumulator(a, dtype);
    const dc_problem p = dc_problem_lift(&t->c.p);
    double *const fa = decode(t, dc_gather_factors[op][0]);
    double *const fb = decode(t, dc_gather_factors[op][1]);
    double *const bias = decode(t, DC_B);
    const bool biased = op == DC_FORWARD && p.has_bias;
    const int64_t block = op == DC_FORWARD ? dc_volume(p.o, 3) : 1;
    const double least = square(dc_formats[dtype].u / 4);
    dc_status status = DC_OK;

    *g = (dc_grade){0, 0, 0, 0};
    if (!fa || !fb || !bias)
        status = dc_nomem(e);
    for (int64_t i = 0; i < t->count[op] && status == DC_OK; i++) {
        const dc_interval *const v = &t->accepted[op][i];
        serial s = {fa, fb, accumulator, 0};

        dc_gather_element(&p, op, i, add_product, &s);
        if (biased)
            s.sum = rounded(accumulator, s.sum + bias[i / block % p.co]);
        s.sum = dc_format_round(dtype, s.sum);
        g->error += square((dc_format_get(dtype, got, i) - v->t) - v->rest);
        g->serial += square((s.sum - v->t) - v->rest);
        g->value += square(v->t);
        g->elements++;
    }
    g->serial = fmax(g->serial, least * g->value);
    if (!isfinite(g->error) || !isfinite(g->serial) || !isfinite(g->value))
        *g = (dc_grade){0, 0, 0, 0};
    free(fa);
    free(fb);
    free(bias);
    return status;
}

void dc_grade_add(dc_grade *to, const dc_grade *from)
{
    to->elements += from->elements;
    to->error += from->error;
    to->serial += from->serial;
    to->value += from->value;
}

double dc_grade_ratio(const dc_grade *g)
{
    return g->error > 0 ? sqrt(g->error / g->serial) : 0;
}

double dc_grade_bits(const dc_grade *g)
{
    return g->error > 0 ? 0.5 * log2(g->value / g->error) : INFINITY;
}

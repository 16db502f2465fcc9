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

/* From one graded element to the next; odd, so that it meets all taps. */
static int64_t step_of(const dc_truth *t, const dc_problem *lifted, dc_op op)
{
    const int64_t terms = dc_max(dc_gather_terms_max(lifted, op), 1);
    const int64_t elements = terms <= 1 << 16 ? dc_max((1 << 17) / terms, 64)
                                              : dc_max((1 << 22) / terms, 4);

    return t->accepted[op] ? 1 : (dc_max(t->count[op] / elements, 1) - 1) | 1;
}

/* Adds the errors of one element. */
static void add_element(const dc_interval *v, double got, double serial_sum,
                        dc_grade *g, double *bounds)
{
    g->error += square((got - v->t) - v->rest);
    g->serial += square((serial_sum - v->t) - v->rest);
    g->value += square(v->t);
    g->elements++;
    *bounds += square(v->bound);
}

/* From sums of squares to units of the rms bound. */
static void scale(dc_grade *g, double least, double bounds)
{
    const double unit = bounds > 0 ? bounds / (double)g->elements : 1;

    g->serial = fmax(g->serial, least * g->value) / unit;
    g->error /= unit;
    g->value /= unit;
    if (!isfinite(g->error) || !isfinite(g->serial) || !isfinite(g->value))
        *g = (dc_grade){0, 0, 0, 0};
}

static dc_status measure(dc_truth *t, dc_op op, const dc_arithmetic *a,
                         const double *const factors[3], const void *got,
                         dc_grade *g, dc_error *e)
{
    const int dtype = t->c.p.dtype;
    const dc_problem p = dc_problem_lift(&t->c.p);
    const bool biased = op == DC_FORWARD && p.has_bias;
    const int64_t block = op == DC_FORWARD ? dc_volume(p.o, 3) : 1;
    const int64_t step = step_of(t, &p, op);
    dc_status status = DC_OK;
    double bounds = 0;

    for (int64_t i = 0; i < t->count[op] && status == DC_OK; i += step) {
        serial s = {factors[0], factors[1], dc_bound_accumulator(a, dtype), 0};
        dc_interval v;

        if (t->accepted[op])
            v = t->accepted[op][i];
        else
            status = dc_truth_interval(t, op, i, a, &v, e);
        if (status != DC_OK)
            break;
        dc_gather_element(&p, op, i, add_product, &s);
        if (biased)
            s.sum =
                rounded(s.accumulator, s.sum + factors[2][i / block % p.co]);
        add_element(&v, dc_format_get(dtype, got, i),
                    dc_format_round(dtype, s.sum), g, &bounds);
    }
    scale(g, square(dc_formats[dtype].u / 4), bounds);
    return status;
}

dc_status dc_grade_measure(dc_truth *t, dc_op op, const dc_arithmetic *a,
                           const void *got, dc_grade *g, dc_error *e)
{
    const dc_tensor *const of = dc_gather_factors[op];
    const bool shortens = a->declared & DC_TF32 && t->c.p.dtype == DC_F32;
    double *const factors[3] = {decode(t, of[0]), decode(t, of[1]),
                                decode(t, DC_B)};
    dc_status status = DC_OK;

    *g = (dc_grade){0, 0, 0, 0};
    if (!factors[0] || !factors[1] || !factors[2])
        status = dc_nomem(e);
    for (int k = 0; k < 2 && shortens && status == DC_OK; k++)
        for (int64_t i = 0; i < dc_problem_count(&t->c.p, of[k]); i++)
            factors[k][i] = dc_format_shorten(factors[k][i], 11, false);
    if (status == DC_OK)
        status = measure(t, op, a, (const double *const *)factors, got, g, e);
    for (int k = 0; k < 3; k++)
        free(factors[k]);
    return status;
}

bool dc_grade_is_unfair(const dc_arithmetic *a)
{
    return a->declared & (DC_TRANSFORM | DC_TRUNCATING);
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

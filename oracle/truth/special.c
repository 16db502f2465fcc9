/* SPDX-License-Identifier: MIT
 *
 * The zero-stuffed footprint, axis by axis: a product is given by a pair of
 * positions on each of three axes, and its factor is a structural zero if it is
 * one on any axis.
 */
#include "oracle/truth/special.h"

#include <math.h>
#include <stdlib.h>

#include "ref/gather.h"
#include "ref/integer.h"

const char *const dc_zero_names[DC_ZEROS] = {"input zero", "kernel zero",
                                             "border zero", "value zero"};

/* The positions of the two factors on one axis; -1: a zero of that class. */
typedef struct {
    int64_t a, b;
    dc_zero class;
} axis_pair;

typedef struct {
    axis_pair *pairs;
    int64_t count;
} axis;

struct dc_special {
    dc_problem p;       /* lifted to rank 3 */
    dc_problem planes;  /* see dc_problem_planes */
    double flush_below; /* smaller magnitudes may be taken for zero */
    bool zero_taps;     /* the kernel may have further taps of zero */
    axis_pair *pairs;   /* working space: three axes of one element */
    int64_t capacity;   /* pairs of one axis */
    const void *tensors[DC_TENSORS];
    bool *nonfinite[DC_TENSORS]; /* by plane: holds NaN or infinities */
    bool some[DC_TENSORS];       /* a plane does */
};

static const int64_t *extent_of(const dc_problem *p, dc_tensor t)
{
    return t == DC_X ? p->i : t == DC_W ? p->k : p->o;
}

/* ==== One axis ========================================================== */

/* The index of the input at position q of the stuffed input, or -1 and the
 * class of the zero that is there. */
static int64_t stuffed(const dc_problem *p, int a, int64_t q, dc_zero *class)
{
    if (q < 0 || q > (p->i[a] - 1) * p->s[a])
        *class = DC_ZERO_BORDER;
    else if (q % p->s[a])
        *class = DC_ZERO_INPUT;
    else
        return q / p->s[a];
    return -1;
}

static void add(axis *x, int64_t a, int64_t b, dc_zero class)
{
    if (a >= 0 || b >= 0) /* zero times zero shows nothing */
        x->pairs[x->count++] = (axis_pair){a, b, class};
}

/* The taps that a kernel may have on axis a, those of zero included. */
static int64_t taps_of(const dc_special *s, int a)
{
    const dc_problem *const p = &s->p;
    const int64_t phases = p->s[a] / dc_gcd(p->s[a], p->d[a]);

    return s->zero_taps ? (p->k[a] + phases - 1) / phases * phases : p->k[a];
}

/* All pairs on axis a for position `at` of the result. */
static void pair_up(const dc_special *s, dc_op op, int a, int64_t at, axis *x)
{
    const dc_problem *const p = &s->p;
    const int64_t reach = p->d[a] * (taps_of(s, a) - 1);

    x->count = 0;
    if (op == DC_GRAD_WEIGHT) {
        for (int64_t o = 0; o < p->o[a]; o++) {
            dc_zero class = DC_ZERO_INPUT;
            const int64_t j =
                stuffed(p, a, o + p->pb[a] - at * p->d[a], &class);
            add(x, j, o, class);
        }
        for (int64_t j = 0; j < p->i[a]; j++) {
            const int64_t o = j * p->s[a] - p->pb[a] + at * p->d[a];
            if (o < 0 || o >= p->o[a])
                add(x, j, -1, DC_ZERO_BORDER);
        }
        return;
    }
    for (int64_t u = 0; u <= reach; u++) {
        const int64_t at_tap = u % p->d[a] ? p->k[a] : u / p->d[a];
        const int64_t tap = at_tap < p->k[a] ? at_tap : -1;
        dc_zero class = DC_ZERO_KERNEL;
        int64_t other = at * p->s[a] - p->pb[a] + u;

        if (op == DC_FORWARD) {
            other = stuffed(p, a, at + p->pb[a] - u, &class);
        } else if (other < 0 || other >= p->o[a]) {
            other = -1;
            class = DC_ZERO_BORDER;
        }
        add(x, other, tap, class);
    }
}

/* ==== One product ====================================================== */

/* Records the product of the formula's own factors a and b. */
static void add_product(dc_special_hits *hits, double flush_below, double a,
                        double b)
{
    const bool same = signbit(a) == signbit(b);
    const bool nan = isnan(a) || isnan(b);

    if (isfinite(a) && isfinite(b))
        return;
    if (fabs(a) < flush_below || fabs(b) < flush_below || a == 0 || b == 0) {
        hits->zeros |= 1 << DC_ZERO_VALUE;
        if (a != 0 && b != 0)
            hits->kept |= nan    ? DC_KEPT_NAN
                          : same ? DC_KEPT_PLUS
                                 : DC_KEPT_MINUS;
    } else if (nan)
        hits->nan = true;
    else if (same)
        hits->plus = true;
    else
        hits->minus = true;
}

static void add_addend(dc_special_hits *hits, double v)
{
    if (!isfinite(v))
        add_product(hits, 0, v, 1);
}

/* One element of op's result. */
typedef struct {
    const dc_special *s;
    dc_op op;
    axis x[3];
    dc_special_hits hits;
} element;

/* Records the products of plane pa of the first factor and plane pb of the
 * second. */
static void add_planes(void *state, int64_t pa, int64_t pb)
{
    element *const to = state;
    const dc_special *const s = to->s;
    const axis *const x = to->x;
    const dc_tensor a = dc_gather_factors[to->op][0];
    const dc_tensor b = dc_gather_factors[to->op][1];
    const int64_t *const ea = extent_of(&s->p, a);
    const int64_t *const eb = extent_of(&s->p, b);

    if (!s->nonfinite[a][pa] && !s->nonfinite[b][pb])
        return;
    for (int64_t k0 = 0; k0 < x[0].count; k0++)
        for (int64_t k1 = 0; k1 < x[1].count; k1++)
            for (int64_t k2 = 0; k2 < x[2].count; k2++) {
                const axis_pair m[3] = {x[0].pairs[k0], x[1].pairs[k1],
                                        x[2].pairs[k2]};
                int64_t ia = pa;
                int64_t ib = pb;
                int zeros = 0;

                for (int k = 0; k < 3; k++) {
                    ia = m[k].a < 0 || ia < 0 ? -1 : ia * ea[k] + m[k].a;
                    ib = m[k].b < 0 || ib < 0 ? -1 : ib * eb[k] + m[k].b;
                    if (m[k].a < 0 || m[k].b < 0)
                        zeros |= 1 << m[k].class;
                }
                if (ia < 0 && ib < 0)
                    continue;
                const double va =
                    ia < 0 ? 0 : dc_format_get(s->p.dtype, s->tensors[a], ia);
                const double vb =
                    ib < 0 ? 0 : dc_format_get(s->p.dtype, s->tensors[b], ib);
                if (!zeros)
                    add_product(&to->hits, s->flush_below, va, vb);
                else if (!isfinite(va) || !isfinite(vb))
                    to->hits.zeros |= zeros;
            }
}

dc_special_hits dc_special_element(const dc_special *s, dc_op op, int64_t index)
{
    const dc_problem *p = &s->p;
    element to = {.s = s, .op = op};

    if (op == DC_GRAD_BIAS) {
        const int64_t o = dc_volume(p->o, 3);
        for (int64_t n = 0; n < p->n; n++)
            for (int64_t e = 0; e < o; e++)
                add_addend(&to.hits,
                           dc_format_get(p->dtype, s->tensors[DC_GY],
                                         (n * p->co + index) * o + e));
        return to.hits;
    }
    const int64_t *const extent = extent_of(p, op == DC_FORWARD      ? DC_Y
                                               : op == DC_GRAD_INPUT ? DC_X
                                                                     : DC_W);
    int64_t rest = index;
    for (int a = 2; a >= 0; a--) {
        to.x[a].pairs = s->pairs + a * s->capacity;
        pair_up(s, op, a, rest % extent[a], &to.x[a]);
        rest /= extent[a];
    }
    dc_gather_element(&s->planes, op, rest, add_planes, &to);
    if (op == DC_FORWARD && p->has_bias)
        add_addend(&to.hits,
                   dc_format_get(p->dtype, s->tensors[DC_B], rest % p->co));
    return to.hits;
}

/* ==== Verdict =========================================================== */

void dc_special_apply(const dc_special_hits *hits, dc_interval *i)
{
    const bool plus = hits->plus || hits->kept & DC_KEPT_PLUS;
    const bool minus = hits->minus || hits->kept & DC_KEPT_MINUS;

    if (hits->nan || hits->kept & DC_KEPT_NAN || (plus && minus))
        i->want = (double)NAN;
    else if (plus || minus)
        i->want = plus ? INFINITY : -INFINITY;
    i->zeros = hits->zeros;
    i->nan |= hits->zeros != 0;
    i->nonfinite |= (hits->kept & (DC_KEPT_PLUS | DC_KEPT_MINUS)) != 0;
    if (!hits->nan && !hits->plus && !hits->minus)
        return;
    /* finite products that overflow the other way and the infinity: NaN */
    i->nan |= i->nonfinite;
    i->nonfinite = false;
    i->bound = 0;
    if (hits->nan || (hits->plus && hits->minus)) {
        i->t = (double)NAN;
        i->lo = INFINITY;
        i->hi = -INFINITY;
        i->nan = true;
        i->zeros = 0;
        return;
    }
    i->t = i->lo = i->hi = hits->plus ? INFINITY : -INFINITY;
}

int dc_special_policy(const dc_interval *i, double got, bool *multiplied)
{
    *multiplied = isnan(got);
    for (int k = 0; k < DC_ZEROS; k++)
        if (i->zeros == 1 << k && !i->nonfinite)
            return k;
    return -1;
}

/* ==== Opening and closing =============================================== */

dc_status dc_special_open(dc_special **special, const dc_problem *p,
                          const void *const tensors[DC_TENSORS],
                          dc_declared declared)
{
    dc_special *s = calloc(1, sizeof *s);

    *special = NULL;
    if (!s)
        return DC_NOMEM;
    s->p = dc_problem_lift(p);
    s->planes = dc_problem_planes(p);
    s->flush_below = declared & DC_FLUSH ? dc_formats[p->dtype].min : 0;
    s->zero_taps = declared & DC_ZERO_TAPS;
    for (int a = 0; a < 3; a++)
        s->capacity += s->p.o[a] + s->p.i[a] + s->p.d[a] * taps_of(s, a) + 1;
    s->pairs = malloc(3 * (size_t)s->capacity * sizeof *s->pairs);
    for (int t = DC_X; t <= DC_GY; t++) {
        const int64_t count =
            tensors[t] ? dc_problem_count(p, (dc_tensor)t) : 0;
        const int64_t plane =
            t == DC_B ? 1 : dc_volume(extent_of(&s->p, (dc_tensor)t), 3);

        s->tensors[t] = tensors[t];
        /* empty planes have an entry, too */
        s->nonfinite[t] =
            calloc((size_t)dc_problem_count(&s->planes, (dc_tensor)t) + 1,
                   sizeof(bool));
        if (!s->nonfinite[t] || !s->pairs) {
            dc_special_close(s);
            return DC_NOMEM;
        }
        for (int64_t e = 0; e < count; e++)
            if (!isfinite(dc_format_get(p->dtype, tensors[t], e)))
                s->nonfinite[t][e / plane] = s->some[t] = true;
    }
    *special = s;
    return DC_OK;
}

void dc_special_close(dc_special *s)
{
    if (!s)
        return;
    for (int t = 0; t < DC_TENSORS; t++)
        free(s->nonfinite[t]);
    free(s->pairs);
    free(s);
}

bool dc_special_present(const dc_special *s, dc_op op)
{
    for (int k = 0; k < dc_ops[op].takes; k++)
        if (s->some[dc_ops[op].in[k]])
            return true;
    return false;
}

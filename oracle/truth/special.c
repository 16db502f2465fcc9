/* SPDX-License-Identifier: MIT
 *
 * The zero-stuffed footprint, axis by axis: a meeting of two factors is a
 * triple of meetings, one per axis, and a factor is a structural zero as soon
 * as it is one on any axis.
 */
#include "oracle/truth/special.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ref/integer.h"

const char *const dc_zero_names[DC_ZEROS] = {"input zero", "kernel zero",
                                             "border zero", "value zero"};

/* Operands of an operation and which of the problem's extents they have. */
static const struct {
    dc_tensor a, b;
} operands[] = {[DC_FORWARD] = {DC_X, DC_W},
                [DC_GRAD_INPUT] = {DC_GY, DC_W},
                [DC_GRAD_WEIGHT] = {DC_X, DC_GY}};

/* One axis of a meeting: where the operands are read, or -1 for a zero of
 * that class. */
typedef struct {
    int64_t a, b;
    dc_zero class;
} meeting;

struct dc_special {
    dc_problem p;  /* lifted to rank 3 */
    double tiny;   /* below this magnitude a value may be taken for zero */
    meeting *room; /* three axes of the element under way */
    int64_t most;  /* meetings of one axis */
    const void *tensors[DC_TENSORS];
    char *odd[DC_TENSORS]; /* by plane: something in it is not finite */
    int any[DC_TENSORS];
};

typedef struct {
    meeting *at;
    int64_t count;
} axis;

static const int64_t *extent_of(const dc_problem *p, dc_tensor t)
{
    return t == DC_X ? p->i : t == DC_W ? p->k : p->o;
}

/* ==== One axis ========================================================== */

/* The stuffed input at q: its index, or -1 and the class of its zero. */
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
    if (a >= 0 || b >= 0) /* zero times zero tells nothing */
        x->at[x->count++] = (meeting){a, b, class};
}

/* All meetings on axis a for position `at` of the result. */
static void meet(const dc_problem *p, dc_op op, int a, int64_t at, axis *x)
{
    const int64_t reach = p->d[a] * (p->k[a] - 1);

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
        const int64_t tap = u % p->d[a] ? -1 : u / p->d[a];
        dc_zero class = DC_ZERO_KERNEL;
        int64_t from = at * p->s[a] - p->pb[a] + u;

        if (op == DC_FORWARD) {
            from = stuffed(p, a, at + p->pb[a] - u, &class);
        } else if (from < 0 || from >= p->o[a]) {
            from = -1;
            class = DC_ZERO_BORDER;
        }
        add(x, from, tap, class);
    }
}

/* ==== One meeting ======================================================= */

static void see(dc_special_seen *seen, double tiny, double a, double b)
{
    const int same = signbit(a) == signbit(b);
    const int nan = isnan(a) || isnan(b);

    if (isfinite(a) && isfinite(b))
        return;
    if (fabs(a) < tiny || fabs(b) < tiny || a == 0 || b == 0) {
        seen->zeros |= 1 << DC_ZERO_VALUE;
        if (a != 0 && b != 0)
            seen->kept |= nan    ? DC_KEPT_NAN
                          : same ? DC_KEPT_PLUS
                                 : DC_KEPT_MINUS;
    } else if (nan)
        seen->nan = 1;
    else if (same)
        seen->plus = 1;
    else
        seen->minus = 1;
}

/* All meetings of plane pa of operand a with plane pb of operand b. */
static void see_planes(const dc_special *s, dc_op op, const axis x[3],
                       int64_t pa, int64_t pb, dc_special_seen *seen)
{
    const dc_tensor a = operands[op].a;
    const dc_tensor b = operands[op].b;
    const int64_t *const ea = extent_of(&s->p, a);
    const int64_t *const eb = extent_of(&s->p, b);

    if (!s->odd[a][pa] && !s->odd[b][pb])
        return;
    for (int64_t k0 = 0; k0 < x[0].count; k0++)
        for (int64_t k1 = 0; k1 < x[1].count; k1++)
            for (int64_t k2 = 0; k2 < x[2].count; k2++) {
                const meeting m[3] = {x[0].at[k0], x[1].at[k1], x[2].at[k2]};
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
                    see(seen, s->tiny, va, vb);
                else if (!isfinite(va) || !isfinite(vb))
                    seen->zeros |= zeros;
            }
}

static void see_addend(dc_special_seen *seen, double v)
{
    if (!isfinite(v))
        see(seen, 0, v, 1);
}

dc_special_seen dc_special_element(const dc_special *s, dc_op op, int64_t index)
{
    const dc_problem *p = &s->p;
    const int64_t ci_g = p->ci / p->g;
    const int64_t co_g = p->co / p->g;
    dc_special_seen seen = {0};
    axis x[3];

    if (op == DC_GRAD_BIAS) {
        const int64_t o = dc_volume(p->o, 3);
        for (int64_t n = 0; n < p->n; n++)
            for (int64_t e = 0; e < o; e++)
                see_addend(&seen, dc_format_get(p->dtype, s->tensors[DC_GY],
                                                (n * p->co + index) * o + e));
        return seen;
    }
    const int64_t *const extent = extent_of(p, op == DC_FORWARD      ? DC_Y
                                               : op == DC_GRAD_INPUT ? DC_X
                                                                     : DC_W);
    int64_t rest = index;
    for (int a = 2; a >= 0; a--) {
        x[a].at = s->room + a * s->most;
        meet(p, op, a, rest % extent[a], &x[a]);
        rest /= extent[a];
    }
    if (op == DC_FORWARD) {
        const int64_t n = rest / p->co;
        const int64_t co = rest % p->co;
        for (int64_t c = 0; c < ci_g; c++) {
            const int64_t ci = co / co_g * ci_g + c;
            see_planes(s, op, x, n * p->ci + ci, ci * co_g + co % co_g, &seen);
        }
        if (p->has_bias)
            see_addend(&seen, dc_format_get(p->dtype, s->tensors[DC_B], co));
    } else if (op == DC_GRAD_INPUT) {
        const int64_t n = rest / p->ci;
        const int64_t ci = rest % p->ci;
        for (int64_t c = 0; c < co_g; c++)
            see_planes(s, op, x, n * p->co + ci / ci_g * co_g + c,
                       ci * co_g + c, &seen);
    } else {
        const int64_t ci = rest / co_g;
        const int64_t co = ci / ci_g * co_g + rest % co_g;
        for (int64_t n = 0; n < p->n; n++)
            see_planes(s, op, x, n * p->ci + ci, n * p->co + co, &seen);
    }
    return seen;
}

/* ==== Verdict =========================================================== */

void dc_special_apply(const dc_special_seen *seen, dc_interval *i)
{
    const int plus = seen->plus || seen->kept & DC_KEPT_PLUS;
    const int minus = seen->minus || seen->kept & DC_KEPT_MINUS;

    if (seen->nan || seen->kept & DC_KEPT_NAN || (plus && minus))
        i->want = (double)NAN;
    else if (plus || minus)
        i->want = plus ? INFINITY : -INFINITY;
    i->zeros = seen->zeros;
    i->nan |= seen->zeros != 0;
    i->any |= (seen->kept & (DC_KEPT_PLUS | DC_KEPT_MINUS)) != 0;
    if (!seen->nan && !seen->plus && !seen->minus)
        return;
    /* finite sums that overflow the other way may meet the infinity */
    i->nan |= i->any;
    i->any = 0;
    i->bound = 0;
    if (seen->nan || (seen->plus && seen->minus)) {
        i->t = (double)NAN;
        i->lo = INFINITY;
        i->hi = -INFINITY;
        i->nan = 1;
        i->zeros = 0;
        return;
    }
    i->t = i->lo = i->hi = seen->plus ? INFINITY : -INFINITY;
}

int dc_special_policy(const dc_interval *i, double got, int *multiplied)
{
    *multiplied = isnan(got);
    for (int k = 0; k < DC_ZEROS; k++)
        if (i->zeros == 1 << k && !i->any)
            return k;
    return -1;
}

/* ==== Opening and closing =============================================== */

dc_status dc_special_open(dc_special **special, const dc_problem *p,
                          const void *const tensors[DC_TENSORS], int flushes)
{
    dc_special *s = calloc(1, sizeof *s);

    *special = NULL;
    if (!s)
        return DC_NOMEM;
    s->p = dc_problem_lift(p);
    s->tiny = flushes ? dc_formats[p->dtype].min : 0;
    for (int a = 0; a < 3; a++)
        s->most += s->p.o[a] + s->p.i[a] + s->p.d[a] * (s->p.k[a] - 1) + 1;
    s->room = malloc(3 * (size_t)s->most * sizeof *s->room);
    for (int t = DC_X; t <= DC_GY; t++) {
        const int64_t count =
            tensors[t] ? dc_problem_count(p, (dc_tensor)t) : 0;
        const int64_t plane =
            t == DC_B ? 1 : dc_volume(extent_of(&s->p, (dc_tensor)t), 3);

        int64_t shape[5];
        int64_t planes = 1; /* empty ones too: they are asked for */

        if (t == DC_B)
            planes = p->co;
        else
            for (int a = dc_problem_shape(&s->p, (dc_tensor)t, shape) - 3;
                 a > 0;)
                planes *= shape[--a];
        s->tensors[t] = tensors[t];
        s->odd[t] = calloc((size_t)planes + 1, 1);
        if (!s->odd[t] || !s->room) {
            dc_special_close(s);
            return DC_NOMEM;
        }
        for (int64_t e = 0; e < count; e++)
            if (!isfinite(dc_format_get(p->dtype, tensors[t], e)))
                s->odd[t][e / plane] = (char)(s->any[t] = 1);
    }
    *special = s;
    return DC_OK;
}

void dc_special_close(dc_special *s)
{
    if (!s)
        return;
    for (int t = 0; t < DC_TENSORS; t++)
        free(s->odd[t]);
    free(s->room);
    free(s);
}

int dc_special_present(const dc_special *s, dc_op op)
{
    int any = 0;

    for (int k = 0; k < dc_ops[op].takes; k++)
        any |= s->any[dc_ops[op].in[k]];
    return any;
}

/* SPDX-License-Identifier: MIT
 *
 * The second reference: one loop over every (n, ci, co', j.., t..), each turn
 * adding one product where it belongs, in GMP rationals.
 */
#include "oracle/truth/scatter.h"

#include <math.h>

#include "ref/format.h"

/* The loop's variables: batch, input channel, channel inside the output
 * group, then input positions, then taps, the last one running fastest. */
enum { AT_N, AT_CI, AT_CO, AT_J, AT_MAX = AT_J + 6 };

/* Where one turn of the loop reads and writes. */
typedef struct {
    int64_t x;
    int64_t w;
    int64_t y;
} dc_spot;

/* Moves to the next turn; 0 when all have been. */
static int next(int64_t at[AT_MAX], const int64_t end[AT_MAX], int count)
{
    for (int v = count - 1; v >= 0; v--) {
        if (++at[v] < end[v])
            return 1;
        at[v] = 0;
    }
    return 0;
}

/* The three addresses of this turn, or 0 when the product falls outside y.
 * x[n][ci][j..]  w[ci][co'][t..]  y[n][co][o..], co = group * co/g + co' */
static int spot_of(const dc_problem *p, const int64_t at[AT_MAX], dc_spot *spot)
{
    const int64_t *j = at + AT_J;
    const int64_t *t = j + p->rank;
    const int64_t per_group = p->co / p->g;
    const int64_t group = at[AT_CI] / (p->ci / p->g);

    spot->x = at[AT_N] * p->ci + at[AT_CI];
    spot->w = at[AT_CI] * per_group + at[AT_CO];
    spot->y = at[AT_N] * p->co + group * per_group + at[AT_CO];
    for (int a = 0; a < p->rank; a++) {
        const int64_t o = j[a] * p->s[a] - p->pb[a] + t[a] * p->d[a];

        if (o < 0 || o >= p->o[a])
            return 0;
        spot->x = spot->x * p->i[a] + j[a];
        spot->w = spot->w * p->k[a] + t[a];
        spot->y = spot->y * p->o[a] + o;
    }
    return 1;
}

/* Are all values of the tensors that op takes finite? */
static int all_finite(const dc_problem *p, dc_op op,
                      const void *const tensors[DC_TENSORS])
{
    for (int t = 0; t < DC_TENSORS; t++) {
        if (!dc_op_takes(p, op, (dc_tensor)t))
            continue;
        const int64_t count = dc_problem_count(p, (dc_tensor)t);

        for (int64_t e = 0; e < count; e++)
            if (!isfinite(dc_format_get(p->dtype, tensors[t], e)))
                return 0;
    }
    return 1;
}

/* sum += u[ui] * v[vi] */
static void add_product(mpq_t sum, int dtype, const void *u, int64_t ui,
                        const void *v, int64_t vi, mpq_t a, mpq_t b)
{
    const double du = dc_format_get(dtype, u, ui);
    const double dv = dc_format_get(dtype, v, vi);

    if (du == 0 || dv == 0)
        return;
    mpq_set_d(a, du);
    mpq_set_d(b, dv);
    mpq_mul(a, a, b);
    mpq_add(sum, sum, a);
}

/* The products of forward, grad_input or grad_weight, each into its place. */
static void add_products(const dc_problem *p, dc_op op,
                         const void *const tensors[DC_TENSORS], mpq_t *result)
{
    const void *const x = tensors[DC_X];
    const void *const w = tensors[DC_W];
    const void *const gy = tensors[DC_GY];
    const int count = AT_J + 2 * p->rank;
    int64_t at[AT_MAX] = {0};
    int64_t end[AT_MAX] = {p->n, p->ci, p->co / p->g};
    dc_spot to;
    mpq_t a, b;

    for (int axis = 0; axis < p->rank; axis++) {
        end[AT_J + axis] = p->i[axis];
        end[AT_J + p->rank + axis] = p->k[axis];
    }
    for (int v = 0; v < count; v++)
        if (end[v] == 0)
            return;
    mpq_inits(a, b, NULL);
    do {
        if (!spot_of(p, at, &to))
            continue;
        if (op == DC_FORWARD)
            add_product(result[to.y], p->dtype, x, to.x, w, to.w, a, b);
        else if (op == DC_GRAD_INPUT)
            add_product(result[to.x], p->dtype, gy, to.y, w, to.w, a, b);
        else
            add_product(result[to.w], p->dtype, x, to.x, gy, to.y, a, b);
    } while (next(at, end, count));
    mpq_clears(a, b, NULL);
}

/* gb[co] += gy[n][co][o..] */
static void add_gradients(const dc_problem *p, const void *gy, mpq_t *gb)
{
    int64_t spatial = 1;
    int64_t e = 0;
    mpq_t a;

    for (int axis = 0; axis < p->rank; axis++)
        spatial *= p->o[axis];
    mpq_init(a);
    for (int64_t n = 0; n < p->n; n++)
        for (int64_t co = 0; co < p->co; co++)
            for (int64_t o = 0; o < spatial; o++) {
                mpq_set_d(a, dc_format_get(p->dtype, gy, e++));
                mpq_add(gb[co], gb[co], a);
            }
    mpq_clear(a);
}

dc_status dc_scatter_run(const dc_problem *p, dc_op op,
                         const void *const tensors[DC_TENSORS], mpq_t *result)
{
    const int64_t count = dc_problem_count(p, dc_ops[op].out);
    const int biased = op == DC_FORWARD && p->has_bias;
    const int64_t spatial = p->n * p->co > 0 ? count / (p->n * p->co) : 0;

    if (!all_finite(p, op, tensors))
        return DC_UNSUPPORTED;
    for (int64_t e = 0; e < count; e++) {
        mpq_set_ui(result[e], 0, 1);
        if (biased)
            mpq_set_d(result[e], dc_format_get(p->dtype, tensors[DC_B],
                                               e / spatial % p->co));
    }
    if (op == DC_GRAD_BIAS)
        add_gradients(p, tensors[DC_GY], result);
    else
        add_products(p, op, tensors, result);
    return DC_OK;
}

/* SPDX-License-Identifier: MIT
 *
 * The second reference: one loop over every (n, ci, co', j.., t..) that adds
 * one product at a time, in GMP rationals.
 */
#include "oracle/truth/scatter.h"

#include <math.h>
#include <stdbool.h>

#include "ref/format.h"
#include "ref/integer.h"

/* The loop's variables: batch item, input channel, output channel within its
 * group, input positions, taps.  The last one runs fastest. */
enum { AT_N, AT_CI, AT_CO, AT_J, AT_MAX = AT_J + 6 };

/* The three tensors of a product: x (gx), w (gw) and y (gy). */
enum { X, W, Y, ROLES };

/* Moves to the next turn; false after the last. */
static bool next(int64_t at[AT_MAX], const int64_t end[AT_MAX], int count)
{
    for (int v = count - 1; v >= 0; v--) {
        if (++at[v] < end[v])
            return true;
        at[v] = 0;
    }
    return false;
}

/* Sets the elements of this turn; false if the product is outside y.
 * x[n][ci][j..]  w[ci][co'][t..]  y[n][co][o..], co = group * co/g + co' */
static bool find(const dc_problem *p, const int64_t at[AT_MAX],
                 int64_t to[ROLES])
{
    const int64_t *j = at + AT_J;
    const int64_t *t = j + p->rank;
    const int64_t per_group = p->co / p->g;
    const int64_t group = at[AT_CI] / (p->ci / p->g);

    to[X] = at[AT_N] * p->ci + at[AT_CI];
    to[W] = at[AT_CI] * per_group + at[AT_CO];
    to[Y] = at[AT_N] * p->co + group * per_group + at[AT_CO];
    for (int a = 0; a < p->rank; a++) {
        const int64_t o = j[a] * p->s[a] - p->pb[a] + t[a] * p->d[a];

        if (o < 0 || o >= p->o[a])
            return false;
        to[X] = to[X] * p->i[a] + j[a];
        to[W] = to[W] * p->k[a] + t[a];
        to[Y] = to[Y] * p->o[a] + o;
    }
    return true;
}

/* Are all values of the tensors that op takes finite? */
static bool all_finite(const dc_problem *p, dc_op op,
                       const void *const tensors[DC_TENSORS])
{
    for (int t = 0; t < DC_TENSORS; t++) {
        if (!dc_op_takes(p, op, (dc_tensor)t))
            continue;
        const int64_t count = dc_problem_count(p, (dc_tensor)t);

        for (int64_t e = 0; e < count; e++)
            if (!isfinite(dc_format_get(p->dtype, tensors[t], e)))
                return false;
    }
    return true;
}

/* sum += u * v */
static void add_product(mpq_t sum, double u, double v, mpq_t scratch[2])
{
    if (u == 0 || v == 0)
        return;
    mpq_set_d(scratch[0], u);
    mpq_set_d(scratch[1], v);
    mpq_mul(scratch[0], scratch[0], scratch[1]);
    mpq_add(sum, sum, scratch[0]);
}

static double value(const dc_problem *p, const void *tensor, int64_t i)
{
    return dc_format_get(p->dtype, tensor, i);
}

/* Adds all products of forward, grad_input or grad_weight to result. */
static void add_products(const dc_problem *p, dc_op op,
                         const void *const tensors[DC_TENSORS], mpq_t *result)
{
    static const int results[] = {
        [DC_FORWARD] = Y, [DC_GRAD_INPUT] = X, [DC_GRAD_WEIGHT] = W};
    const void *const of[ROLES] = {tensors[DC_X], tensors[DC_W],
                                   tensors[DC_GY]};
    const int r = results[op];
    const int u = (r + 1) % ROLES;
    const int v = (r + 2) % ROLES;
    const int count = AT_J + 2 * p->rank;
    int64_t at[AT_MAX] = {0};
    int64_t end[AT_MAX] = {p->n, p->ci, p->co / p->g};
    int64_t to[ROLES];
    mpq_t scratch[2];

    for (int axis = 0; axis < p->rank; axis++) {
        end[AT_J + axis] = p->i[axis];
        end[AT_J + p->rank + axis] = p->k[axis];
    }
    for (int n = 0; n < count; n++)
        if (end[n] == 0)
            return;
    mpq_inits(scratch[0], scratch[1], NULL);
    do {
        if (find(p, at, to))
            add_product(result[to[r]], value(p, of[u], to[u]),
                        value(p, of[v], to[v]), scratch);
    } while (next(at, end, count));
    mpq_clears(scratch[0], scratch[1], NULL);
}

/* gb[co] += gy[n][co][o..] */
static void add_gradients(const dc_problem *p, const void *gy, mpq_t *gb)
{
    const int64_t positions = dc_volume(p->o, p->rank);
    int64_t e = 0;
    mpq_t a;

    mpq_init(a);
    for (int64_t n = 0; n < p->n; n++)
        for (int64_t co = 0; co < p->co; co++)
            for (int64_t o = 0; o < positions; o++) {
                mpq_set_d(a, value(p, gy, e++));
                mpq_add(gb[co], gb[co], a);
            }
    mpq_clear(a);
}

dc_status dc_scatter_run(const dc_problem *p, dc_op op,
                         const void *const tensors[DC_TENSORS], mpq_t *result)
{
    const int64_t count = dc_problem_count(p, dc_ops[op].out);
    const bool biased = op == DC_FORWARD && p->has_bias;
    const int64_t positions = p->n * p->co > 0 ? count / (p->n * p->co) : 0;

    if (!all_finite(p, op, tensors))
        return DC_UNSUPPORTED;
    for (int64_t e = 0; e < count; e++) {
        mpq_set_ui(result[e], 0, 1);
        if (biased)
            mpq_set_d(result[e], dc_format_get(p->dtype, tensors[DC_B],
                                               e / positions % p->co));
    }
    if (op == DC_GRAD_BIAS)
        add_gradients(p, tensors[DC_GY], result);
    else
        add_products(p, op, tensors, result);
    return DC_OK;
}

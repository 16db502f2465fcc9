/* SPDX-License-Identifier: MIT
 *
 * An implementation without its sums: it lists the products of every result,
 * structural zeros included or not, and a function of the plug-in adds them.
 */
#ifndef SUMS_H
#define SUMS_H

#include <math.h>

#include "tests/plugins/lifted.h"
#include "tests/plugins/modes.h"
#include "tests/plugins/storage.h"

/* Zeros that take part although the formula does not have them; flags. */
typedef enum {
    NONE,
    STUFFED = 1,
    KERNEL_ZEROS = 2,
    BORDER = 4,
    ZERO_TAPS = 8, /* as many taps for each phase of the stride */
    MORE_TAPS = 16 /* and once more as many as there are phases */
} zero_flags;

/* The factors of one result, in the order of the loops, and the bias. */
typedef struct {
    int dtype;
    int64_t count;
    double *a, *b;
    bool biased;
    double bias;
} products;

typedef struct {
    const char *name;
    zero_flags zeros;
    double (*sum)(const products *p); /* before it is stored */
} way;

/* The way of the current mode, or NULL; defined by the plug-in. */
static const way *way_now(void);

static inline const way *find_way(const way *ways, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (mode_is(ways[k].name))
            return &ways[k];
    return NULL;
}

/* ==== Gathering ========================================================= */

/* One axis of a product: index into either factor, -1 for a zero. */
typedef struct {
    int64_t a, b;
} step;

typedef struct {
    dc_problem p; /* rank 3 */
    int op;       /* 0 forward, 1 grad_input, 2 grad_weight */
    zero_flags zeros;
    step *steps[3];
    int64_t n_steps[3];
    products list;
} gatherer;

static inline void put_step(gatherer *g, int axis, int64_t a, int64_t b)
{
    if (a >= 0 || b >= 0)
        g->steps[axis][g->n_steps[axis]++] = (step){a, b};
}

/* j with j*s = q, -1 for a zero that takes part, or -2. */
static inline int64_t input_at(const gatherer *g, int a, int64_t q)
{
    const dc_problem *const p = &g->p;
    const int64_t j = q >= 0 ? q / p->s[a] : -1;

    if (q >= 0 && j * p->s[a] == q && j < p->i[a])
        return j;
    if (q >= 0 && q <= (p->i[a] - 1) * p->s[a])
        return g->zeros & STUFFED ? -1 : -2;
    /* without stuffing, only the border positions of the phase are read */
    return g->zeros & BORDER && (g->zeros & STUFFED || q % p->s[a] == 0) ? -1
                                                                         : -2;
}

/* The taps of axis a, those of zero included. */
static inline int64_t taps_of(const gatherer *g, int a)
{
    const int64_t k = g->p.k[a], s = g->p.s[a];
    int64_t phases = 1;

    while (phases * g->p.d[a] % s)
        phases++;
    return !(g->zeros & ZERO_TAPS)
               ? k
               : (k + phases - 1) / phases * phases +
                     (g->zeros & MORE_TAPS && phases > 1 ? phases : 0);
}

static inline void walk_axis(gatherer *g, int a, int64_t at)
{
    const dc_problem *const p = &g->p;
    const int64_t taps = taps_of(g, a);

    g->n_steps[a] = 0;
    if (g->op == 2) {
        for (int64_t o = 0; o < p->o[a]; o++) {
            const int64_t j = input_at(g, a, o + p->pb[a] - at * p->d[a]);
            if (j > -2)
                put_step(g, a, j, o);
        }
        for (int64_t j = 0; g->zeros & BORDER && j < p->i[a]; j++) {
            const int64_t o = j * p->s[a] - p->pb[a] + at * p->d[a];
            if (o < 0 || o >= p->o[a])
                put_step(g, a, j, -1); /* gy with a border */
        }
        return;
    }
    for (int64_t u = 0; u <= p->d[a] * (taps - 1); u++) {
        const int64_t t = u % p->d[a] == 0 ? u / p->d[a] : -1;
        const int64_t tap = t < p->k[a] ? t : -1;
        int64_t from;

        if (t < 0 && !(g->zeros & KERNEL_ZEROS))
            continue;
        if (g->op == 0) {
            from = input_at(g, a, at + p->pb[a] - u);
        } else {
            from = at * p->s[a] - p->pb[a] + u;
            if (from < 0 || from >= p->o[a])
                from = g->zeros & BORDER ? -1 : -2;
        }
        if (from > -2)
            put_step(g, a, from, tap);
    }
}

/* Adds the products of plane pa of one factor with plane pb of the other. */
static inline void gather_planes(gatherer *g, const int64_t *ea,
                                 const int64_t *eb, const double *ta,
                                 const double *tb, int64_t pa, int64_t pb)
{
    for (int64_t x = 0; x < g->n_steps[0]; x++)
        for (int64_t y = 0; y < g->n_steps[1]; y++)
            for (int64_t z = 0; z < g->n_steps[2]; z++) {
                const step s[3] = {g->steps[0][x], g->steps[1][y],
                                   g->steps[2][z]};
                int64_t ia = pa;
                int64_t ib = pb;

                for (int k = 0; k < 3; k++) {
                    ia = s[k].a < 0 || ia < 0 ? -1 : ia * ea[k] + s[k].a;
                    ib = s[k].b < 0 || ib < 0 ? -1 : ib * eb[k] + s[k].b;
                }
                g->list.a[g->list.count] = ia < 0 ? 0 : ta[ia];
                g->list.b[g->list.count] = ib < 0 ? 0 : tb[ib];
                g->list.count++;
            }
}

/* The products of one result at plane `plane` of it. */
static inline void gather_result(gatherer *g, const double *ta,
                                 const double *tb, int64_t plane)
{
    const dc_problem *const p = &g->p;
    const int64_t ci_g = p->ci / p->g;
    const int64_t co_g = p->co / p->g;

    g->list.count = 0;
    if (g->op == 0)
        for (int64_t c = 0; c < ci_g; c++) {
            const int64_t co = plane % p->co;
            const int64_t ci = co / co_g * ci_g + c;
            gather_planes(g, p->i, p->k, ta, tb, plane / p->co * p->ci + ci,
                          ci * co_g + co % co_g);
        }
    else if (g->op == 1)
        for (int64_t c = 0; c < co_g; c++) {
            const int64_t ci = plane % p->ci;
            gather_planes(g, p->o, p->k, ta, tb,
                          plane / p->ci * p->co + ci / ci_g * co_g + c,
                          ci * co_g + c);
        }
    else
        for (int64_t n = 0; n < p->n; n++) {
            const int64_t ci = plane / co_g;
            const int64_t co = ci / ci_g * co_g + plane % co_g;
            gather_planes(g, p->i, p->o, ta, tb, n * p->ci + ci,
                          n * p->co + co);
        }
}

/* A factor in binary64. */
static inline double *decoded(int dtype, const void *t, int64_t count)
{
    double *const v = malloc((size_t)(count + 1) * sizeof *v);

    for (int64_t e = 0; v && e < count; e++)
        v[e] = read_value(dtype, t, e);
    return v;
}

static inline int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static inline dc_status run_sums(const dc_problem *problem, int op,
                                 const void *ta, const void *tb, const void *b,
                                 void *result)
{
    if (legal(problem, INT32_MAX) != DC_OK)
        return legal(problem, INT32_MAX);

    gatherer g = {.p = lifted(problem), .op = op};
    const dc_problem *const p = &g.p;
    const int64_t *const extent = op == 0 ? p->o : op == 1 ? p->i : p->k;
    const int64_t planes = op == 0   ? p->n * p->co
                           : op == 1 ? p->n * p->ci
                                     : p->ci * (p->co / p->g);
    const way *const how = way_now();
    const int64_t counts[3] = {p->n * p->ci * volume(p->i),
                               p->ci * (p->co / p->g) * volume(p->k),
                               p->n * p->co * volume(p->o)};
    double *const da = decoded(p->dtype, ta, counts[op == 1 ? 2 : 0]);
    double *const db = decoded(p->dtype, tb, counts[op == 2 ? 2 : 1]);
    int64_t most = 1;
    int64_t axis = 1;
    step *steps;

    if (!how)
        return DC_FAILED;
    g.zeros = how->zeros;
    for (int a = 0; a < 3; a++) {
        const int64_t n =
            larger(p->d[a] * (taps_of(&g, a) - 1) + 1, p->o[a] + p->i[a]);
        most *= n;
        axis = larger(axis, n);
    }
    most *= larger(larger(p->ci, p->co), p->n) + 1;
    steps = malloc(3 * (size_t)axis * sizeof *steps);
    g.list.a = malloc((size_t)most * sizeof(double));
    g.list.b = malloc((size_t)most * sizeof(double));
    g.list.dtype = p->dtype;
    g.list.biased = b != NULL;
    for (int a = 0; a < 3; a++)
        g.steps[a] = steps + a * axis;
    for (int64_t e = 0; steps && g.list.a && g.list.b && da && db &&
                        e < planes * volume(extent);
         e++) {
        const int64_t plane = e / volume(extent);
        int64_t rest = e % volume(extent);

        for (int a = 2; a >= 0; a--) {
            walk_axis(&g, a, rest % extent[a]);
            rest /= extent[a];
        }
        gather_result(&g, da, db, plane);
        g.list.bias = b ? read_value(p->dtype, b, plane % p->co) : 0;
        write_value(p->dtype, result, e, how->sum(&g.list));
    }
    const dc_status status =
        steps && g.list.a && g.list.b && da && db ? DC_OK : DC_NOMEM;
    free(steps);
    free(da);
    free(db);
    free(g.list.a);
    free(g.list.b);
    return status;
}

/* ==== The table ========================================================= */

static dc_status sums_forward(const dc_problem *p, const void *x, const void *w,
                              const void *b, void *y)
{
    return run_sums(p, 0, x, w, b, y);
}

static dc_status sums_grad_input(const dc_problem *p, const void *gy,
                                 const void *w, void *gx)
{
    return run_sums(p, 1, gy, w, NULL, gx);
}

static dc_status sums_grad_weight(const dc_problem *p, const void *gy,
                                  const void *x, void *gw)
{
    return run_sums(p, 2, x, gy, NULL, gw);
}

static dc_status sums_grad_bias(const dc_problem *problem, const void *gy,
                                void *gb)
{
    if (legal(problem, INT32_MAX) != DC_OK)
        return legal(problem, INT32_MAX);

    const dc_problem p = lifted(problem);
    const int64_t o = volume(p.o);
    const way *const how = way_now();
    products list = {.dtype = p.dtype};

    list.a = malloc((size_t)(p.n * o + 1) * sizeof(double));
    list.b = malloc((size_t)(p.n * o + 1) * sizeof(double));
    for (int64_t c = 0; how && list.a && list.b && c < p.co; c++) {
        list.count = 0;
        for (int64_t n = 0; n < p.n; n++)
            for (int64_t e = 0; e < o; e++, list.count++) {
                list.a[list.count] =
                    read_value(p.dtype, gy, (n * p.co + c) * o + e);
                list.b[list.count] = 1;
            }
        write_value(p.dtype, gb, c, how->sum(&list));
    }
    const dc_status status = !how               ? DC_FAILED
                             : list.a && list.b ? DC_OK
                                                : DC_NOMEM;
    free(list.a);
    free(list.b);
    return status;
}

#define SUMS_IMPL(NAME)                                                        \
    {                                                                          \
        DC_ABI, NAME, "1", NULL, sums_forward, sums_grad_input,                \
            sums_grad_weight, sums_grad_bias                                   \
    }

#endif

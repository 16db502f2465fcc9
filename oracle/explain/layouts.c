/* SPDX-License-Identifier: MIT
 *
 * The right algorithm runs on factors that are read in each order, and its
 * result is stored in each order.
 */
#include "oracle/explain/layouts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"

/* ==== Orders ============================================================= */

/* The axes before the spatial ones are A and B (a tensor without batch: B
 * alone), the spatial ones are S. */
typedef enum {
    AS_IS,
    B_LAST,   /* A S B */
    B_FIRST,  /* B A S */
    S_FIRST,  /* S A B */
    REVERSED, /* S B A */
    TURNED    /* A B S, the last two of S exchanged */
} order;

/* A tensor's axes from the outermost on in this order; returns their number. */
static int list_axes(order o, int axes, int rank, int list[5])
{
    const int lead = axes - rank;
    const int b = lead - 1;
    int n = 0;

    if (o == B_FIRST)
        list[n++] = b;
    for (int a = 0; a < b && o != S_FIRST && o != REVERSED; a++)
        list[n++] = a;
    if (o == AS_IS || o == TURNED)
        list[n++] = b;
    for (int a = lead; a < axes; a++)
        list[n++] = a;
    if (o == REVERSED)
        list[n++] = b;
    for (int a = 0; a < b && (o == S_FIRST || o == REVERSED); a++)
        list[n++] = a;
    if (o == B_LAST || o == S_FIRST)
        list[n++] = b;
    if (o == TURNED && rank > 1) {
        list[axes - 1] = axes - 2;
        list[axes - 2] = axes - 1;
    }
    return n;
}

/* Where in memory element e of tensor t lies in this order; fills where[e]. */
static void place(const dc_problem *p, dc_tensor t, order o, int64_t count,
                  int64_t *where)
{
    int64_t shape[5];
    int64_t pitch[5];
    int64_t next = 1;
    int list[5];
    const int axes = dc_problem_shape(p, t, shape);
    const int n = list_axes(o, axes, p->rank, list);

    for (int k = n - 1; k >= 0; k--) {
        pitch[list[k]] = next;
        next *= shape[list[k]];
    }
    for (int64_t e = 0; e < count; e++) {
        int64_t rest = e;

        where[e] = 0;
        for (int a = axes - 1; a >= 0; a--) {
            where[e] += rest % shape[a] * pitch[a];
            rest /= shape[a];
        }
    }
}

/* ==== Comparison ========================================================= */

/* A copy of tensor t as it is when read in this order, or NULL. */
static void *reread(const dc_problem *p, dc_tensor t, order o, const void *from)
{
    const size_t size = (size_t)dc_formats[p->dtype].size;
    const int64_t count = dc_problem_count(p, t);
    int64_t *const where = malloc((size_t)(count + 1) * sizeof *where);
    char *const copy = malloc((size_t)(count + 1) * size);

    if (where && copy) {
        place(p, t, o, count, where);
        for (int64_t e = 0; e < count; e++)
            memcpy(copy + (size_t)e * size,
                   (const char *)from + (size_t)where[e] * size, size);
    }
    free(where);
    return copy;
}

static bool differ(double a, double b)
{
    return !(a == b || (isnan(a) && isnan(b)));
}

/* One result and what it is compared with. */
typedef struct {
    const dc_problem *p;
    dc_op op;
    const void *tensors[DC_TENSORS];
    const double *got;
    int64_t count;
    void *result;   /* of the right algorithm */
    int64_t *where; /* of the result's elements */
} trial;

/* Refutes orders of the result, the factors being read as they are. */
static void try_results(trial *x, bool refuted[DC_LAYOUT_ORDERS])
{
    const bool ran =
        dc_mutant_run(NULL, x->p, x->op, x->tensors, x->result) == DC_OK;

    for (int o = 0; o < DC_LAYOUT_ORDERS; o++) {
        refuted[o] |= !ran;
        if (refuted[o])
            continue;
        place(x->p, dc_ops[x->op].out, (order)o, x->count, x->where);
        for (int64_t e = 0; e < x->count && !refuted[o]; e++)
            refuted[o] = differ(x->got[x->where[e]],
                                dc_format_get(x->p->dtype, x->result, e));
    }
}

static bool all_refuted(const bool refuted[DC_LAYOUT_ORDERS])
{
    int o = 0;

    while (o < DC_LAYOUT_ORDERS && refuted[o])
        o++;
    return o == DC_LAYOUT_ORDERS;
}

/* Tries the orders of both factors. */
static dc_status try_factors(dc_layouts *l, trial *x)
{
    const dc_tensor *const in = dc_ops[x->op].in;
    const void *const own[2] = {x->tensors[in[0]], x->tensors[in[1]]};
    dc_status status = DC_OK;

    for (int u = 0; u < DC_LAYOUT_ORDERS && status == DC_OK; u++) {
        void *const first = reread(x->p, in[0], (order)u, own[0]);

        for (int v = 0; v < DC_LAYOUT_ORDERS && status == DC_OK; v++) {
            void *second;

            if (all_refuted(l->refuted[u][v]))
                continue;
            second = reread(x->p, in[1], (order)v, own[1]);
            x->tensors[in[0]] = first;
            x->tensors[in[1]] = second;
            if (first && second)
                try_results(x, l->refuted[u][v]);
            else
                status = DC_NOMEM;
            free(second);
        }
        free(first);
    }
    return status;
}

dc_status dc_layouts_try(dc_layouts *l, const dc_problem *p, dc_op op,
                         const void *const tensors[DC_TENSORS],
                         const double *got)
{
    trial x = {.p = p, .op = op, .got = got};
    dc_status status = DC_NOMEM;

    if (op == DC_GRAD_BIAS)
        return DC_OK;
    x.count = dc_problem_count(p, dc_ops[op].out);
    x.result = malloc(dc_problem_bytes(p, dc_ops[op].out) + 1);
    x.where = malloc((size_t)(x.count + 1) * sizeof *x.where);
    memcpy(x.tensors, tensors, sizeof x.tensors);
    if (x.result && x.where)
        status = try_factors(l, &x);
    l->results++;
    free(x.result);
    free(x.where);
    return status;
}

/* ==== In words =========================================================== */

/* Appends that tensor t has this order. */
static void add_words(dc_tensor t, order o, char text[DC_LAYOUTS_TEXT])
{
    static const char *const axes[DC_TENSORS][3] = {
        [DC_X] = {"n", "ci", "i.."},  [DC_W] = {"ci", "co/g", "k.."},
        [DC_Y] = {"n", "co", "o.."},  [DC_GY] = {"n", "co", "o.."},
        [DC_GX] = {"n", "ci", "i.."}, [DC_GW] = {"ci", "co/g", "k.."},
    };
    static const int places[DC_LAYOUT_ORDERS][3] = {
        [AS_IS] = {0, 1, 2},   [B_LAST] = {0, 2, 1},   [B_FIRST] = {1, 0, 2},
        [S_FIRST] = {2, 0, 1}, [REVERSED] = {2, 1, 0}, [TURNED] = {0, 1, 2},
    };
    const size_t used = strlen(text);

    if (o != AS_IS)
        snprintf(text + used, DC_LAYOUTS_TEXT - used,
                 "%s%s taken for [%s][%s][%s]%s", used ? ", " : "",
                 dc_tensor_names[t], axes[t][places[o][0]],
                 axes[t][places[o][1]], axes[t][places[o][2]],
                 o == TURNED ? " with w before h" : "");
}

void dc_layouts_say(const dc_layouts *l, dc_op op, char text[DC_LAYOUTS_TEXT])
{
    enum { FEWEST = 3, SIDES = 3 };
    const dc_op_info *const info = &dc_ops[op];
    int best[SIDES] = {0};
    int mistakes = SIDES + 1;

    text[0] = 0;
    for (int u = 0; u < DC_LAYOUT_ORDERS; u++)
        for (int v = 0; v < DC_LAYOUT_ORDERS; v++)
            for (int o = 0; o < DC_LAYOUT_ORDERS; o++) {
                const int here = (u > 0) + (v > 0) + (o > 0);

                if (l->refuted[u][v][o] || here >= mistakes)
                    continue;
                mistakes = here;
                best[0] = u;
                best[1] = v;
                best[2] = o;
            }
    if (l->results < FEWEST || mistakes > SIDES)
        return;
    add_words(info->in[0], (order)best[0], text);
    add_words(info->in[1], (order)best[1], text);
    add_words(info->out, (order)best[2], text);
}

/* SPDX-License-Identifier: MIT
 *
 * A case for a cell.  The quantity is carried by one field of the problem, or
 * as a product by two (n x positions by n and i).  Around it there are
 * companions, small numbers that turn with the cell; they give way if the
 * quantity or the output would not be right with them, or the case not cheap.
 */
#include "cases/space/scale.h"

#include <string.h>

#include "cases/random.h"
#include "ref/counts.h"

/* A field, or fields that are set together, on one axis or on none. */
typedef enum {
    C_NONE,
    C_N,
    C_CI,
    C_CO,
    C_BOTH, /* ci = co */
    C_DEPTHWISE,
    C_MULTIPLIER,
    C_GROUPED,
    C_I,
    C_K,
    C_TAPS,   /* k - 1 */
    C_SQUARE, /* i = k, so that all taps meet in one output */
    C_S,
    C_D,
    C_O,
    C_OP,
    C_PB,
    C_PE,
} carrier;

/* What carries each quantity. */
static const struct {
    carrier by[2];
    bool even_split; /* two carriers of about the same size */
} rows[DC_QUANTITIES] = {
    [DC_Q_N] = {{C_N}, false},
    [DC_Q_CI] = {{C_CI}, false},
    [DC_Q_CO] = {{C_CO}, false},
    [DC_Q_WIDTH] = {{C_BOTH}, false},
    [DC_Q_DEPTHWISE] = {{C_DEPTHWISE}, false},
    [DC_Q_MULTIPLIER] = {{C_MULTIPLIER}, false},
    [DC_Q_GROUPED] = {{C_GROUPED}, false},
    [DC_Q_I] = {{C_I}, false},
    [DC_Q_K] = {{C_K}, false},
    [DC_Q_O] = {{C_O}, false},
    [DC_Q_S] = {{C_S}, false},
    [DC_Q_D] = {{C_D}, false},
    [DC_Q_SPAN] = {{C_D, C_TAPS}, false},
    [DC_Q_OP] = {{C_OP}, false},
    [DC_Q_PB] = {{C_PB}, false},
    [DC_Q_PE] = {{C_PE}, false},
    [DC_Q_AREA] = {{C_K, C_K}, true},
    [DC_Q_PLANE] = {{C_I, C_I}, true},
    [DC_Q_POSITIONS] = {{C_N, C_I}, true},
    [DC_Q_X] = {{C_CI, C_I}, true},
    [DC_Q_W] = {{C_CI, C_CO}, true},
    [DC_Q_Y] = {{C_CO, C_I}, true},
    [DC_Q_SUM_Y] = {{C_CI, C_SQUARE}, false},
    [DC_Q_SUM_GX] = {{C_CO, C_K}, false},
    [DC_Q_SUM_GW] = {{C_N, C_I}, false},
};

/* ==== Values ============================================================ */

/* A value on the side of the cell as a product: the nearest to the threshold
 * with a part of 2 to 7, or with two even parts, neither more than twice its
 * square root. */
static void split(const dc_scale_cell *c, bool even, int64_t *count,
                  int64_t *part)
{
    int64_t value = ((int64_t)1 << c->bits) + (int)c->side - DC_SCALE_AT;
    int64_t root = 1;

    for (;; value += (int)c->side - DC_SCALE_AT) {
        const int64_t most = even ? value : 7;

        while (even && (root + 1) * (root + 1) <= value)
            root++;
        for (*part = even ? root : most; *part > (even ? root / 2 : 1); --*part)
            if (value % *part == 0) {
                *count = value / *part;
                return;
            }
    }
}

static void carry_channels(dc_problem *p, carrier by, int64_t v)
{
    switch (by) {
    case C_N:
        p->n = v;
        break;
    case C_CI:
        p->ci = v;
        break;
    case C_CO:
        p->co = v;
        break;
    case C_BOTH:
        p->ci = p->co = v;
        break;
    case C_DEPTHWISE:
        dc_problem_set_channels(p, v, 1, 1);
        break;
    case C_MULTIPLIER:
        dc_problem_set_channels(p, v, 1, 2);
        break;
    default:
        dc_problem_set_channels(p, v, 2, 3);
    }
}

/* Axis a; it has i = k = 1 before. */
static void carry_axis(dc_problem *p, carrier by, int a, int64_t v)
{
    switch (by) {
    case C_I:
        p->i[a] = v;
        break;
    case C_K:
        p->i[a] = 2;
        p->k[a] = v;
        break;
    case C_TAPS:
        p->k[a] = v + 1;
        break;
    case C_SQUARE:
        p->i[a] = p->k[a] = v;
        break;
    case C_S:
        p->i[a] = 2;
        p->s[a] = v;
        break;
    case C_D:
        p->k[a] = 2;
        p->d[a] = v;
        break;
    case C_O:
        p->i[a] = 2;
        p->s[a] = v - 1;
        break;
    case C_OP:
        p->i[a] = 2;
        p->s[a] = v + 1;
        p->op[a] = v;
        break;
    default: /* a pad crops one of two inputs */
        p->i[a] = 2;
        p->k[a] = 3;
        p->s[a] = v;
        *(by == C_PB ? &p->pb[a] : &p->pe[a]) = v;
    }
}

static void carry(dc_problem *p, carrier by, int a, int64_t v)
{
    if (by == C_NONE)
        return;
    if (by < C_I)
        carry_channels(p, by, v);
    else
        carry_axis(p, by, a, v);
}

/* ==== A case ============================================================ */

/* How much stands around the quantity, the richest first. */
typedef enum {
    RICH,   /* kernels, strides and channels */
    MODEST, /* a kernel and a stride on one axis */
    SMALL,  /* axes of 1 and 2 */
    BARE
} company;

/* Small numbers on the axes and channels that carry nothing. */
static void add_companions(dc_problem *p, uint64_t turn, company around)
{
    const bool rich = around == RICH;
    const int only = (int)(turn / 8 % (uint64_t)p->rank);

    for (int a = 0; a < p->rank; a++) {
        const bool kernel = rich || (around == MODEST && a == only);

        if (p->i[a] == 1 && p->k[a] == 1) {
            p->i[a] = 1 + (int64_t)(turn % 2);
            p->k[a] = kernel ? 2 + (int64_t)(turn / 4 % 2) : 1;
            p->s[a] = kernel ? 1 + (int64_t)(turn / 2 % 3) : 1;
            p->pe[a] = kernel && turn / 8 % 2 ? 1 : 0;
            p->op[a] = p->s[a] > 1 && turn / 16 % 2;
        } else if (p->i[a] > 2 && p->k[a] == 1 && kernel) {
            /* the three ways in which networks use a long axis */
            p->k[a] = turn / 4 % 3 == 0 ? 1 : turn / 4 % 3 == 1 ? 3 : 2;
            p->s[a] = p->k[a] == 2 ? 2 : 1;
            p->pb[a] = p->pe[a] = p->k[a] == 3;
        }
        turn = turn * 3 + 1;
    }
    if (p->g == 1 && p->ci == 1 && rich)
        p->ci = 1 + (int64_t)(turn / 8 % 2);
    if (p->g == 1 && p->co == 1 && rich)
        p->co = 1 + (int64_t)(turn / 16 % 3);
    if (p->n == 1 && rich && turn / 32 % 4 == 0)
        p->n = 2;
}

/* Only the outputs about the last input and the last tap stay. */
static void crop(dc_problem *p, int a)
{
    const int64_t last =
        (p->i[a] - 1) * p->s[a] + p->d[a] * (p->k[a] - 1) - p->pb[a];

    if (p->pb[a] > 0 || p->pe[a] > 0)
        return;
    p->pb[a] = last - 1;
    p->pe[a] = p->op[a] > 0 ? p->op[a] - 1 : 0;
}

/* Has the problem outputs and the wanted quantity? */
static bool is_right(const dc_scale_cell *c, int64_t value, dc_problem *p)
{
    if (dc_problem_complete(p, NULL) != DC_OK ||
        dc_quantity_of(c->quantity, p) != value)
        return false;
    for (int a = 0; a < p->rank; a++)
        if (p->o[a] == 0)
            return false;
    return true;
}

/* Is it about as quick to judge as a random case? */
static bool is_cheap(const dc_problem *p)
{
    return dc_counts_uncropped(p) + dc_problem_count(p, DC_Y) <= 3000;
}

static void build(const dc_scale_cell *c, uint64_t turn, company around,
                  int64_t part[2], dc_problem *p)
{
    const int large = (int)(turn % (uint64_t)c->rank);
    const int other = (large + 1) % c->rank;
    const carrier *by = rows[c->quantity].by;
    const bool twice = by[0] == by[1]; /* on two axes */

    memset(p, 0, sizeof *p);
    p->rank = c->rank;
    p->n = p->ci = p->co = p->g = 1;
    for (int a = 0; a < p->rank; a++)
        p->i[a] = p->k[a] = p->s[a] = p->d[a] = 1;
    p->has_bias = (int32_t)(turn / 4 % 2);
    carry(p, by[0], large, part[0]);
    carry(p, by[1], twice ? other : large, part[1]);
    if (around != BARE)
        add_companions(p, turn, around);
    if (c->bits > (by[0] == C_S ? 16 : 15) && by[0] >= C_S && by[0] != C_O)
        crop(p, large);
}

static uint64_t turn_of(const dc_scale_cell *c)
{
    return dc_random_hash((uint64_t)c->quantity << 8 | (uint64_t)c->bits,
                          (uint64_t)c->side << 8 | (uint64_t)c->rank) >>
           8;
}

void dc_scale_case_of(const dc_scale_cell *cell, dc_case *c)
{
    /* above a threshold bit for bit, elsewhere what int may miss as well */
    static const dc_family families[] = {DC_INT, DC_REAL, DC_SHORT};
    const uint64_t turn = turn_of(cell);
    int64_t part[2] = {
        ((int64_t)1 << cell->bits) + (int)cell->side - DC_SCALE_AT, 1};

    memset(c, 0, sizeof *c);
    if (rows[cell->quantity].by[1])
        split(cell, rows[cell->quantity].even_split, &part[0], &part[1]);
    for (company around = RICH; around <= BARE; around++) {
        build(cell, turn, around, part, &c->p);
        if (is_right(cell, part[0] * part[1], &c->p) && is_cheap(&c->p))
            break;
    }
    c->family = cell->side == DC_SCALE_ABOVE ? DC_INT : families[turn / 64 % 3];
    c->seed = turn / 256 % 10000 * 10 + turn % 9; /* the first int variant */
}

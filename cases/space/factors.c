/* SPDX-License-Identifier: MIT
 *
 * The table of factors, the classification of a case by its numbers, and a
 * small solver over intervals that tells why a combination of levels is
 * impossible.
 */
#include "cases/space/factors.h"

#include <string.h>

#include "ref/integer.h"

/* clang-format off */
#define ORDINARY 0, 0 /* no level of the factor is degenerate */
#define CHANNELS 11, {"1", "2", "3", "4", "5,7", "8", "9,15", "16", \
                      "17..31", "32", "33"}, ORDINARY
#define PAD(bit) 4, {"0", "1..d(k-1)", "> d(k-1)", "< 0"}, 1u << 3, bit
#define AXIS(a, bit) \
    {"k " a, 3, {"1", "even", "odd"}, ORDINARY}, \
    {"s " a, 3, {"1", "2", "3+"}, ORDINARY}, \
    {"d " a, 3, {"1", "2", "3+"}, ORDINARY}, \
    {"pb " a, PAD(bit)}, \
    {"pe " a, PAD(bit)}, \
    {"op " a, 3, {"0", "1..s-1", ">= s"}, ORDINARY}, \
    {"s:reach " a, 3, {"<", "=", ">"}, ORDINARY}

const dc_factor dc_factors[DC_FACTORS] = {
    {"rank", 3, {"1", "2", "3"}, ORDINARY},
    {"pads", 3, {"equal", "unequal on the last axis",
                 "unequal on the first axis only"}, ORDINARY},
    {"g", 5, {"1", "2", "3+", "depthwise", "multiplier"}, ORDINARY},
    {"ci/g", CHANNELS},
    {"co/g", CHANNELS},
    {"n", 4, {"1", "2+", "0", "unbatched"}, 1u << 2 | 1u << 3, 1},
    {"bias", 2, {"no", "yes"}, ORDINARY},
    {"dtype", 4, {"f64", "f32", "f16", "bf16"}, ORDINARY},
    {"family", 7, {"int", "probe", "short", "real", "cancel", "wide",
                   "special"}, ORDINARY},
    AXIS("first", 2),
    {"i first", 4, {"1", "2", "3+", "0"}, 1u << 3, 4},
    AXIS("last", 8),
    {"i last", 7, {"1", "2", "other", "7,15,31", "8,16,32", "9,17,33", "0"},
     1u << 6, 16},
};
/* clang-format on */

/* ==== Classification ==================================================== */

static int up_to(int64_t v, int64_t most)
{
    return (int)((v < most ? v : most) - 1);
}

static int channels_level(int64_t c)
{
    static const int64_t above[] = {1, 2, 3, 4, 7, 8, 15, 16, 31, 32};
    int level = 0;

    while (level < 10 && c > above[level])
        level++;
    return level;
}

static int pad_level(int64_t pad, int64_t reach)
{
    return pad < 0 ? 3 : pad == 0 ? 0 : pad <= reach ? 1 : 2;
}

/* Input extents.  The last axis has levels of its own for extents next to the
 * lengths of vectors. */
static int extent_level(int64_t i, bool last)
{
    if (!last)
        return i == 0 ? 3 : up_to(i, 3);
    if (i == 0)
        return 6;
    if (i < 3)
        return (int)i - 1;
    for (int64_t vector = 8; vector <= 32; vector *= 2)
        if (i >= vector - 1 && i <= vector + 1)
            return (int)(4 + i - vector);
    return 2;
}

static void axis_levels(const dc_problem *p, int a, bool last, int8_t *at)
{
    const int64_t reach = p->d[a] * (p->k[a] - 1);
    const int64_t s = p->s[a];
    const int levels[DC_A_FACTORS] = {
        [DC_A_K] = p->k[a] == 1       ? 0
                   : p->k[a] % 2 == 0 ? 1
                                      : 2,
        [DC_A_S] = up_to(s, 3),
        [DC_A_D] = up_to(p->d[a], 3),
        [DC_A_PB] = pad_level(p->pb[a], reach),
        [DC_A_PE] = pad_level(p->pe[a], reach),
        [DC_A_OP] = p->op[a] == 0  ? 0
                    : p->op[a] < s ? 1
                                   : 2,
        [DC_A_REACH] = s < reach + 1    ? 0
                       : s == reach + 1 ? 1
                                        : 2,
        [DC_A_I] = extent_level(p->i[a], last),
    };

    for (int f = 0; f < DC_A_FACTORS; f++)
        at[f] = (int8_t)levels[f];
}

static int group_level(const dc_problem *p)
{
    if (p->g == 1)
        return 0;
    if (p->ci == p->g)
        return p->co == p->g ? 3 : 4;
    return up_to(p->g, 3);
}

/* Has the case channels, an output, and no degenerate middle axis? */
static bool covers_something(const dc_problem *p)
{
    if (p->ci == 0 || p->co == 0)
        return false;
    for (int a = 0; a < p->rank; a++)
        if (p->o[a] == 0)
            return false;
    return p->rank < 3 || (p->i[1] > 0 && p->pb[1] >= 0 && p->pe[1] >= 0);
}

static int pads_level(const dc_problem *p)
{
    const int last = p->rank - 1;

    if (p->pb[last] != p->pe[last])
        return 1;
    if (p->pb[0] != p->pe[0])
        return 2;
    /* pads that differ on the middle axis only belong to no level */
    return p->rank == 3 && p->pb[1] != p->pe[1] ? -1 : 0;
}

bool dc_factors_of(const dc_case *c, dc_levels *levels)
{
    const dc_problem *p = &c->p;
    const int last = p->rank - 1;

    memset(levels, -1, sizeof *levels);
    if (!covers_something(p))
        return false;
    levels->at[DC_F_RANK] = (int8_t)last;
    levels->at[DC_F_PADS] = (int8_t)pads_level(p);
    levels->at[DC_F_GROUP] = (int8_t)group_level(p);
    levels->at[DC_F_CI] = (int8_t)channels_level(p->ci / p->g);
    levels->at[DC_F_CO] = (int8_t)channels_level(p->co / p->g);
    levels->at[DC_F_BATCH] = (int8_t)(p->unbatched ? 3
                                      : p->n == 0  ? 2
                                                   : up_to(p->n, 2));
    levels->at[DC_F_BIAS] = (int8_t)p->has_bias;
    levels->at[DC_F_DTYPE] = (int8_t)p->dtype;
    levels->at[DC_F_FAMILY] = (int8_t)c->family;
    if (last > 0)
        axis_levels(p, 0, false, &levels->at[DC_F_FIRST]);
    axis_levels(p, last, true, &levels->at[DC_F_LAST]);
    return true;
}

unsigned dc_factors_degenerate(const dc_levels *levels)
{
    unsigned bits = 0;

    for (int f = 0; f < DC_FACTORS; f++)
        if (levels->at[f] >= 0 && dc_factors[f].degenerate >> levels->at[f] & 1)
            bits |= dc_factors[f].degeneracy;
    return bits;
}

/* ==== Why a combination is impossible =================================== */

enum {
    R_RANK1,
    R_DEPTHWISE,
    R_MULTIPLIER,
    R_GROUPS,
    R_EQUAL,
    R_UNEQUAL,
    R_KERNEL1,
    R_OP_SMALL,
    R_OP_LARGE,
    R_LESS,
    R_SAME,
    R_GREATER,
    R_OUTPUT
};

const char *const dc_factor_rules[DC_RULES] = {
    [R_RANK1] = "rank 1 has no axis but the last",
    [R_DEPTHWISE] = "depthwise is g > 1 with ci/g = co/g = 1",
    [R_MULTIPLIER] = "multiplier is g > 1 with ci/g = 1 and co/g > 1",
    [R_GROUPS] = "g > 1 with ci/g = 1 is depthwise or multiplier",
    [R_EQUAL] = "equal pads are of one class",
    [R_UNEQUAL] = "pads that are both 0 do not differ",
    [R_KERNEL1] = "a pad of 1..d(k-1) needs k > 1",
    [R_OP_SMALL] = "an op of 1..s-1 needs s > 1",
    [R_OP_LARGE] = "op >= s needs d > s, for op < max(s,d)",
    [R_LESS] = "s < d(k-1)+1",
    [R_SAME] = "s = d(k-1)+1",
    [R_GREATER] = "s > d(k-1)+1",
    [R_OUTPUT] = "o >= 1 without a negative pad",
};

/* Larger than any number that the levels tell apart.  Two bounds that raise
 * each other stop here. */
enum { FAR = 64 };

typedef struct {
    int64_t lo, hi;
} range;

typedef struct {
    range k, s, d, reach; /* reach is d(k-1)+1 */
    unsigned rules;
} axis_space;

/* Narrows v to lo..hi because of a rule (-1: of arithmetic alone).  Returns
 * whether v changed. */
static bool narrow(axis_space *x, range *v, int64_t lo, int64_t hi, int rule)
{
    if (lo <= v->lo && hi >= v->hi)
        return false;
    v->lo = dc_max(v->lo, lo);
    v->hi = dc_min(v->hi, hi);
    if (rule >= 0)
        x->rules |= 1u << rule;
    return true;
}

static bool is_empty(const axis_space *x)
{
    return x->k.lo > x->k.hi || x->s.lo > x->s.hi || x->d.lo > x->d.hi ||
           x->reach.lo > x->reach.hi;
}

/* Narrows k, d and reach by reach = d(k-1)+1. */
static bool arithmetic(axis_space *x)
{
    range *const k = &x->k, *const d = &x->d, *const r = &x->reach;
    const bool unbounded = k->hi == FAR || d->hi == FAR;
    const int64_t most = k->hi == 1  ? 1
                         : unbounded ? (int64_t)FAR * FAR
                                     : d->hi * (k->hi - 1) + 1;
    bool changed = narrow(x, r, d->lo * (k->lo - 1) + 1, most, -1);

    if (is_empty(x))
        return true;
    changed |= narrow(x, k, dc_ceil_div(r->lo - 1, d->hi) + 1,
                      (r->hi - 1) / d->lo + 1, -1);
    if (k->lo > 1 && !is_empty(x))
        changed |= narrow(x, d, dc_ceil_div(r->lo - 1, k->hi - 1),
                          (r->hi - 1) / (k->lo - 1), -1);
    return changed;
}

/* Narrows s and reach by how they compare. */
static bool compare_reach(axis_space *x, int level)
{
    range *const s = &x->s, *const r = &x->reach;
    bool changed;

    if (level == 0) {
        changed = narrow(x, s, 1, r->hi - 1, R_LESS);
        changed |= narrow(x, r, s->lo + 1, INT64_MAX, R_LESS);
    } else if (level == 1) {
        changed = narrow(x, s, r->lo, r->hi, R_SAME);
        changed |= narrow(x, r, s->lo, s->hi, R_SAME);
    } else {
        changed = narrow(x, s, r->lo + 1, INT64_MAX, R_GREATER);
        changed |= narrow(x, r, 1, s->hi - 1, R_GREATER);
    }
    return changed;
}

static int64_t least_pad(const axis_space *x, int level)
{
    return level == 1 ? 1 : level == 2 ? x->reach.lo : 0;
}

/* Upper bound of o = (i-1)s + op + reach - pb - pe within the intervals, for
 * i < 3 and pads >= 0.  Terms that depend on each other are bounded together:
 * op with s, a pad beyond d(k-1) with reach, s with reach. */
static int64_t most_output(const axis_space *x, const int8_t *at, int64_t i)
{
    const int over = (at[DC_A_PB] == 2) + (at[DC_A_PE] == 2);
    const int64_t pads = over == 2   ? -x->reach.lo
                         : over == 1 ? -(at[DC_A_PB] == 1 || at[DC_A_PE] == 1)
                                     : x->reach.hi - least_pad(x, at[DC_A_PB]) -
                                           least_pad(x, at[DC_A_PE]);
    /* (i-1)s + op by the level of op */
    const int64_t steps[3] = {
        i == 0 ? -x->s.lo : (i - 1) * x->s.hi, i * (i == 0 ? 0 : x->s.hi) - 1,
        (i == 0 ? -x->s.lo : (i - 1) * x->s.hi) + x->d.hi - 1};
    const int64_t any = dc_max(steps[1], steps[2]);

    if (i == 0 && at[DC_A_OP] == 0 && at[DC_A_REACH] > 0)
        return 0; /* o <= reach - s <= 0 */
    return pads + (at[DC_A_OP] < 0 ? any : steps[at[DC_A_OP]]);
}

/* Can o be positive?  empty_level is the level of i = 0. */
static bool has_output(const axis_space *x, const int8_t *at, int empty_level)
{
    const int level = at[DC_A_I];

    if ((level != empty_level && level != 0 && level != 1) ||
        at[DC_A_PB] == 3 || at[DC_A_PE] == 3)
        return true;
    return most_output(x, at, level == empty_level ? 0 : level + 1) >= 1;
}

/* The rules that exclude these levels of one axis. */
static unsigned refuted_axis(const int8_t *at, int empty_level)
{
    static const range of_k[] = {{1, 1}, {2, FAR}, {3, FAR}, {1, FAR}};
    static const range of_3[] = {{1, 1}, {2, 2}, {3, FAR}, {1, FAR}};
    axis_space x = {of_k[at[DC_A_K] < 0 ? 3 : at[DC_A_K]],
                    of_3[at[DC_A_S] < 0 ? 3 : at[DC_A_S]],
                    of_3[at[DC_A_D] < 0 ? 3 : at[DC_A_D]],
                    {1, (int64_t)FAR * FAR},
                    0};
    bool changed = true;

    while (changed && !is_empty(&x)) {
        changed = arithmetic(&x);
        if (is_empty(&x))
            break;
        if (at[DC_A_PB] == 1 || at[DC_A_PE] == 1)
            changed |= narrow(&x, &x.k, 2, FAR, R_KERNEL1);
        if (at[DC_A_OP] == 1)
            changed |= narrow(&x, &x.s, 2, FAR, R_OP_SMALL);
        if (at[DC_A_OP] == 2) {
            changed |= narrow(&x, &x.d, x.s.lo + 1, FAR, R_OP_LARGE);
            changed |= narrow(&x, &x.s, 1, x.d.hi - 1, R_OP_LARGE);
        }
        if (at[DC_A_REACH] >= 0)
            changed |= compare_reach(&x, at[DC_A_REACH]);
    }
    if (is_empty(&x))
        return x.rules;
    return has_output(&x, at, empty_level) ? 0 : x.rules | 1u << R_OUTPUT;
}

/* The rules that exclude these pads of an axis, given whether they must be
 * equal. */
static unsigned refuted_pads(const int8_t *axis, bool equal)
{
    const int pb = axis[DC_A_PB];
    const int pe = axis[DC_A_PE];

    if (pb < 0 || pe < 0)
        return 0;
    if (equal)
        return pb == pe ? 0 : 1u << R_EQUAL;
    return pb == 0 && pe == 0 ? 1u << R_UNEQUAL : 0;
}

static unsigned refuted_channels(const int8_t *at)
{
    const int group = at[DC_F_GROUP];
    const int ci = at[DC_F_CI];
    const int co = at[DC_F_CO];

    if (group == 3 && (ci > 0 || co > 0))
        return 1u << R_DEPTHWISE;
    if (group == 4 && (ci > 0 || co == 0))
        return 1u << R_MULTIPLIER;
    return (group == 1 || group == 2) && ci == 0 ? 1u << R_GROUPS : 0;
}

unsigned dc_factors_refuted(const dc_levels *levels)
{
    const int8_t *at = levels->at;
    const int pads = at[DC_F_PADS];
    unsigned rules = refuted_channels(at);

    if (at[DC_F_RANK] == 0) {
        if (pads == 2)
            rules |= 1u << R_RANK1;
        for (int f = DC_F_FIRST; f < DC_F_LAST; f++)
            if (at[f] >= 0)
                rules |= 1u << R_RANK1;
    }
    if (pads == 0 || pads == 2)
        rules |= refuted_pads(&at[DC_F_FIRST], pads == 0);
    if (pads >= 0)
        rules |= refuted_pads(&at[DC_F_LAST], pads != 1);
    return rules | refuted_axis(&at[DC_F_FIRST], 3) |
           refuted_axis(&at[DC_F_LAST], 6);
}

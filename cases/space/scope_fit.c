/* SPDX-License-Identifier: MIT
 *
 * Problems inside a scope, made of problems that may be outside: what is inside
 * is kept, so that a problem with many channels keeps them.
 */
#include <string.h>

#include "cases/space/scope.h"
#include "ref/integer.h"

/* A number of a range: often an end, else not far above the lower one. */
static int64_t draw(dc_random *r, int64_t lo, int64_t hi)
{
    const int64_t far = dc_max(2 * (lo < 0 ? -lo : lo), 8);
    const int64_t most = hi - far > lo ? lo + far : hi;

    switch (dc_random_below(r, 4)) {
    case 0:
        return lo;
    case 1:
        return most;
    default:
        return dc_random_range(r, lo, most);
    }
}

/* Pads have no lower end of their own: small ones are taken. */
static void draw_field(const dc_scope *s, dc_random *r, dc_scope_field f,
                       int axis, dc_problem *p)
{
    const int64_t v = dc_scope_get(p, f, axis);
    int64_t lo = s->of[f].lo;
    int64_t hi = s->of[f].hi;

    if (v >= lo && v <= hi)
        return;
    if (lo < -8 && hi < 0)
        lo = hi - 2;
    if (lo < -8 && hi >= 0)
        lo = 0;
    dc_scope_set(p, f, axis, draw(r, lo, dc_max(lo, hi)));
}

/* Raises the rank by unit axes in front, or takes axes away there. */
static void fit_rank(const dc_scope *s, dc_random *r, dc_problem *p)
{
    const dc_scope_range *const range = &s->of[DC_SCOPE_RANK];
    const int64_t rank = p->rank < range->lo || p->rank > range->hi
                             ? dc_random_range(r, range->lo, range->hi)
                             : p->rank;

    if (rank > p->rank)
        *p = dc_problem_raise(p, (int)rank);
    for (; p->rank > rank; p->rank--)
        for (int f = DC_SCOPE_I; f <= DC_SCOPE_O; f++)
            for (int a = 0; a + 1 < p->rank; a++)
                dc_scope_set(p, (dc_scope_field)f, a,
                             dc_scope_get(p, (dc_scope_field)f, a + 1));
}

static void fit_equal(const dc_scope *s, dc_problem *p, dc_scope_field f)
{
    const int axes = dc_scope_is_axial(f) ? p->rank : 1;

    if (s->of[f].equal)
        for (int a = 0; a < axes; a++)
            dc_scope_set(p, f, a, dc_scope_get(p, s->of[f].other, a));
}

/* Products of two of these fit an int64_t. */
enum { SAFE = 1 << 30 };

/* Moves the output extent of an axis into its range: by the input, as far as
 * its own range allows, then by the pad at the end. */
static void fit_output(const dc_scope *s, dc_problem *p, int a)
{
    const dc_scope_range *const o = &s->of[DC_SCOPE_O];
    const dc_scope_range *const i = &s->of[DC_SCOPE_I];
    const dc_scope_range *const pe = &s->of[DC_SCOPE_PE];
    int64_t rest;
    int64_t now;
    int64_t steps = 0;
    int64_t excess;

    if (dc_max(dc_max(p->i[a], p->s[a]), dc_max(p->k[a], p->d[a])) > SAFE)
        return;
    rest = p->d[a] * (p->k[a] - 1) + p->op[a] + 1 - p->pb[a];
    now = (p->i[a] - 1) * p->s[a] + rest - p->pe[a];

    if (now < o->lo)
        steps = dc_ceil_div(o->lo - now, p->s[a]);
    else if (now > o->hi)
        steps = -dc_ceil_div(now - o->hi, p->s[a]);
    p->i[a] = dc_min(dc_max(p->i[a] + steps, i->lo), i->hi);
    excess = (p->i[a] - 1) * p->s[a] + rest - p->pe[a];
    excess = excess < o->lo   ? excess - o->lo
             : excess > o->hi ? excess - o->hi
                              : 0;
    p->pe[a] = dc_min(dc_max(p->pe[a] + excess, pe->lo), pe->hi);
}

/* op < max(s,d): a smaller op if its range allows it, else a larger s or d. */
static void fit_op(const dc_scope *s, dc_problem *p, int a)
{
    const int64_t least = s->of[DC_SCOPE_OP].lo;

    p->op[a] = dc_max(least, dc_min(p->op[a], dc_max(p->s[a], p->d[a]) - 1));
    if (p->op[a] >= dc_max(p->s[a], p->d[a])) {
        p->s[a] = dc_min(p->op[a] + 1, s->of[DC_SCOPE_S].hi);
        p->d[a] = p->s[a] > p->op[a]
                      ? p->d[a]
                      : dc_min(p->op[a] + 1, s->of[DC_SCOPE_D].hi);
    }
}

static void fit_axis(const dc_scope *s, dc_random *r, dc_problem *p, int a)
{
    static const dc_scope_field order[] = {
        DC_SCOPE_K,  DC_SCOPE_S,  DC_SCOPE_D, DC_SCOPE_PB,
        DC_SCOPE_PE, DC_SCOPE_OP, DC_SCOPE_I};

    for (size_t k = 0; k < sizeof order / sizeof *order; k++)
        draw_field(s, r, order[k], a, p);
    fit_op(s, p, a);
    fit_output(s, p, a);
}

/* Channels f as a multiple of p->g; false if the range holds none. */
static bool fit_channels(const dc_scope *s, dc_random *r, dc_problem *p,
                         dc_scope_field f)
{
    const int64_t lo = dc_ceil_div(s->of[f].lo, p->g);
    const int64_t hi = s->of[f].hi / p->g;
    const int64_t v = dc_scope_get(p, f, 0);

    if (s->of[f].equal)
        return true;
    if (lo > hi)
        return false;
    if (v < s->of[f].lo || v > s->of[f].hi || v % p->g)
        dc_scope_set(p, f, 0, p->g * draw(r, dc_max(lo, hi > 0), hi));
    return true;
}

/* Groups and channels: the largest number of groups, from the drawn one down,
 * that both can have. */
static void fit_groups(const dc_scope *s, dc_random *r, dc_problem *p)
{
    enum { TRIES = 64 };

    draw_field(s, r, DC_SCOPE_G, 0, p);
    for (int k = 0; k < TRIES && p->g >= s->of[DC_SCOPE_G].lo; k++) {
        if (fit_channels(s, r, p, DC_SCOPE_CO) &&
            fit_channels(s, r, p, DC_SCOPE_CI))
            return;
        p->g -= p->g > 1;
    }
}

dc_status dc_scope_fit(const dc_scope *s, dc_random *r, dc_problem *p,
                       dc_error *e)
{
    dc_status status;

    fit_rank(s, r, p);
    draw_field(s, r, DC_SCOPE_N, 0, p);
    draw_field(s, r, DC_SCOPE_B, 0, p);
    draw_field(s, r, DC_SCOPE_U, 0, p);
    if (p->unbatched && p->n != 1 && s->of[DC_SCOPE_U].lo == 0)
        p->unbatched = 0;
    else if (p->unbatched)
        p->n = 1;
    fit_groups(s, r, p);
    for (int a = 0; a < p->rank; a++)
        fit_axis(s, r, p, a);
    for (int f = 0; f < DC_SCOPE_FIELDS; f++)
        fit_equal(s, p, (dc_scope_field)f);
    status = dc_problem_complete(p, e);
    if (status == DC_OK && !dc_scope_has(s, p))
        status = dc_invalid(e, "no legal problem with such %s was found",
                            dc_scope_outside(s, p));
    return status;
}

dc_status dc_scope_find(const dc_scope *s, dc_problem *p, dc_error *e)
{
    enum { TRIES = 4000 };
    dc_status status = DC_INVALID;
    dc_error why;

    for (int k = 0; k < TRIES && status != DC_OK; k++) {
        dc_random r = dc_random_open(0, (uint64_t)k);

        memset(p, 0, sizeof *p);
        p->rank = 1;
        p->n = p->ci = p->co = p->g = 1;
        p->i[0] = 1 + k % 4;
        p->k[0] = p->s[0] = p->d[0] = 1;
        while (!(s->dtypes & 1u << p->dtype))
            p->dtype++;
        status = dc_scope_fit(s, &r, p, &why);
    }
    if (status != DC_OK)
        return dc_invalid(e, "the scope is empty: %.200s", why.text);
    return DC_OK;
}

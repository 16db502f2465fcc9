/* SPDX-License-Identifier: MIT
 *
 * Greedy reduction: a list of moves, applied in turn to the smallest failing
 * case so far; a move is accepted if its case is legal, weighs less and still
 * fails.
 */
#include "cases/shrink.h"

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "cases/data/data.h"
#include "cases/random.h"
#include "ref/format.h"
#include "ref/integer.h"

/* ==== Weight ============================================================= */

enum {
    READABLE = 400,          /* nobody reads the data of more elements */
    MAGNITUDE_MOST = 900000, /* larger magnitudes count as this */
    SEED_MOST = 15           /* larger seeds count as this */
};

/* Sum of the magnitudes of all inputs; a fraction counts as 1000. */
static int64_t magnitude(const dc_case *c, int64_t elements)
{
    double sum = 0;

    if (elements > READABLE)
        return MAGNITUDE_MOST + c->family;
    for (int t = DC_X; t <= DC_GY; t++) {
        double values[READABLE];
        const int64_t count = dc_problem_count(&c->p, (dc_tensor)t);

        if ((t == DC_B && !c->p.has_bias) ||
            dc_data_fill(c, (dc_tensor)t, values) != DC_OK)
            continue;
        for (int64_t at = 0; at < count; at++) {
            const double v = fabs(dc_format_get(c->p.dtype, values, at));

            sum += v == floor(v) ? v : 1000;
        }
    }
    return sum < MAGNITUDE_MOST ? (int64_t)sum : MAGNITUDE_MOST;
}

int64_t dc_shrink_weight(const dc_case *c)
{
    const dc_problem *const p = &c->p;
    int64_t sum = 0;
    int64_t elements = 0;
    int64_t distance = p->g - 1 + p->has_bias + p->unbatched;

    for (int t = DC_X; t <= DC_GY; t++) {
        const int64_t count = dc_problem_count(p, (dc_tensor)t);

        if (t != DC_B || p->has_bias)
            elements += count;
        if (count > 16)
            sum += 3 * (count - 16);
    }
    /* the extents count even if a tensor is empty */
    sum += p->n + p->ci + p->co;
    for (int a = 0; a < p->rank; a++)
        sum += p->i[a] + p->k[a];
    for (int a = 0; a < p->rank; a++)
        distance += p->s[a] + p->d[a] - 2 + llabs(p->pb[a]) + llabs(p->pe[a]) +
                    p->op[a] + 4;
    sum += elements + 4 * distance;
    /* a weight that would overflow is the largest */
    if (sum < 0 || sum > INT64_MAX / 20000000)
        return INT64_MAX;
    return (sum * 1000000 + magnitude(c, elements)) * (SEED_MOST + 1) +
           (c->seed < SEED_MOST ? (int64_t)c->seed : SEED_MOST);
}

/* ==== Moves ============================================================== */

/* The per-axis fields, and the smallest value of each. */
enum { I, K, S, D, PB, PE, OP, FIELDS };

static int64_t *field(dc_problem *p, int f)
{
    int64_t *const at[FIELDS] = {p->i, p->k, p->s, p->d, p->pb, p->pe, p->op};

    return at[f];
}

static const int64_t least[FIELDS] = {1, 1, 1, 1, 0, 0, 0};

/* Moves v towards `lowest`: step 0 to it, 1 to one before it, then by half of
 * the way, a quarter, ..., one: a step that helps is repeated, so that these
 * end at the smallest value that fails, in about twice as many cases as v has
 * bits.  Returns v if that is no progress. */
enum { HALVINGS = 40, STEPS = 2 + HALVINGS };

static int64_t nearer(int64_t v, int64_t lowest, int step)
{
    const int64_t sign = v < lowest ? -1 : 1;
    const int64_t away = sign * (v - lowest);
    const int64_t left = step < 2 ? step : away - (away >> (step - 1));

    return away > 0 && left < away ? lowest + sign * left : v;
}

/* Fields that are lowered together, because a defect may need them to be equal
 * or to keep their difference. */
static const struct {
    int first;
    int second;
} pairs[] = {{K, S}, {K, D}, {S, D}, {S, OP}, {PB, PE}, {I, K}, {K, PB}};
enum { PAIRS = sizeof pairs / sizeof *pairs };

static void drop_axis(dc_problem *p, int axis)
{
    for (int f = 0; f < FIELDS; f++) {
        int64_t *const v = field(p, f);

        for (int a = axis; a + 1 < p->rank; a++)
            v[a] = v[a + 1];
        v[p->rank - 1] = 0;
    }
    p->o[p->rank - 1] = 0;
    p->rank--;
}

/* Applies the move of this number to c, which may change nothing or make c
 * illegal.  Returns false if there is no such number. */
typedef bool move(dc_case *c, int number);

/* The exact families, the simpler one first. */
static const dc_family exact[] = {DC_PROBE, DC_INT};

static bool move_family(dc_case *c, int number)
{
    if (number >= 2)
        return false;
    if (!dc_data_exact(c->family, DC_FORWARD))
        c->family = exact[number];
    return true;
}

static bool move_rank(dc_case *c, int number)
{
    if (number >= 3)
        return false;
    if (c->p.rank > 1 && number < c->p.rank)
        drop_axis(&c->p, number);
    return true;
}

enum { NUMBERS = 6 };

static bool move_numbers(dc_case *c, int number)
{
    dc_problem *const p = &c->p;
    const int step = number / NUMBERS;
    const int64_t cig = p->g > 0 ? p->ci / p->g : 0;
    const int64_t cog = p->g > 0 ? p->co / p->g : 0;

    if (step >= STEPS)
        return false;
    switch (number % NUMBERS) {
    case 0:
        p->n = nearer(p->n, 1, step);
        break;
    case 1:
        dc_problem_set_channels(p, nearer(p->g, 1, step), cig, cog);
        break;
    case 2:
        dc_problem_set_channels(p, p->g, nearer(cig, 1, step), cog);
        break;
    case 3:
        dc_problem_set_channels(p, p->g, cig, nearer(cog, 1, step));
        break;
    case 4:
        dc_problem_set_channels(p, p->g, nearer(cig, 1, step),
                                nearer(cog, 1, step));
        break;
    default:
        if (step == 0)
            p->has_bias = 0;
        else if (step == 1)
            p->unbatched = 0;
    }
    return true;
}

/* Lowers field f on axis a, or on all axes. */
enum { ALL_AXES = 3 };

static void lower(dc_problem *p, int f, int a, int step)
{
    int64_t *const v = field(p, f);

    for (int b = 0; b < p->rank; b++)
        if (a == ALL_AXES || a == b)
            v[b] = nearer(v[b], least[f], step);
}

static bool move_axes(dc_case *c, int number)
{
    const int step = number / (FIELDS * 3);

    if (step < STEPS)
        lower(&c->p, number / 3 % FIELDS, number % 3, step);
    return step < STEPS;
}

static bool move_all_axes(dc_case *c, int number)
{
    const int step = number / FIELDS;

    if (step < STEPS)
        lower(&c->p, number % FIELDS, ALL_AXES, step);
    return step < STEPS;
}

static bool move_pairs(dc_case *c, int number)
{
    const int step = number / (PAIRS * (ALL_AXES + 1));
    const int a = number % (ALL_AXES + 1);
    const int pair = number / (ALL_AXES + 1) % PAIRS;

    if (step < STEPS) {
        lower(&c->p, pairs[pair].first, a, step);
        lower(&c->p, pairs[pair].second, a, step);
    }
    return step < STEPS;
}

static bool move_data(dc_case *c, int number)
{
    enum { SEEDS = 8 };

    if (number > 2 * SEEDS)
        return false;
    if (number == 2 * SEEDS) {
        if (c->p.dtype == DC_F64) /* whose integers are large */
            c->p.dtype = DC_F32;
        return true;
    }
    c->family = exact[number / SEEDS];
    c->seed = (uint64_t)(number % SEEDS);
    return true;
}

/* coarse: how many of the moves, the first ones, go to the lowest values.  They
 * are tried first, so that the case is cheap when it is bisected. */
static const struct {
    move *make;
    int coarse;
} geometry[] = {{move_rank, 3},
                {move_numbers, 2 * NUMBERS},
                {move_all_axes, 2 * FIELDS},
                {move_axes, 2 * 3 * FIELDS},
                {move_pairs, 2 * (ALL_AXES + 1) * PAIRS}};
enum { GEOMETRY = sizeof geometry / sizeof *geometry };

/* ==== The search ========================================================= */

/* Brings op and the pads, which a move may have made illegal, back into their
 * bounds.  Returns whether the problem is legal. */
static bool repair(dc_problem *p)
{
    for (int a = 0; a < p->rank; a++) {
        const int64_t full =
            (p->i[a] - 1) * p->s[a] + p->d[a] * (p->k[a] - 1) + 1;
        int64_t *const pads[] = {&p->pe[a], &p->pb[a]};

        p->op[a] = dc_min(p->op[a], dc_max(p->s[a], p->d[a]) - 1);
        for (int k = 0; k < 2; k++) {
            const int64_t lacks = 1 - (full + p->op[a] - p->pb[a] - p->pe[a]);

            if (lacks > 0 && *pads[k] > 0 && p->i[a] > 0)
                *pads[k] -= dc_min(lacks, *pads[k]);
        }
    }
    return dc_problem_complete(p, NULL) == DC_OK;
}

typedef struct {
    dc_case best; /* the smallest failing case so far */
    int64_t weight;
    dc_shrink_try *try_case;
    void *context;
    int most;
    int tried;
    bool stopped;
    uint64_t *seen; /* hashes of the cases that were tried */
} search;

static uint64_t hash(const dc_case *c)
{
    char text[DC_CASE_MAX];
    uint64_t h = 0;

    dc_case_print(c, text);
    for (const char *t = text; *t; t++)
        h = dc_random_hash(h, (uint64_t)*t);
    return h;
}

static bool is_new(search *s, const dc_case *c)
{
    const uint64_t h = hash(c);

    for (int k = 0; k < s->tried; k++)
        if (s->seen[k] == h)
            return false;
    s->seen[s->tried] = h;
    return true;
}

static bool same(const dc_case *a, const dc_case *b)
{
    return dc_problem_equal(&a->p, &b->p) && a->family == b->family &&
           a->seed == b->seed;
}

/* Makes c the best case if it is legal, smaller and fails; returns whether it
 * did. */
static bool improves(search *s, dc_case c)
{
    int64_t weight;
    dc_shrink_answer answer;

    if (same(&c, &s->best) || !repair(&c.p))
        return false;
    weight = dc_shrink_weight(&c);
    if (weight >= s->weight || s->tried == s->most || !is_new(s, &c))
        return false;
    s->tried++;
    answer = s->try_case(s->context, &c);
    s->stopped = answer == DC_SHRINK_STOP;
    if (answer != DC_SHRINK_FAILS)
        return false;
    s->best = c;
    s->weight = weight;
    return true;
}

/* Tries the first `count` moves of one kind, or all that there are, repeating
 * each as long as it helps.  Returns whether any did. */
static bool try_moves(search *s, move *make, int count)
{
    bool improved = false;

    for (int number = 0; number < count && !s->stopped && s->tried < s->most;) {
        dc_case c = s->best;

        if (!make(&c, number))
            break;
        if (improves(s, c))
            improved = true;
        else
            number++;
    }
    return improved;
}

dc_status dc_shrink_run(dc_case *c, int most, dc_shrink_try *try_case,
                        void *context, int *tried)
{
    search s = {.best = *c,
                .weight = dc_shrink_weight(c),
                .try_case = try_case,
                .context = context,
                .most = most,
                .seen = calloc((size_t)most + 1, sizeof *s.seen)};
    bool improved;

    *tried = 0;
    if (!s.seen)
        return DC_NOMEM;
    try_moves(&s, move_family, INT_MAX);
    for (int k = 0; k < GEOMETRY; k++)
        try_moves(&s, geometry[k].make, geometry[k].coarse);
    do {
        improved = false;
        for (int k = 0; k < GEOMETRY; k++)
            improved |= try_moves(&s, geometry[k].make, INT_MAX);
        if (!improved)
            improved = try_moves(&s, move_data, INT_MAX);
    } while (improved && !s.stopped && s.tried < s.most);
    free(s.seen);
    *c = s.best;
    *tried = s.tried;
    return DC_OK;
}

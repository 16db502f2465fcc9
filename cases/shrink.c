/* SPDX-License-Identifier: MIT
 *
 * Greedy reduction: a list of moves, tried in turn from the case that is the
 * smallest so far; a move is taken when its case is legal, weighs less and
 * still fails.
 */
#include "cases/shrink.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"
#include "cases/data/data.h"
#include "cases/random.h"

/* ==== How large ========================================================== */

/* More elements than this are not read by anybody: the magnitude of their
 * numbers does not matter yet. */
static const int64_t READABLE = 400;

/* Magnitudes count up to this, seeds up to SEED_MOST. */
enum { MAGNITUDE_MOST = 900000, SEED_MOST = 15 };

/* Sum of the magnitudes of all inputs; a number that is no integer counts
 * much more than one that is. */
static int64_t magnitude(const dc_case *c, int64_t elements)
{
    const double most = MAGNITUDE_MOST;
    double sum = 0;

    if (elements > READABLE)
        return (int64_t)most + c->family;
    for (int t = DC_X; t <= DC_GY; t++) {
        double room[400];
        const int64_t count = dc_problem_count(&c->p, (dc_tensor)t);

        if ((t == DC_B && !c->p.has_bias) ||
            dc_data_fill(c, (dc_tensor)t, room) != DC_OK)
            continue;
        for (int64_t e = 0; e < count; e++) {
            const double v = fabs(dc_format_get(c->p.dtype, room, e));

            sum += v == floor(v) ? v : 1000;
        }
    }
    return (int64_t)(sum < most ? sum : most);
}

int64_t dc_shrink_weight(const dc_case *c)
{
    const dc_problem *const p = &c->p;
    int64_t sum = 0;
    int64_t elements = 0;
    int64_t far = p->g - 1 + p->has_bias + p->unbatched;

    for (int t = DC_X; t <= DC_GY; t++) {
        const int64_t count = dc_problem_count(p, (dc_tensor)t);

        if (t != DC_B || p->has_bias)
            elements += count;
        if (count > 16)
            sum += 3 * (count - 16);
    }
    /* where a tensor is empty its other extents count all the same */
    sum += p->n + p->ci + p->co;
    for (int a = 0; a < p->rank; a++)
        sum += p->i[a] + p->k[a];
    for (int a = 0; a < p->rank; a++)
        far += p->s[a] + p->d[a] - 2 + llabs(p->pb[a]) + llabs(p->pe[a]) +
               p->op[a] + 4;
    sum += elements + 4 * far;
    /* a weight that cannot be told is too large */
    if (sum < 0 || sum > INT64_MAX / 20000000)
        return INT64_MAX;
    return (sum * 1000000 + magnitude(c, elements)) * (SEED_MOST + 1) +
           (int64_t)(c->seed < SEED_MOST ? c->seed : SEED_MOST);
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

/* Where a number may go from v: step 0 to the least, 1 to one more, 2 to
 * half way, 3 one on, 4 the way of zero (an extent of 0). */
enum { STEPS = 4 };

static int64_t nearer(int64_t v, int64_t lowest, int step)
{
    const int64_t sign = v < lowest ? -1 : 1;
    const int64_t away = sign * (v - lowest);
    const int64_t left[STEPS] = {0, 1, away / 2, away - 1};

    return away > 0 && left[step] < away ? lowest + sign * left[step] : v;
}

/* Fields that go down together, for a defect may need them equal or apart. */
static const struct {
    int first;
    int second;
} pairs[] = {{K, S}, {K, D}, {S, D}, {S, OP}, {PB, PE}, {I, K}, {K, PB}};
enum { PAIRS = sizeof pairs / sizeof *pairs };

/* Channels: of a group, so that groups stay whole. */
static void set_channels(dc_problem *p, int64_t g, int64_t cig, int64_t cog)
{
    p->g = g;
    p->ci = g * cig;
    p->co = g * cog;
}

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

/* A move changes c; whether that is any use is seen later.  0: there is no
 * move of this number. */
typedef int move(dc_case *c, int number);

static int move_family(dc_case *c, int number)
{
    static const dc_family exact[] = {DC_PROBE, DC_INT};

    if (number >= 2)
        return 0;
    if (!dc_data_exact(c->family, DC_FORWARD))
        c->family = exact[number];
    return 1;
}

static int move_rank(dc_case *c, int number)
{
    if (number >= 3)
        return 0;
    if (c->p.rank > 1 && number < c->p.rank)
        drop_axis(&c->p, number);
    return 1;
}

static int move_numbers(dc_case *c, int number)
{
    dc_problem *const p = &c->p;
    const int step = number % STEPS;
    const int64_t cig = p->g > 0 ? p->ci / p->g : 0;
    const int64_t cog = p->g > 0 ? p->co / p->g : 0;

    switch (number / STEPS) {
    case 0:
        p->n = nearer(p->n, 1, step);
        return 1;
    case 1:
        set_channels(p, nearer(p->g, 1, step), cig, cog);
        return 1;
    case 2:
        set_channels(p, p->g, nearer(cig, 1, step), cog);
        return 1;
    case 3:
        set_channels(p, p->g, cig, nearer(cog, 1, step));
        return 1;
    case 4:
        set_channels(p, p->g, nearer(cig, 1, step), nearer(cog, 1, step));
        return 1;
    case 5:
        p->has_bias &= step == 0 ? 0 : p->has_bias;
        p->unbatched &= step == 1 ? 0 : p->unbatched;
        return 1;
    default:
        return 0;
    }
}

static void lower(dc_problem *p, int f, int a, int step)
{
    int64_t *const v = &field(p, f)[a];

    *v = nearer(*v, least[f], step);
}

static int move_axes(dc_case *c, int number)
{
    const int step = number % STEPS;
    const int a = number / STEPS % 3;
    const int f = number / STEPS / 3;

    if (f >= FIELDS)
        return 0;
    if (a < c->p.rank)
        lower(&c->p, f, a, step);
    return 1;
}

static int move_all_axes(dc_case *c, int number)
{
    const int step = number % STEPS;
    const int f = number / STEPS;

    if (f >= FIELDS)
        return 0;
    for (int a = 0; a < c->p.rank; a++)
        lower(&c->p, f, a, step);
    return 1;
}

static int move_pairs(dc_case *c, int number)
{
    const int step = number % STEPS;
    const int a = number / STEPS % 4; /* 3: all of them */
    const int pair = number / STEPS / 4;

    if (pair >= PAIRS)
        return 0;
    for (int b = 0; b < c->p.rank; b++)
        if (a == 3 || a == b) {
            lower(&c->p, pairs[pair].first, b, step);
            lower(&c->p, pairs[pair].second, b, step);
        }
    return 1;
}

static int move_data(dc_case *c, int number)
{
    enum { SEEDS = 8 };
    static const dc_family order[] = {DC_PROBE, DC_INT};

    if (number > 2 * SEEDS)
        return 0;
    if (number == 2 * SEEDS) {
        /* the integers of f64 are large */
        c->p.dtype = c->p.dtype == DC_F64 ? DC_F32 : c->p.dtype;
        return 1;
    }
    c->family = order[number / SEEDS];
    c->seed = (uint64_t)(number % SEEDS);
    return 1;
}

static move *const geometry[] = {move_rank, move_numbers, move_all_axes,
                                 move_axes, move_pairs};
enum { GEOMETRY = sizeof geometry / sizeof *geometry };

/* ==== Legal, new, smaller ================================================ */

/* What a move may have broken is brought within its bounds again. */
static int mend(dc_problem *p)
{
    for (int a = 0; a < p->rank; a++) {
        const int64_t most = (p->s[a] > p->d[a] ? p->s[a] : p->d[a]) - 1;
        const int64_t full =
            (p->i[a] - 1) * p->s[a] + p->d[a] * (p->k[a] - 1) + 1;
        int64_t *const pads[] = {&p->pe[a], &p->pb[a]};

        if (p->op[a] > most)
            p->op[a] = most;
        for (int k = 0; k < 2; k++) {
            const int64_t lacks = 1 - (full + p->op[a] - p->pb[a] - p->pe[a]);

            if (lacks > 0 && *pads[k] > 0 && p->i[a] > 0)
                *pads[k] -= lacks < *pads[k] ? lacks : *pads[k];
        }
    }
    return dc_problem_complete(p, NULL) == DC_OK;
}

/* A reduction under way. */
typedef struct {
    dc_case best;
    int64_t weight;
    dc_shrink_fails *fails;
    void *context;
    int most;
    int asked;
    int stopped;
    uint64_t *seen; /* hashes of the cases that were asked about */
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

static int is_new(search *s, const dc_case *c)
{
    const uint64_t h = hash(c);

    for (int k = 0; k < s->asked; k++)
        if (s->seen[k] == h)
            return 0;
    s->seen[s->asked] = h;
    return 1;
}

/* Takes c when it is of use.  1: it was taken. */
static int offer(search *s, dc_case c)
{
    int64_t weight;
    int fails;

    if (!mend(&c.p))
        return 0;
    weight = dc_shrink_weight(&c);
    if (weight >= s->weight || s->asked == s->most || !is_new(s, &c))
        return 0;
    s->asked++;
    fails = s->fails(s->context, &c);
    s->stopped = fails < 0;
    if (fails <= 0)
        return 0;
    s->best = c;
    s->weight = weight;
    return 1;
}

/* Tries all moves of one kind, each as often as it helps. */
static int try_moves(search *s, move *make)
{
    int taken = 0;

    for (int number = 0; !s->stopped && s->asked < s->most; number++) {
        dc_case c = s->best;

        if (!make(&c, number))
            break;
        if (offer(s, c)) {
            taken++;
            number--;
        }
    }
    return taken;
}

dc_status dc_shrink_run(dc_case *c, int most, dc_shrink_fails *fails,
                        void *context, int *asked)
{
    search s = {.best = *c,
                .weight = dc_shrink_weight(c),
                .fails = fails,
                .context = context,
                .most = most,
                .seen = calloc((size_t)most + 1, sizeof *s.seen)};
    int taken;

    *asked = 0;
    if (!s.seen)
        return DC_NOMEM;
    try_moves(&s, move_family);
    do {
        taken = 0;
        for (int k = 0; k < GEOMETRY; k++)
            taken += try_moves(&s, geometry[k]);
        if (!taken)
            taken = try_moves(&s, move_data);
    } while (taken && !s.stopped && s.asked < s.most);
    free(s.seen);
    *c = s.best;
    *asked = s.asked;
    return DC_OK;
}

/* SPDX-License-Identifier: MIT
 *
 * Every quantity that is large in the smallest failing case is a hypothesis:
 * cases fail if they have at least so much of it.  Cases that lower one number
 * and raise another refute the wrong ones.
 */
#include "oracle/explain/threshold.h"

#include <inttypes.h>
#include <stdio.h>

#include "cases/data/data.h"
#include "oracle/explain/again.h"
#include "ref/counts.h"
#include "ref/integer.h"

enum {
    SECONDS = 20,
    SEARCHED = DC_OF_OP,     /* the quantities before this one */
    LEAST = 8,               /* smaller numbers are no thresholds */
    PRODUCTS_MOST = 1 << 24, /* of a case that is asked */
    ELEMENTS_MOST = 1 << 22  /* of a tensor */
};

/* ==== The numbers of a case ============================================== */

/* n, g, the channels of one group, then i, k, s, d of each axis. */
enum { N, G, CIG, COG, AXES };
enum { I, K, S, D, PER_AXIS };
enum { FIELDS = AXES + 3 * PER_AXIS };

/* Those of axis a that a problem of this rank has. */
static int fields(const dc_problem *p)
{
    return AXES + p->rank * PER_AXIS;
}

/* I, K, S or D; PER_AXIS: n, g and channels. */
static int kind_of(int field)
{
    return field < AXES ? PER_AXIS : (field - AXES) % PER_AXIS;
}

static int64_t *axis_field(dc_problem *p, int field)
{
    const int a = (field - AXES) / PER_AXIS;
    int64_t *const at[PER_AXIS] = {&p->i[a], &p->k[a], &p->s[a], &p->d[a]};

    return at[kind_of(field)];
}

static int64_t get(const dc_problem *p, int field)
{
    dc_problem copy = *p;
    const int64_t of_group[AXES] = {p->n, p->g, p->ci / p->g, p->co / p->g};

    return field < AXES ? of_group[field] : *axis_field(&copy, field);
}

static void set(dc_problem *p, int field, int64_t v)
{
    int64_t of_group[AXES] = {p->n, p->g, p->ci / p->g, p->co / p->g};

    if (field >= AXES) {
        *axis_field(p, field) = v;
        return;
    }
    of_group[field] = v;
    p->n = of_group[N];
    dc_problem_set_channels(p, of_group[G], of_group[CIG], of_group[COG]);
    p->unbatched = p->unbatched && p->n == 1;
}

/* Sets a number that is raised.  A stride needs two inputs to be seen, and a
 * dilation two taps. */
static void raise_to(dc_problem *p, int field, int64_t v)
{
    const int kind = kind_of(field);

    if (kind == S || kind == D) {
        const int seen_by = field + (kind == S ? I - S : K - D);

        set(p, seen_by, dc_max(get(p, seen_by), 2));
    }
    set(p, field, v);
}

/* ==== What is known ====================================================== */

typedef struct {
    dc_again again;
    dc_case from;            /* fails */
    int64_t wrong[SEARCHED]; /* least value in a case that fails */
    int64_t right[SEARCHED]; /* largest value in a case that passes */
    bool stopped;            /* a limit was reached */
} search;

static bool is_alive(const search *s, int q)
{
    return s->wrong[q] >= LEAST && s->wrong[q] > s->right[q];
}

static bool any_alive(const search *s)
{
    for (int q = 1; q < SEARCHED; q++)
        if (is_alive(s, q))
            return true;
    return false;
}

static int64_t value(const search *s, const dc_case *c, int q)
{
    return dc_size_of((dc_size)q, &c->p, s->again.op);
}

static void learn(search *s, const dc_case *c, bool fails)
{
    for (int q = 1; q < SEARCHED; q++) {
        const int64_t v = value(s, c, q);

        if (fails)
            s->wrong[q] = dc_min(s->wrong[q], v);
        else
            s->right[q] = dc_max(s->right[q], v);
    }
}

/* Is the case legal and cheap? */
static bool complete(dc_case *c)
{
    dc_counts n;

    if (dc_problem_complete(&c->p, NULL) != DC_OK ||
        dc_counts_of(&c->p, &n, NULL) != DC_OK)
        return false;
    for (int t = DC_X; t < DC_TENSORS; t++)
        if (dc_problem_count(&c->p, (dc_tensor)t) > ELEMENTS_MOST)
            return false;
    return n.mul[DC_FORWARD] <= PRODUCTS_MOST;
}

/* Does any hypothesis say that c fails? */
static bool may_fail(const search *s, const dc_case *c)
{
    for (int q = 1; q < SEARCHED; q++)
        if (is_alive(s, q) && value(s, c, q) >= s->wrong[q])
            return true;
    return false;
}

/* Asks whether c, which is complete, fails and learns from it.  Data may hide a
 * defect: a case fails if it does with the data of the smallest case or with
 * other ones, and if it might be expected to fail, several are tried.  Returns
 * whether there was an answer. */
static bool ask(search *s, dc_case c)
{
    const dc_family other =
        dc_data_exact(s->from.family, s->again.op) ? DC_INT : DC_SHORT;
    const int tries = may_fail(s, &c) ? 4 : 2;
    dc_shrink_answer answer = DC_SHRINK_PASSES;
    const int hangs = s->again.hangs;

    for (int t = 0; t < tries && answer == DC_SHRINK_PASSES; t++) {
        c.family = t == 0 ? s->from.family : other;
        c.seed = t == 0 ? s->from.seed : s->from.seed + (uint64_t)t;
        answer = dc_again_fails(&s->again, &c);
    }
    s->stopped = s->stopped || answer == DC_SHRINK_STOP;
    if (s->stopped || s->again.hangs > hangs)
        return false;
    learn(s, &c, answer == DC_SHRINK_FAILS);
    return true;
}

/* Asks c if the hypotheses disagree about it. */
static void ask_if_open(search *s, dc_case c)
{
    bool fails = false;
    bool passes = false;

    if (s->stopped || !complete(&c))
        return;
    for (int q = 1; q < SEARCHED; q++)
        if (is_alive(s, q)) {
            fails |= value(s, &c, q) >= s->wrong[q];
            passes |= value(s, &c, q) < s->wrong[q];
        }
    if (fails && passes)
        ask(s, c);
}

/* ==== Cases that tell hypotheses apart =================================== */

static bool is_large(const search *s, int field)
{
    return get(&s->from.p, field) >= LEAST;
}

/* Every large number but `keep` is v. */
static dc_case lowered(const search *s, int keep, int64_t v)
{
    dc_case c = s->from;

    for (int f = 0; f < fields(&c.p); f++)
        if (f != keep && is_large(s, f))
            set(&c.p, f, v);
    return c;
}

static void ask_with(search *s, int field, int64_t v)
{
    dc_case c = s->from;

    set(&c.p, field, v);
    if (!s->stopped && complete(&c))
        ask(s, c);
}

/* Is the number the cause at all, and do larger ones fail, multiples of what
 * vectors and tiles have among them? */
static void move_alone(search *s, int f)
{
    const int64_t v = get(&s->from.p, f);
    const int64_t to[] = {1, v - 1, v + 1, (v / 16 + 1) * 16, 2 * v};

    for (size_t k = 0; k < sizeof to / sizeof *to && any_alive(s); k++)
        ask_with(s, f, to[k]);
}

/* Another number in the place of f, or of all large ones, which become 2: a
 * defect may need strides, dilations, taps or groups to be seen. */
static void replace(search *s, int f)
{
    /* data of more than is needed show a defect more often */
    const int64_t v = 2 * get(&s->from.p, f);

    for (int h = 0; h < fields(&s->from.p); h++) {
        dc_case one = s->from;
        dc_case all = lowered(s, FIELDS, 2);

        set(&one.p, f, 2);
        raise_to(&one.p, h, v);
        raise_to(&all.p, h, v);
        if (h != f) {
            ask_if_open(s, one);
            ask_if_open(s, all);
        }
    }
}

/* Half of f and twice of another number, or two inputs and two taps more. */
static void halve(search *s, int f)
{
    const int64_t half = (get(&s->from.p, f) + 1) / 2;
    dc_case both = s->from;

    set(&both.p, f, half);
    for (int h = 0; h < fields(&s->from.p); h++) {
        const int64_t twice = 2 * get(&s->from.p, h);
        const int kind = kind_of(h);
        dc_case c = s->from;

        if (h == f)
            continue;
        set(&c.p, f, half);
        raise_to(&c.p, h, twice);
        ask_if_open(s, c);
        if (kind == I || kind == K)
            set(&both.p, h, twice);
    }
    ask_if_open(s, both);
}

/* Gives the case a further axis of 1, if it fails then too: planes and axes are
 * told apart by it. */
static void add_axis(search *s)
{
    dc_case c = s->from;

    if (c.p.rank > 1)
        return;
    c.p = dc_problem_raise(&c.p, 2);
    if (complete(&c) && dc_again_fails(&s->again, &c) == DC_SHRINK_FAILS) {
        s->from = c;
        learn(s, &c, true);
    }
}

/* ==== Bisection ========================================================== */

/* c with the largest value of the field that has at most `most` of q. */
static dc_case fit(const search *s, dc_case c, int field, int q, int64_t most)
{
    int64_t low = 1;
    int64_t high = most + 1;

    while (high - low > 1) {
        const int64_t v = low + (high - low) / 2;
        dc_case tried = c;

        set(&tried.p, field, v);
        if (dc_problem_complete(&tried.p, NULL) == DC_OK &&
            value(s, &tried, q) <= most)
            low = v;
        else
            high = v;
    }
    set(&c.p, field, low);
    return c;
}

/* Asks a case between the largest value that passes and the least that fails;
 * returns whether there was one. */
static bool narrow(search *s, int q)
{
    const int64_t most = s->right[q] + (s->wrong[q] - s->right[q]) / 2;

    for (int f = 0; f < fields(&s->from.p); f++) {
        dc_case bases[2] = {s->from, lowered(s, f, 1)};

        for (int b = 0; b < 2 && is_large(s, f) && !s->stopped; b++) {
            dc_case c = fit(s, bases[b], f, q, most);

            if (complete(&c) && value(s, &c, q) > s->right[q] &&
                value(s, &c, q) < s->wrong[q] && ask(s, c))
                return true;
        }
    }
    return false;
}

/* ==== Entry points ======================================================= */

/* Refutes hypotheses; leaves none if a limit is reached before. */
static void tell_apart(search *s)
{
    static void (*const moves[])(search * s, int f) = {move_alone, replace,
                                                       halve};

    add_axis(s);
    for (size_t m = 0; m < sizeof moves / sizeof *moves; m++)
        for (int f = 0; f < fields(&s->from.p) && any_alive(s); f++)
            if (is_large(s, f))
                moves[m](s, f);
}

static bool any_large(const search *s)
{
    for (int f = 0; f < fields(&s->from.p); f++)
        if (is_large(s, f))
            return true;
    return false;
}

static void find(search *s, dc_threshold *out)
{
    int q = 1;

    tell_apart(s);
    if (s->stopped)
        return;
    while (q < SEARCHED && !is_alive(s, q))
        q++;
    if (q == SEARCHED || s->right[q] == 0)
        return;
    while (is_alive(s, q) && s->wrong[q] - s->right[q] > 1 && narrow(s, q))
        ;
    if (!is_alive(s, q))
        return;
    out->of = (dc_size)q;
    out->wrong = s->wrong[q];
    out->right = s->right[q];
}

dc_status dc_threshold_find(const dc_subject *subject, const dc_judge *judge,
                            const dc_shrunk *smallest, dc_threshold *out,
                            dc_error *e)
{
    search s = {.again = {.prove = smallest->prove,
                          .op = smallest->op,
                          .check = smallest->check,
                          .verdict = smallest->verdict,
                          .seconds = SECONDS,
                          .most = DC_THRESHOLD_CALLS},
                .from = smallest->smallest};
    dc_status status;

    *out = (dc_threshold){.of = DC_OF_NOTHING};
    if (!smallest->reproduced || !any_large(&s))
        return DC_OK;
    for (int q = 1; q < SEARCHED; q++)
        s.wrong[q] = value(&s, &s.from, q);
    status = dc_again_open(&s.again, subject, judge, e);
    if (status != DC_OK)
        return status;
    find(&s, out);
    out->calls = s.again.calls;
    dc_again_close(&s.again);
    return s.again.status;
}

void dc_threshold_say(const dc_threshold *t, char text[DC_THRESHOLD_TEXT])
{
    text[0] = '\0';
    if (t->of != DC_OF_NOTHING)
        snprintf(text, DC_THRESHOLD_TEXT,
                 "wrong from %s = %" PRId64 " on, right at %" PRId64
                 " and below",
                 dc_size_names[t->of], t->wrong, t->right);
}

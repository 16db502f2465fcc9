/* SPDX-License-Identifier: MIT
 *
 * The memory of a process that hosts a mutant, and the rules on it.
 */
#include "oracle/mutants/mutant_state.h"

#include <stdlib.h>
#include <string.h>

/* A problem that an operation was asked. */
typedef struct {
    dc_problem p;
    dc_op op;
    int64_t uses;
    int64_t others; /* known[op] at the last use */
    int64_t place;  /* changes at the last use */
} memory;

/* A process hosts one mutant, so that its memory is state of the process. */
static struct {
    memory *list;
    int64_t count;
    int64_t room;
    int64_t known[DC_OPS]; /* different problems of each operation */
    int64_t changes;       /* of the problem from one call to the next */
    dc_problem plan[DC_OPS];
    bool planned[DC_OPS];
    dc_problem last;
    dc_op last_op;
    bool any; /* last is set */
} here;

/* ==== Rules ============================================================== */

/* The problem without the fields that the key lacks; o follows from others. */
static dc_problem key_of(const dc_problem *p, int missing)
{
    const bool first = missing & DC_KEY_FIRST_AXIS;
    dc_problem key = *p;
    const struct {
        int bit;
        int64_t *axes;
    } by_axis[] = {{DC_KEY_S, key.s},
                   {DC_KEY_D, key.d},
                   {DC_KEY_PB, key.pb},
                   {DC_KEY_PE, key.pe},
                   {DC_KEY_OP, key.op}};

    for (size_t k = 0; k < sizeof by_axis / sizeof *by_axis; k++)
        if (missing & by_axis[k].bit)
            memset(by_axis[k].axes, 0, (first ? 1 : 3) * sizeof(int64_t));
    memset(key.o, 0, sizeof key.o);
    key.n *= !(missing & DC_KEY_N);
    key.ci *= !(missing & DC_KEY_CI);
    key.g *= !(missing & DC_KEY_G);
    key.has_bias *= !(missing & DC_KEY_BIAS);
    key.unbatched *= !(missing & DC_KEY_UNBATCHED);
    key.dtype *= !(missing & DC_KEY_TYPE);
    return key;
}

bool dc_state_key(const dc_history *h, int detail)
{
    dc_problem a;
    dc_problem b;

    if (!h->plan || dc_problem_equal(h->plan, h->p))
        return false;
    a = key_of(h->plan, detail);
    b = key_of(h->p, detail);
    return dc_problem_equal(&a, &b);
}

bool dc_state_counts(const dc_history *h, int detail)
{
    (void)detail;
    if (!h->plan || dc_problem_equal(h->plan, h->p) ||
        h->plan->rank != h->p->rank || h->plan->dtype != h->p->dtype)
        return false;
    for (int t = DC_X; t <= DC_GY; t++)
        if (t != DC_B && dc_problem_count(h->plan, (dc_tensor)t) !=
                             dc_problem_count(h->p, (dc_tensor)t))
            return false;
    return true;
}

bool dc_state_comes_back(const dc_history *h, int detail)
{
    return h->uses > 0 && h->others >= detail;
}

bool dc_state_away(const dc_history *h, int detail)
{
    return h->uses > 0 && h->places >= detail;
}

bool dc_state_used(const dc_history *h, int detail)
{
    return h->uses >= detail;
}

bool dc_state_follows(const dc_history *h, int detail)
{
    return h->last && (int)h->last_op == detail &&
           dc_problem_equal(h->last, h->p);
}

/* Do p and the plan's problem differ in their extents alone?  *was, *is: the
 * elements of the first input of both. */
static bool other_extents(const dc_history *h, int64_t *was, int64_t *is)
{
    const dc_tensor in = dc_ops[h->op].in[0];
    dc_problem a;
    dc_problem b;

    if (!h->plan)
        return false;
    a = key_of(h->plan, 0);
    b = key_of(h->p, 0);
    memset(a.i, 0, sizeof a.i);
    memset(b.i, 0, sizeof b.i);
    *was = dc_problem_count(h->plan, in);
    *is = dc_problem_count(h->p, in);
    return dc_problem_equal(&a, &b);
}

bool dc_state_shrinks(const dc_history *h, int detail)
{
    int64_t was;
    int64_t is;

    return other_extents(h, &was, &is) && is > 0 && was >= detail * is;
}

bool dc_state_grows(const dc_history *h, int detail)
{
    int64_t was;
    int64_t is;

    return other_extents(h, &was, &is) && was > 0 && is >= detail * was;
}

/* ==== The memory ========================================================= */

/* The entry of a problem, a new one if there is none; NULL without memory. */
static memory *recall(const dc_problem *p, dc_op op)
{
    memory *more;

    for (int64_t k = 0; k < here.count; k++)
        if (here.list[k].op == op && dc_problem_equal(&here.list[k].p, p))
            return &here.list[k];
    if (here.count == here.room) {
        here.room = 2 * here.room + 64;
        more = realloc(here.list, (size_t)here.room * sizeof *more);
        if (!more)
            return NULL;
        here.list = more;
    }
    here.list[here.count] = (memory){.p = *p, .op = op};
    here.known[op]++;
    return &here.list[here.count++];
}

bool dc_mutant_state_strikes(const dc_mutant *m, const dc_problem *p, dc_op op)
{
    memory *const at = recall(p, op);
    dc_history h = {.p = p,
                    .op = op,
                    .plan = here.planned[op] ? &here.plan[op] : NULL,
                    .last = here.any ? &here.last : NULL,
                    .last_op = here.last_op};
    bool strikes = false;

    here.changes += here.any && !dc_problem_equal(&here.last, p);
    if (at) {
        h.uses = at->uses++;
        h.others = here.known[op] - at->others;
        h.places = here.changes - at->place;
        at->others = here.known[op];
        at->place = here.changes;
        strikes = m && m->history(&h, m->detail);
    }
    if (!strikes) {
        here.plan[op] = *p;
        here.planned[op] = true;
    }
    here.last = *p;
    here.last_op = op;
    here.any = true;
    return strikes;
}

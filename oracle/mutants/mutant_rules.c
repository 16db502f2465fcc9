/* SPDX-License-Identifier: MIT
 *
 * One function for each row of mutant_rules.def and mutant_when.def.
 */
#include "oracle/mutants/mutant_rules.h"

#include "ref/integer.h"

/* h for w and w for h; an axis that has no such twin is its own. */
static int twin(const dc_problem *p, int a)
{
    if (p->rank < 2 || a < p->rank - 2)
        return a;
    return a == p->rank - 1 ? p->rank - 2 : p->rank - 1;
}

/* Row and column: the last two axes.  The axis of rank 1 is both. */
static bool is_row(const dc_problem *p, int a)
{
    return p->rank == 1 || a == p->rank - 2;
}

static bool is_column(const dc_problem *p, int a)
{
    return a == p->rank - 1;
}

static int64_t reach(const dc_problem *p, int a)
{
    return p->d[a] * (p->k[a] - 1);
}

static int64_t pads(const dc_problem *p, int a)
{
    return p->pb[a] + p->pe[a];
}

static int64_t extent(const dc_problem *p, int a, int64_t s, int64_t padded,
                      int64_t reached)
{
    return (p->i[a] - 1) * s - padded + reached + p->op[a] + 1;
}

/* The output extent of an ordinary convolution of extent `from`. */
static int64_t convolved(const dc_problem *p, int a, int64_t from,
                         int64_t reached)
{
    return dc_floor_div(from + pads(p, a) - reached - 1, p->s[a]) + 1;
}

#define RULE(name, number)                                                     \
    int64_t name(const dc_problem *p, int a)                                   \
    {                                                                          \
        (void)p;                                                               \
        (void)a;                                                               \
        return number;                                                         \
    }
#include "oracle/mutants/mutant_rules.def"

/* The axes of a problem, which may be illegal. */
static int axes_of(const dc_problem *p)
{
    return p->rank < 0 ? 0 : p->rank > 3 ? 3 : p->rank;
}

#define WHEN(name, condition)                                                  \
    bool name(const dc_problem *p)                                             \
    {                                                                          \
        return condition;                                                      \
    }
#define AXES(name, condition, found)                                           \
    bool name(const dc_problem *p)                                             \
    {                                                                          \
        for (int a = 0; a < axes_of(p); a++)                                   \
            if ((condition) == found)                                          \
                return found;                                                  \
        return !found;                                                         \
    }
#define SOME_AXIS(name, condition)  AXES(name, condition, true)
#define EVERY_AXIS(name, condition) AXES(name, condition, false)
#include "oracle/mutants/mutant_when.def"

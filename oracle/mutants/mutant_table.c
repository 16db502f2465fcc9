/* SPDX-License-Identifier: MIT
 *
 * Which mutants are there, and what are their rows made of?  Rows M0xx and M1xx
 * are the measured mutants of the bug museum (its section 6.1) and their
 * siblings, rows M2xx model its further defects, rows M3xx have faults other
 * than wrong formulas, rows M401 to M449 keep something from one call to the
 * next, rows M451 to M499 touch memory that is not theirs, rows M5xx show from
 * a threshold on, rows M6xx are mistakes that a first version often has.
 *
 * Missing, because the contract has no way to show them:
 *   M068 M091 M107  an accumulate request ignored: results are overwritten,
 *                   the contract has no write mode
 *   M105 M106       right only if another gradient is computed too: the
 *                   contract requests each gradient separately
 *   C07 C08 C39     auto_pad and explicit sizes: the profiles resolve them
 *                   before an implementation is called
 *   C25             strided tensors: all tensors are dense
 *   C31             32-bit offsets: they need tensors beyond 2^31 elements,
 *                   which the tier `large` has (M511 to M562 have 8, 15 and 16
 *                   bits)
 *   C36             quantised types
 *   C37             NaN times a structural zero: legal here (M150 to M152 have
 *                   other zeros)
 *   C40 C41 C42     shape queries, folding, second order
 *
 * Removed, because they are equivalent to the right algorithm:
 *   pe clamped, pe of the other axis    values do not depend on pe, and o is
 *                                       given
 *   weight as [co][ci] if co/g = 1      the same address
 *   pb != pe reported as illegal        M005: its extent differs exactly there
 *   gx not cleared, every j written     overwriting each j once is enough
 */
#include "oracle/mutants/mutant_state.h"

#include <string.h>

#include "ref/integer.h"

/* ==== Rules and conditions: a function for each row ====================== */

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
    static int64_t name(const dc_problem *p, int a)                            \
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

/* ==== The table ========================================================== */

/* operations that a row alters */
enum {
    Y = 1 << DC_FORWARD,
    GX = 1 << DC_GRAD_INPUT,
    GW = 1 << DC_GRAD_WEIGHT,
    GB = 1 << DC_GRAD_BIAS
};

/* clang-format off */
const dc_mutant dc_mutants[] = {
#include "oracle/mutants/mutant_forward.def"
#include "oracle/mutants/mutant_gradient.def"
#include "oracle/mutants/mutant_fault.def"
#include "oracle/mutants/mutant_state.def"
#include "oracle/mutants/mutant_memory.def"
#include "oracle/mutants/mutant_scale.def"
#include "oracle/mutants/mutant_planted.def"
};
/* clang-format on */

const int dc_mutants_count = sizeof dc_mutants / sizeof *dc_mutants;

const dc_mutant *dc_mutant_find(const char *id)
{
    for (int m = 0; m < dc_mutants_count; m++)
        if (strcmp(dc_mutants[m].id, id) == 0)
            return &dc_mutants[m];
    return NULL;
}

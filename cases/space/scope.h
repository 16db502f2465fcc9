/* SPDX-License-Identifier: MIT
 *
 * The scope of a run: which problems may be asked?  A range for each field,
 * fields that equal others, and a further condition.
 *
 *   rank=2,g=1,d=1,k=2..5,ci=16..,pe=pb
 */
#ifndef DC_SCOPE_H
#define DC_SCOPE_H

#include <stdbool.h>

#include "cases/random.h"
#include "ref/case.h"

typedef enum {
    DC_SCOPE_RANK,
    DC_SCOPE_N,
    DC_SCOPE_CI,
    DC_SCOPE_CO,
    DC_SCOPE_G,
    DC_SCOPE_I, /* of every axis, to DC_SCOPE_O */
    DC_SCOPE_K,
    DC_SCOPE_S,
    DC_SCOPE_D,
    DC_SCOPE_PB,
    DC_SCOPE_PE,
    DC_SCOPE_OP,
    DC_SCOPE_O,
    DC_SCOPE_B,
    DC_SCOPE_U,
    DC_SCOPE_FIELDS
} dc_scope_field;

typedef struct {
    int64_t lo, hi;       /* both included */
    bool equal;           /* it equals another field, ... */
    dc_scope_field other; /* ... this one */
} dc_scope_range;

typedef struct {
    bool given; /* false: every problem is inside */
    dc_scope_range of[DC_SCOPE_FIELDS];
    unsigned dtypes; /* bit 1 << dtype: inside */
    /* a further condition on a complete problem, or NULL */
    bool (*holds)(const void *context, const dc_problem *p);
    const void *context;
} dc_scope;

/* Every legal problem, to be narrowed. */
void dc_scope_open(dc_scope *s);

/* Is f a field of an axis? */
bool dc_scope_is_axial(dc_scope_field f);

/* The field of p: one number, or one for each axis. */
int64_t dc_scope_get(const dc_problem *p, dc_scope_field f, int axis);
void dc_scope_set(dc_problem *p, dc_scope_field f, int axis, int64_t value);

/* Narrows f to lo..hi; DC_INVALID, with a sentence, if nothing is left. */
dc_status dc_scope_narrow(dc_scope *s, dc_scope_field f, int64_t lo, int64_t hi,
                          dc_error *e);

/* Narrows s to a comma-separated list of FIELD=VALUE, FIELD=LO..HI, FIELD=LO..,
 * FIELD=..HI and FIELD=FIELD; p stands for pb and pe, dtype=T for a storage
 * type.  DC_INVALID, with a sentence, if it cannot be read or nothing is
 * left. */
dc_status dc_scope_read(dc_scope *s, const char *text, dc_error *e);

/* Is a complete problem inside? */
bool dc_scope_has(const dc_scope *s, const dc_problem *p);

/* Is an illegal problem inside, but for the field (as dc_problem_complete names
 * it) that breaks a rule, and the output's extent? */
bool dc_scope_has_illegal(const dc_scope *s, const dc_problem *p,
                          const char *broken);

/* The first field that is outside: "k", "dtype", or "combination" for the
 * further condition; NULL if the problem is inside. */
const char *dc_scope_outside(const dc_scope *s, const dc_problem *p);

/* ---- scope_fit.c ---- */

/* Changes the fields that are outside, drawing new ones, and completes the
 * problem.  DC_INVALID, with a sentence, if that failed: another attempt, or
 * another problem, may succeed. */
dc_status dc_scope_fit(const dc_scope *s, dc_random *r, dc_problem *p,
                       dc_error *e);

/* Finds a problem inside, small if possible; DC_INVALID, with a sentence, if
 * many attempts find none. */
dc_status dc_scope_find(const dc_scope *s, dc_problem *p, dc_error *e);

#endif

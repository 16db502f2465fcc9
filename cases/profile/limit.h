/* SPDX-License-Identifier: MIT
 *
 * What can a framework not say, and what does it document as refused, although
 * the canonical rules allow it?
 */
#ifndef DC_LIMIT_H
#define DC_LIMIT_H

#include <stdbool.h>

#include "ref/problem.h"

/* Properties of a problem. */
typedef enum {
    DC_LIMIT_NONE,
    DC_LIMIT_RANK,      /* another number of axes */
    DC_LIMIT_TYPE,      /* another storage type */
    DC_LIMIT_UNBATCHED, /* no batch axis */
    DC_LIMIT_BIAS,
    DC_LIMIT_GROUPS,
    DC_LIMIT_DILATED,
    DC_LIMIT_LOPSIDED, /* pb != pe */
    DC_LIMIT_NO_OP,    /* an illegal op, which nothing checks there */
    DC_LIMIT_WORDS,    /* pads that neither SAME nor VALID means */
    DC_LIMIT_EMPTY,    /* an extent of zero */
    DC_LIMIT_NEGATIVE, /* a negative pad */
    DC_LIMIT_OP,       /* op >= s */
    DC_LIMIT_PADS,     /* a pad beyond d*(k-1) */
    DC_LIMIT_STRIDED,  /* s > 1 with d > 1 */
    DC_LIMIT_RULES
} dc_limit_rule;

/* "op >= s", ...: the property in few words. */
extern const char *const dc_limit_names[DC_LIMIT_RULES];

typedef enum {
    DC_CANNOT, /* cannot be written there */
    DC_REFUSED /* can be written, and is documented as refused */
} dc_limit_kind;

/* One row: a framework has this limit if `holds` is true of a problem.  The
 * problem may be illegal. */
typedef struct {
    const char *profile; /* "webnn", ... */
    dc_limit_kind kind;
    dc_limit_rule rule;
    bool (*holds)(const dc_problem *p);
    const char *source; /* the document that says so */
} dc_limit;

/* By profile, in the order of dc_limit_profiles. */
extern const dc_limit dc_limits[];
extern const int dc_limits_count;

/* The eight names, in alphabetical order. */
extern const char *const dc_limit_profiles[];
extern const int dc_limit_profiles_count;

/* Is this one of the names? */
bool dc_limit_known(const char *profile);

/* Why p cannot be written in the profile: DC_LIMIT_NONE if it can. */
dc_limit_rule dc_limit_cannot(const char *profile, const dc_problem *p);

/* The rule by which the profile, or with NULL any of them, documents p as
 * refused; DC_LIMIT_NONE if none does.  Without a profile it does not matter
 * whether the one that has the rule could write the rest of p. */
dc_limit_rule dc_limit_refuses(const char *profile, const dc_problem *p);

/* May every implementation refuse such a problem (DESIGN of the contract: empty
 * tensors and negative pads), one operation without the others? */
bool dc_limit_is_free(dc_limit_rule rule);

enum { DC_LIMIT_WHO = 96 }; /* size of a buffer for all names */

/* Writes the profiles that refuse by this rule: "keras, lucid". */
void dc_limit_who(dc_limit_rule rule, char text[DC_LIMIT_WHO]);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Why is a part of the cases unsupported?  Nothing says so, but a simple
 * property that many unsupported cases have and no computed one does tells it.
 */
#ifndef DC_UNSUPPORTED_H
#define DC_UNSUPPORTED_H

#include <stdbool.h>
#include <stdint.h>

#include "ref/case.h"

enum {
    DC_UNSUPPORTED_SETS = 1024, /* different sets of properties */
    DC_UNSUPPORTED_CAUSES = 64,
    DC_UNSUPPORTED_HINT = 160
};

/* Bit k of a set: property k of the table in unsupported.c. */
typedef struct {
    uint64_t met;      /* properties that some computed case has */
    int64_t computed;  /* cases */
    int64_t unsettled; /* unsupported, but there was no room for their set */
    int n;
    struct {
        uint64_t has;
        int64_t cases;
    } sets[DC_UNSUPPORTED_SETS]; /* of the unsupported cases */
} dc_unsupported;

typedef struct {
    const char *name; /* "g > 1", ..., or "other" */
    const char *term; /* of a scope without it, or NULL */
    int64_t cases;    /* each case counts for one cause */
} dc_cause;

/* Notes a case that was computed, or all of whose operations are unsupported.
 */
void dc_unsupported_add(dc_unsupported *u, const dc_problem *p, bool computed);

/* Finds few causes that together explain as many cases as possible, that of
 * most cases first; the rest is "other".  Returns their number; 0 if nothing
 * was unsupported or nothing computed. */
int dc_unsupported_causes(const dc_unsupported *u,
                          dc_cause causes[DC_UNSUPPORTED_CAUSES + 1]);

/* The scope without those causes, as --scope takes it; "" if a cause has no
 * term, or there is none. */
void dc_unsupported_hint(const dc_cause *causes, int n,
                         char text[DC_UNSUPPORTED_HINT]);

#endif

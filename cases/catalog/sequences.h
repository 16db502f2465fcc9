/* SPDX-License-Identifier: MIT
 *
 * Sequences: related problems that one process is asked in turn and again,
 * because an implementation may keep plans, packed weights and workspaces
 * between calls.
 */
#ifndef DC_SEQUENCES_H
#define DC_SEQUENCES_H

#include <stdbool.h>

#include "ref/case.h"

/* In which order are the problems asked? */
typedef enum {
    DC_SEQUENCE_FIELDS, /* the first, each of the others and the first again;
                         * then all of them from the last to the first */
    DC_SEQUENCE_PAIRS,  /* each of them, each other one, and back */
    DC_SEQUENCE_OFTEN,  /* the first, again and again, with varying contents */
    DC_SEQUENCE_MANY    /* very many small ones, then the early ones again */
} dc_sequence_order;

typedef struct {
    const char *name;
    const char *hunts;
    dc_sequence_order order;
    /* The first problem, then for each further one the keys that replace the
     * first one's; up to NULL.  Not used by DC_SEQUENCE_MANY. */
    const char *const *specs;
    bool types; /* the problems have storage types of their own */
    int rounds; /* of DC_SEQUENCE_OFTEN: each has DC_SEQUENCE_CONTENTS visits */
} dc_sequence;

/* Contents 0 are the case's own and, but for DC_SEQUENCE_OFTEN, the only ones;
 * contents 1 to 3 differ from them in one or two elements of each tensor,
 * contents 4 in all (oracle/judge/sequence.c). */
enum { DC_SEQUENCE_CONTENTS = 5 };

/* What is asked next. */
typedef struct {
    int problem;
    int contents;   /* below DC_SEQUENCE_CONTENTS */
    unsigned ops;   /* bit 1 << op: asked */
    bool backwards; /* the operations in reverse order */
} dc_visit;

extern const dc_sequence dc_sequences[];
extern const int dc_sequences_count;

/* Number of problems. */
int dc_sequence_problems(const dc_sequence *s);

/* Problem `index`, complete; in f32 unless s->types. */
dc_status dc_sequence_case(const dc_sequence *s, int index, dc_case *c,
                           dc_error *e);

/* Number of visits, and visit `index` of them. */
int dc_sequence_visits(const dc_sequence *s);
dc_visit dc_sequence_visit(const dc_sequence *s, int index);

#endif

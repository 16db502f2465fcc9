/* SPDX-License-Identifier: MIT
 *
 * Named cases: defects that public software had, layers of real networks, and
 * problems that must be refused.
 */
#ifndef DC_CATALOG_H
#define DC_CATALOG_H

#include <stdbool.h>
#include <stddef.h>

#include "ref/case.h"

/* A legal case.  `spec` is a case string without dtype, family and seed. */
typedef struct {
    const char *name; /* K1S2, PMODS, ... */
    const char *spec;
    const char *hunts; /* the defect in a few words, and where it was seen */
} dc_named;

extern const dc_named dc_catalog[];
extern const int dc_catalog_count;

/* A layer of a real network: at full size, and with fewer channels and smaller
 * extents, so that a naive reference takes a fraction of a second. */
typedef struct {
    const char *name;
    const char *spec;
    const char *small;
    const char *network;
} dc_layer;

extern const dc_layer dc_layers[];
extern const int dc_layers_count;

/* How a field of a legal problem is changed. */
typedef enum {
    DC_BREAK_SET,   /* to `value` */
    DC_BREAK_ADD,   /* by `value` */
    DC_BREAK_LIMIT, /* op, to the larger of s and d */
    DC_BREAK_CROP,  /* a pad, so that the output has an extent of -value */
    DC_BREAK_HALVE  /* a pad, so that this and the same of the other pad give
                     * the output an extent of -value or one less */
} dc_break_how;

typedef struct {
    size_t at; /* offset in dc_problem, of the row's axis; 0: no change */
    dc_break_how how;
    int64_t value;
} dc_break;

enum { DC_BREAKS = 4 };

/* A rule, and how a legal problem breaks it. */
typedef struct {
    const char *name;
    const char *spec;  /* a legal problem: a case string without dtype */
    const char *field; /* as dc_problem_complete reports it ... */
    int axis;          /* ... with the axis, or -1 */
    const char *rule;  /* that it breaks, with a bug report if there is one */
    dc_break changes[DC_BREAKS];
} dc_refusal;

extern const dc_refusal dc_refusals[];
extern const int dc_refusals_count;

/* The legal problem of the row's own, in f32. */
void dc_refusal_legal(const dc_refusal *row, dc_case *c);

/* The illegal problem that the row makes of a complete legal one; o is what the
 * formula gives, or 0 if that does not fit.  An axis beyond the rank stands for
 * the last one.  False if the row's rule is not the one that is broken then: no
 * g of 1 fails to divide ci. */
bool dc_refusal_make(const dc_refusal *row, const dc_problem *legal,
                     dc_problem *illegal);

#endif

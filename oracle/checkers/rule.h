/* SPDX-License-Identifier: MIT
 *
 * The acceptance rules of published checks: each a row with its source, and a
 * function that equals the original's formula.  They are measured, not used:
 * no verdict of deconform depends on them.
 */
#ifndef DC_RULE_H
#define DC_RULE_H

#include "ref/format.h"
#include "ref/problem.h"

/* A result beside what is right.  Values are those of the problem's storage
 * type. */
typedef struct {
    const dc_problem *p;
    dc_op op;
    int64_t count;
    const double *got;
    const double *want;  /* the exact result, rounded to the storage type */
    const double *exact; /* the result in binary64 */
    const double *scale; /* the same of the factors' magnitudes: S */
    int data_set;        /* of TOSA's data, 0 to 5; -1: other data */
} dc_compared;

/* |got - want| <= atol + rtol |want| */
typedef struct {
    double rtol, atol;
} dc_tolerance;

typedef struct dc_rule dc_rule;

typedef bool dc_rule_accepts(const dc_rule *r, const dc_compared *c);

typedef enum {
    DC_RULE_OF_GOT = 1 << 0, /* rtol |got|: the original swaps them */
    DC_RULE_NAN = 1 << 1,    /* NaN equals NaN */
    DC_RULE_F32 = 1 << 2,    /* compared in f32, whatever the type */
} dc_rule_flags;

struct dc_rule {
    const char *name;
    const char *what;   /* the formula, in one line */
    const char *source; /* repository, file, version */
    dc_rule_accepts *accepts;
    dc_tolerance tolerance[DC_FORMATS]; /* by storage type, if it has one */
    double share; /* of the elements that must be close; 0: all of them */
    dc_rule_flags flags;
    int types; /* bits 1 << dtype: the storage types that it is for */
    int ops;   /* bits 1 << op: the operations that the check compares */
    const char *suite; /* the check whose shapes and data it has */
};

extern const dc_rule dc_rules[];
extern const int dc_rules_count;

/* The rule with this name, or NULL. */
const dc_rule *dc_rule_find(const char *name);

/* Does the check compare this operation in this storage type? */
bool dc_rule_compares(const dc_rule *r, dc_op op, int dtype);

/* The functions of the rows; rule.c has the formula of each. */
dc_rule_accepts dc_rule_allclose, dc_rule_ulps, dc_rule_tosa_element,
    dc_rule_tosa, dc_rule_benchdnn, dc_rule_nmse, dc_rule_equal;

#endif

/* SPDX-License-Identifier: MIT
 *
 * Grades of many results taken together, by storage type, operation and length
 * of the sums: what no single result has elements enough to show, and what is
 * lost in long sums alone.
 */
#ifndef DC_GRADES_H
#define DC_GRADES_H

#include "oracle/judge/result.h"

/* Classes of length: up to 4 terms, up to 16, ..., more than 4^7; and all. */
enum { DC_LENGTHS = 9, DC_LENGTH_ANY = DC_LENGTHS };

typedef struct {
    dc_grade grade;
    int64_t results;
    bool spoke;    /* the grade of one of them alone is a finding */
    dc_item worst; /* the one with the highest ratio */
    double ratio;
} dc_grade_sum;

typedef struct {
    dc_grade_sum by[DC_FORMATS][DC_OPS][DC_LENGTHS + 1];
} dc_grades;

/* The class of the longest sum that an element of op's result can be. */
int dc_grades_length(const dc_problem *p, dc_op op);

void dc_grades_add(dc_grades *all, const dc_result *r);

/* Op's grades in storage type dtype at the length where they are worst; over
 * all lengths if none alone has DC_GRADE_MIN elements. */
const dc_grade *dc_grades_worst(const dc_grades *all, int dtype, dc_op op);

enum { DC_GRADE_SUMS = DC_FORMATS * DC_OPS * (DC_LENGTHS + 1) };

/* Sum number `at` of DC_GRADE_SUMS: if it has DC_GRADE_MIN elements and a ratio
 * beyond DC_GRADE_MAX, and no result of it has a finding about its grade, makes
 * *r the warning, or if strict the failure, that says so.  The sum over all
 * lengths counts only if none over a single length has so many elements.
 * False: nothing to say, *r is blank. */
bool dc_grades_find(const dc_grades *all, int at, bool strict, dc_result *r);

#endif

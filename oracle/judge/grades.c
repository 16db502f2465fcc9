/* SPDX-License-Identifier: MIT
 *
 * Adds grades up, and says which of the sums are worse than usual.
 */
#include "oracle/judge/grades.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ref/gather.h"

int dc_grades_length(const dc_problem *p, dc_op op)
{
    const dc_problem lifted = dc_problem_lift(p);
    int64_t terms = dc_gather_terms_max(&lifted, op);
    int length = 0;

    while (terms > 4 && length < DC_LENGTHS - 1) {
        terms = (terms + 3) / 4;
        length++;
    }
    return length;
}

static bool has_finding(const dc_result *r, dc_op op)
{
    for (int f = 0; f < r->n_findings; f++)
        if (r->findings[f].op == op && r->findings[f].check == DC_CHECK_GRADE)
            return true;
    return false;
}

static void add(dc_grade_sum *to, const dc_result *r, dc_op op)
{
    const dc_grade *const g = &r->measures.grade[op];

    dc_grade_add(&to->grade, g);
    to->spoke |= has_finding(r, op);
    if (to->results++ == 0 || dc_grade_ratio(g) > to->ratio) {
        to->worst = r->item;
        to->ratio = dc_grade_ratio(g);
    }
}

void dc_grades_add(dc_grades *all, const dc_result *r)
{
    const dc_problem *const p = &r->item.c.p;

    for (int op = 0; op < DC_OPS; op++)
        if (r->measures.grade[op].elements) {
            dc_grade_sum *const by = all->by[p->dtype][op];

            add(&by[dc_grades_length(p, (dc_op)op)], r, (dc_op)op);
            add(&by[DC_LENGTH_ANY], r, (dc_op)op);
        }
}

static bool counts(const dc_grade_sum by[DC_LENGTHS + 1], int length)
{
    bool any = false;

    for (int k = 0; k < DC_LENGTHS && length == DC_LENGTH_ANY; k++)
        any |= by[k].grade.elements >= DC_GRADE_MIN;
    return !any && by[length].grade.elements >= DC_GRADE_MIN;
}

const dc_grade *dc_grades_worst(const dc_grades *all, int dtype, dc_op op)
{
    const dc_grade_sum *const by = all->by[dtype][op];
    int worst = DC_LENGTH_ANY;

    for (int k = 0; k < DC_LENGTHS; k++)
        if (counts(by, k) &&
            (worst == DC_LENGTH_ANY ||
             dc_grade_ratio(&by[k].grade) > dc_grade_ratio(&by[worst].grade)))
            worst = k;
    return &by[worst].grade;
}

/* "sums of 257 to 1024 products" */
static void name_length(int length, char *text, size_t size)
{
    const long long most = 4LL << 2 * length;

    if (length == DC_LENGTH_ANY)
        snprintf(text, size, "sums of all lengths");
    else if (length == DC_LENGTHS - 1)
        snprintf(text, size, "sums of more than %lld products", most / 4);
    else
        snprintf(text, size, "sums of %lld to %lld products",
                 length ? most / 4 + 1 : 1, most);
}

bool dc_grades_find(const dc_grades *all, int at, bool strict, dc_result *r)
{
    const int length = at % (DC_LENGTHS + 1);
    const dc_op op = (dc_op)(at / (DC_LENGTHS + 1) % DC_OPS);
    const dc_grade_sum *const by = all->by[at / (DC_LENGTHS + 1) / DC_OPS][op];
    const dc_grade_sum *const s = &by[length];
    char name[64];

    memset(r, 0, sizeof *r);
    if (!counts(by, length) || s->spoke ||
        dc_grade_ratio(&s->grade) <= DC_GRADE_MAX)
        return false;
    name_length(length, name, sizeof name);
    r->item = s->worst;
    r->measures.warnings = !strict;
    dc_result_find(r, op, strict ? DC_FAIL : DC_PASS, DC_CHECK_GRADES,
                   "less precise than usual in %s: %.1f times the rms error of "
                   "a serial sum over %" PRId64 " elements of %" PRId64
                   " results, %.1f bits are right; worst in this one",
                   name, dc_grade_ratio(&s->grade), s->grade.elements,
                   s->results, dc_grade_bits(&s->grade));
    return true;
}

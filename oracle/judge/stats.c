/* SPDX-License-Identifier: MIT
 *
 * Adds up the measures of all cases and prints the closing lines.
 */
#include "oracle/judge/stats.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "cases/catalog/scenarios.h"
#include "oracle/subject/surroundings.h"

static void add_tally(dc_stats *t, const dc_result *r)
{
    const dc_problem *const p = &r->item.c.p;

    for (int op = 0; op < DC_OPS; op++) {
        dc_tally *const x = &t->tally[p->dtype][p->rank - 1][op];

        x->asked += r->requested[op];
        x->judged += r->requested[op] && r->by_op[op] != DC_UNJUDGED;
    }
}

/* A case counts once for a rule, however many operations refuse by it.  Did it
 * count for any? */
static bool add_limits(dc_stats *t, const dc_result *r)
{
    bool met[DC_LIMIT_RULES] = {false};
    bool any = false;

    for (int op = 0; op < DC_OPS; op++)
        met[r->refused[op]] = true;
    for (int rule = DC_LIMIT_NONE + 1; rule < DC_LIMIT_RULES; rule++) {
        t->limited[rule] += met[rule];
        any |= met[rule];
    }
    return any;
}

void dc_stats_add(dc_stats *t, const dc_result *r)
{
    const dc_measures *const m = &r->measures;
    const bool limited = add_limits(t, r);

    if (r->item.kind == DC_ITEM_CASE) {
        add_tally(t, r);
        if (!limited)
            dc_unsupported_add(&t->unsupported, &r->item.c.p,
                               r->verdict != DC_UNJUDGED);
    }
    if (r->item.kind == DC_ITEM_REFUSAL) {
        t->illegal++;
        t->refused += r->verdict <= DC_PASS;
    } else {
        t->legal++;
        t->computed += r->verdict != DC_UNJUDGED;
    }

    for (int op = 0; op < DC_OPS; op++) {
        for (int b = 0; b < DC_BINS; b++)
            t->ratios[op][r->item.c.family][b] += m->ratios[op][b];
        for (int k = 0; k < DC_ZEROS; k++)
            for (int how = 0; how < 2; how++)
                t->policy[op][k][how] += m->policy[op][k][how];
    }
    dc_grades_add(&t->grades, r);
    t->proved += m->proved;
    if (m->other_bits)
        t->other_bits |= 1u << r->item.row;
    t->warnings += m->warnings;
    t->left |= m->left;
}

void dc_stats_who(const dc_stats *t, dc_limit_rule rule,
                  char text[DC_LIMIT_WHO])
{
    if (t->profile)
        snprintf(text, DC_LIMIT_WHO, "%s", t->profile);
    else
        dc_limit_who(rule, text);
}

const char *dc_stats_policy(const dc_stats *t, dc_op op, dc_zero zero)
{
    const int64_t *const seen = t->policy[op][zero];

    return seen[0] && seen[1] ? "sometimes"
           : seen[0]          ? "never"
           : seen[1]          ? "always"
                              : "not seen";
}

double dc_stats_edge(int b)
{
    return b == 0 ? 0 : b == DC_BINS - 1 ? INFINITY : ldexp(1, b - DC_BINS + 2);
}

/* The line above a table that has one column for each operation. */
static void print_heads(const char *title, FILE *to)
{
    fprintf(to, "%-12s", title);
    for (int op = 0; op < DC_OPS; op++)
        fprintf(to, "%*s", op ? 14 : 12, dc_ops[op].name);
    fputc('\n', to);
}

/* "812/812" under each operation: cases judged of those asked. */
static void print_tally(const dc_tally x[DC_OPS], int dtype, int rank, FILE *to)
{
    fprintf(to, "  %-4s %dd ", dc_formats[dtype].name, rank);
    for (int op = 0; op < DC_OPS; op++) {
        char cell[48] = "-";

        if (x[op].asked)
            snprintf(cell, sizeof cell, "%" PRId64 "/%" PRId64, x[op].judged,
                     x[op].asked);
        fprintf(to, " %13s", cell);
    }
    fputc('\n', to);
}

static void print_tallies(const dc_stats *t, FILE *to)
{
    bool any = false;

    if (t->legal < 2) /* the closing line says it all */
        return;
    for (int d = 0; d < DC_FORMATS; d++)
        for (int rank = 1; rank <= 3; rank++) {
            const dc_tally *const x = t->tally[d][rank - 1];
            int64_t asked = 0;

            for (int op = 0; op < DC_OPS; op++)
                asked += x[op].asked;
            if (!asked)
                continue;
            if (!any)
                print_heads("judged/asked", to);
            any = true;
            print_tally(x, d, rank, to);
        }
}

static void print_unsupported(const dc_stats *t, FILE *to)
{
    dc_cause causes[DC_UNSUPPORTED_CAUSES + 1];
    char hint[DC_UNSUPPORTED_HINT];
    const int n = dc_unsupported_causes(&t->unsupported, causes);

    for (int k = 0; k < n; k++)
        fprintf(to, "%s%s: %" PRId64,
                k ? ", " : "unsupported: ", causes[k].name, causes[k].cases);
    if (n)
        fputc('\n', to);
    dc_unsupported_hint(causes, n, hint);
    if (hint[0])
        fprintf(to, "  --scope '%s' asks as many cases of what is offered\n",
                hint);
}

static void print_limits(const dc_stats *t, FILE *to)
{
    for (int rule = DC_LIMIT_NONE + 1; rule < DC_LIMIT_RULES; rule++) {
        char who[DC_LIMIT_WHO];

        if (!t->limited[rule])
            continue;
        dc_stats_who(t, (dc_limit_rule)rule, who);
        fprintf(to, "refused: %s, as %s: %" PRId64 " case%s\n",
                dc_limit_names[rule], who, t->limited[rule],
                t->limited[rule] > 1 ? "s" : "");
    }
}

/* "1.05 (24.9)" under each operation.  Returns whether there is a grade, and
 * prints nothing if there is none. */
static bool print_grade(const dc_grades *all, int dtype, bool any, FILE *to)
{
    char cells[DC_OPS][48];
    bool graded = false;

    for (int op = 0; op < DC_OPS; op++) {
        const dc_grade *const g = dc_grades_worst(all, dtype, (dc_op)op);
        const double bits = dc_grade_bits(g);

        snprintf(cells[op], sizeof cells[op], "-");
        if (g->elements < DC_GRADE_MIN)
            continue;
        graded = true;
        if (isfinite(bits))
            snprintf(cells[op], sizeof cells[op], "%.2f (%.1f)",
                     dc_grade_ratio(g), bits);
        else
            snprintf(cells[op], sizeof cells[op], "%.2f (exact)",
                     dc_grade_ratio(g));
    }
    if (!graded)
        return false;
    if (!any)
        print_heads("precision", to);
    fprintf(to, "  %-7s ", dc_formats[dtype].name);
    for (int op = 0; op < DC_OPS; op++)
        fprintf(to, " %13s", cells[op]);
    fputc('\n', to);
    return true;
}

static void print_grades(const dc_grades *all, FILE *to)
{
    bool any = false;

    for (int d = 0; d < DC_FORMATS; d++)
        any |= print_grade(all, d, any, to);
    if (any)
        fputs("  times a serial sum's rms error, at the worst length of sums "
              "(correct bits)\n",
              to);
}

static void print_policy(const dc_stats *t, dc_zero zero, FILE *to)
{
    bool any = false;

    for (int op = 0; op < DC_OPS; op++) {
        if (!t->policy[op][zero][0] && !t->policy[op][zero][1])
            continue;
        if (any)
            fputs(", ", to);
        else
            fprintf(to, "%s times NaN or infinity: ", dc_zero_names[zero]);
        fprintf(to, "%s %s", dc_ops[op].name,
                dc_stats_policy(t, (dc_op)op, zero));
        any = true;
    }
    if (any)
        fputs(" computed\n", to);
}

static void print_threads(const dc_stats *t, FILE *to)
{
    const char *between = "with ";

    for (int row = 0; row < dc_thread_counts_count; row++)
        if (t->other_bits >> row & 1) {
            fprintf(to, "%s%s", between, dc_thread_counts[row].name);
            between = ", ";
        }
    if (t->other_bits)
        fputs(" threads other bits than with one, which is legal\n", to);
}

void dc_stats_print(const dc_stats *t, FILE *to)
{
    print_tallies(t, to);
    print_unsupported(t, to);
    print_limits(t, to);
    print_grades(&t->grades, to);
    for (int k = 0; k < DC_ZEROS; k++)
        print_policy(t, (dc_zero)k, to);
    if (t->proved)
        fprintf(to, "structure proven: %" PRId64 " geometries\n", t->proved);
    print_threads(t, to);
    if (t->warnings)
        fprintf(to,
                "%" PRId64 " warnings: less precise than usual (--strict "
                "makes them failures)\n",
                t->warnings);
    if (t->left) {
        char names[128];

        dc_left_list(t->left, names, sizeof names);
        fprintf(
            to,
            "calls leave another %s behind; the judge restored it (--strict "
            "makes that a failure)\n",
            names);
    }
}

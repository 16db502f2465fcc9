/* SPDX-License-Identifier: MIT
 *
 * Writes the kill matrix: CSV for machines; Markdown for people, which also
 * says why every check exists.
 */
#include "oracle/selfcheck/matrix.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

const dc_tier dc_matrix_tiers[DC_MATRIX_TIERS] = {DC_SMOKE, DC_CI};

/* Without the grades and DC_CHECK_STATE, which fail in strict runs only,
 * DC_CHECK_LATER, which needs a whole run, and DC_CHECK_ANSWER, which belongs
 * to packs. */
const dc_check dc_matrix_checks[DC_MATRIX_CHECKS] = {
    DC_CHECK_VALUE,      DC_CHECK_WRITTEN,   DC_CHECK_INPUTS,
    DC_CHECK_REPEAT,     DC_CHECK_EXTENT,    DC_CHECK_STATUS,
    DC_CHECK_CRASHED,    DC_CHECK_HUNG,      DC_CHECK_ADJOINT,
    DC_CHECK_DIFFERENCE, DC_CHECK_REFUSAL,   DC_CHECK_ALTERNATION,
    DC_CHECK_STRUCTURE,  DC_CHECK_SEQUENCE,  DC_CHECK_OUTSIDE,
    DC_CHECK_LATE_WRITE, DC_CHECK_REENTRANT, DC_CHECK_LIMIT,
};

static const char *const reasons[DC_CHECKS] = {
    [DC_CHECK_WRITTEN] =
        "an element that was not written is a wrong value too: this check "
        "names the cause, which the value (a poison) would hide",
    [DC_CHECK_ADJOINT] =
        "on exact data right values imply it: it guards against a reference "
        "that is wrong in the same way as the implementation, and needs none",
    [DC_CHECK_DIFFERENCE] =
        "it ties the gradients to forward and needs no reference: its calls "
        "of forward are on numbers that no value check has seen",
    [DC_CHECK_ALTERNATION] =
        "a sequence sees it too: the two problems of an alternation differ in "
        "one field, which names what was kept from the other call",
    [DC_CHECK_STRUCTURE] =
        "values make every connection likely, this proves it: an "
        "implementation that is right on our numbers alone does not pass",
};

const char *dc_matrix_reason(dc_check check)
{
    return reasons[check] ? reasons[check] : "";
}

/* ==== Checks and families ================================================ */

static const int n_killers[] = {
    [DC_BY_CHECK] = DC_MATRIX_CHECKS, [DC_BY_FAMILY] = DC_FAMILIES};

/* Check or family number k, in the order of the reports. */
static int killer(dc_matrix_by by, int k)
{
    return by == DC_BY_CHECK ? (int)dc_matrix_checks[k] : k;
}

static const char *name_of(dc_matrix_by by, int which)
{
    return by == DC_BY_CHECK ? dc_check_names[which] : dc_family_names[which];
}

static bool kills(const dc_matrix_row *row, dc_matrix_by by, int which)
{
    for (int t = 0; t < DC_MATRIX_TIERS; t++)
        for (int f = 0; f < DC_FAMILIES; f++)
            for (int c = 0; c < DC_CHECKS; c++)
                if ((by == DC_BY_CHECK ? c : f) == which && row->kills[t][f][c])
                    return true;
    return false;
}

const char *dc_matrix_killer(const dc_matrix_row *row)
{
    for (int k = 0; k < DC_MATRIX_CHECKS; k++)
        if (kills(row, DC_BY_CHECK, killer(DC_BY_CHECK, k)))
            return dc_check_names[dc_matrix_checks[k]];
    return "";
}

int dc_matrix_only(const dc_matrix *x, dc_matrix_by by, int which, int *all)
{
    int only = 0;

    *all = 0;
    for (int r = 0; r < x->n_rows; r++) {
        int killers = 0;

        if (!kills(&x->rows[r], by, which))
            continue;
        for (int k = 0; k < n_killers[by]; k++)
            killers += kills(&x->rows[r], by, killer(by, k));
        ++*all;
        only += killers == 1;
    }
    return only;
}

/* ==== Mutants ============================================================ */

/* The first five columns, with `separator` between them; CSV needs quotes. */
static void print_mutant(const dc_mutant *m, const char *separator,
                         const char *quote, FILE *to)
{
    static const char *const names[DC_OPS] = {"y", "gx", "gw", "gb"};
    const char *between = "";

    fprintf(to, "%s%s%s%s", m->id, separator, m->class_, separator);
    for (int op = 0; op < DC_OPS; op++)
        if (dc_mutant_touches(m, (dc_op)op)) {
            fprintf(to, "%s%s", between, names[op]);
            between = " ";
        }
    fprintf(to, "%s%s%s%s%s%s", separator, quote, m->what, quote, separator,
            m->report ? m->report : "");
}

static dc_status written(FILE *to)
{
    return fflush(to) == 0 && !ferror(to) ? DC_OK : DC_FAILED;
}

/* ==== CSV ================================================================ */

static bool any_kills(const dc_matrix *x, int tier, int family, dc_check check)
{
    for (int r = 0; r < x->n_rows; r++)
        if (x->rows[r].kills[tier][family][check])
            return true;
    return false;
}

/* Writes the counts of a row, or with row NULL their header; only the columns
 * that some mutant fills. */
static void print_counts(const dc_matrix *x, const dc_matrix_row *row, FILE *to)
{
    for (int t = 0; t < DC_MATRIX_TIERS; t++)
        for (int f = 0; f < DC_FAMILIES; f++)
            for (int c = 0; c < DC_MATRIX_CHECKS; c++) {
                const dc_check check = dc_matrix_checks[c];

                if (!any_kills(x, t, f, check))
                    continue;
                if (row)
                    fprintf(to, ",%" PRId64, row->kills[t][f][check]);
                else
                    fprintf(to, ",%s/%s/%s", dc_tier_names[dc_matrix_tiers[t]],
                            dc_family_names[f], dc_check_names[check]);
            }
    fputc('\n', to);
}

dc_status dc_matrix_csv(const dc_matrix *x, FILE *to)
{
    fputs("mutant,class,operations,what,report", to);
    for (int t = 0; t < DC_MATRIX_TIERS; t++)
        fprintf(to, ",%s cases,%s killed", dc_tier_names[dc_matrix_tiers[t]],
                dc_tier_names[dc_matrix_tiers[t]]);
    print_counts(x, NULL, to);
    for (int r = 0; r < x->n_rows; r++) {
        const dc_matrix_row *const row = &x->rows[r];

        print_mutant(row->m, ",", "\"", to);
        for (int t = 0; t < DC_MATRIX_TIERS; t++)
            fprintf(to, ",%" PRId64 ",%" PRId64, row->cases[t], row->killed[t]);
        print_counts(x, row, to);
    }
    return written(to);
}

/* ==== Markdown =========================================================== */

static void print_tiers(const dc_matrix *x, FILE *to)
{
    fputs("| tier | cases | mutants killed |\n|---|---:|---:|\n", to);
    for (int t = 0; t < DC_MATRIX_TIERS; t++) {
        int dead = 0;

        for (int r = 0; r < x->n_rows; r++)
            dead += x->rows[r].killed[t] > 0;
        fprintf(to, "| %s | %" PRId64 " | %d of %d (%.1f %%) |\n",
                dc_tier_names[dc_matrix_tiers[t]], x->cases[t], dead, x->n_rows,
                x->n_rows ? 100.0 * dead / x->n_rows : 0);
    }
}

/* Rows of a table: which mutants a check or a family kills, and for a check,
 * why it exists. */
static void print_kills(const dc_matrix *x, dc_matrix_by by, FILE *to)
{
    for (int k = 0; k < n_killers[by]; k++) {
        const int which = killer(by, k);
        int all;
        const int only = dc_matrix_only(x, by, which, &all);

        if (by == DC_BY_FAMILY && !all)
            continue;
        fprintf(to, "| %s | %d | %d |", name_of(by, which), all, only);
        if (by == DC_BY_CHECK)
            fprintf(to, " %s |",
                    only ? "nothing else sees these"
                         : dc_matrix_reason((dc_check)which));
        fputc('\n', to);
    }
}

/* The checks, or the families, that killed a row. */
static void print_killers(const dc_matrix_row *row, dc_matrix_by by, FILE *to)
{
    const char *between = "";

    for (int k = 0; k < n_killers[by]; k++)
        if (kills(row, by, killer(by, k))) {
            fprintf(to, "%s%s", between, name_of(by, killer(by, k)));
            between = ", ";
        }
    fputs(" |", to);
}

static void print_mutants(const dc_matrix *x, FILE *to)
{
    fputs("\n| mutant | class | of | what it does | report | smoke | ci | "
          "checks | families |\n|---|---|---|---|---|---:|---:|---|---|\n",
          to);
    for (int r = 0; r < x->n_rows; r++) {
        const dc_matrix_row *const row = &x->rows[r];

        fputs("| ", to);
        print_mutant(row->m, " | ", "", to);
        fputs(" |", to);
        for (int t = 0; t < DC_MATRIX_TIERS; t++)
            fprintf(to, " %" PRId64 "/%" PRId64 " |", row->killed[t],
                    row->cases[t]);
        fputc(' ', to);
        print_killers(row, DC_BY_CHECK, to);
        fputc(' ', to);
        print_killers(row, DC_BY_FAMILY, to);
        fputc('\n', to);
    }
}

dc_status dc_matrix_table(const dc_matrix *x, FILE *to)
{
    int adjoint = 0;
    int arithmetic = 0;

    for (int r = 0; r < x->n_rows; r++) {
        adjoint += x->rows[r].adjoint_alone;
        arithmetic += !x->rows[r].m->fault;
    }
    fputs("# Kill matrix\n\nWhich mutant dies of which check, on which data?  "
          "Written by `./deconform self-check --matrix\n"
          "coverage/kill_matrix.csv`; the CSV beside it holds the number of "
          "cases for every (tier, family, check).\n"
          "Numbers below are cases that killed, of those asked: a mutant that "
          "was killed often enough is asked\nonly proofs and scenarios after "
          "that, one that crashed or hung often is asked no more.\n\n",
          to);
    print_tiers(x, to);
    fputs("\n| check | mutants it kills | only it kills | why it exists |\n"
          "|---|---:|---:|---|\n",
          to);
    print_kills(x, DC_BY_CHECK, to);
    fprintf(to,
            "\nWithout any reference, the adjoint identity alone would have "
            "noticed %d of the %d mutants that\nmisbehave by wrong numbers "
            "only.\n",
            adjoint, arithmetic);
    fputs("\n| family | mutants it kills | only it kills |\n"
          "|---|---:|---:|\n",
          to);
    print_kills(x, DC_BY_FAMILY, to);
    print_mutants(x, to);
    return written(to);
}

/* ==== Both files ========================================================= */

static dc_status write_one(const dc_matrix *x, const char *path,
                           dc_status (*write)(const dc_matrix *x, FILE *to),
                           dc_error *e)
{
    FILE *to = fopen(path, "we");
    dc_status status = to ? write(x, to) : DC_FAILED;

    if (to && fclose(to) != 0)
        status = DC_FAILED;
    return status == DC_OK
               ? DC_OK
               : dc_error_set(e, status, NULL, -1, "cannot write %.150s: %s",
                              path, strerror(errno));
}

dc_status dc_matrix_write(const char *file, const dc_matrix_plan *plan,
                          dc_error *e)
{
    const size_t n = strlen(file);
    const int stem =
        (int)(n > 4 && strcmp(file + n - 4, ".csv") == 0 ? n - 4 : n);
    char path[2][512];
    dc_matrix x;
    dc_status status;

    snprintf(path[0], sizeof path[0], "%.*s.csv", stem < 500 ? stem : 500,
             file);
    snprintf(path[1], sizeof path[1], "%.*s.md", stem < 500 ? stem : 500, file);
    status = dc_matrix_run(&x, plan, e);
    if (status != DC_OK)
        return status;
    status = write_one(&x, path[0], dc_matrix_csv, e);
    if (status == DC_OK)
        status = write_one(&x, path[1], dc_matrix_table, e);
    if (plan->progress)
        print_tiers(&x, plan->progress);
    dc_matrix_close(&x);
    return status;
}

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

/* Without DC_CHECK_GRADE, which fails in strict runs only, and DC_CHECK_ANSWER,
 * which belongs to packs. */
const dc_check dc_matrix_checks[DC_MATRIX_CHECKS] = {
    DC_CHECK_VALUE,      DC_CHECK_WRITTEN, DC_CHECK_INPUTS,
    DC_CHECK_REPEAT,     DC_CHECK_EXTENT,  DC_CHECK_STATUS,
    DC_CHECK_CRASHED,    DC_CHECK_HUNG,    DC_CHECK_ADJOINT,
    DC_CHECK_DIFFERENCE, DC_CHECK_REFUSAL, DC_CHECK_ALTERNATION,
    DC_CHECK_STRUCTURE,
};

static const char *const reasons[DC_CHECKS] = {
    [DC_CHECK_WRITTEN] =
        "an element that was not written is a wrong value too: this check "
        "names the cause, which the value (a poison) would hide",
    [DC_CHECK_ADJOINT] =
        "on exact data right values imply it: it guards against a reference "
        "that is wrong in the same way as the implementation, and needs none",
    [DC_CHECK_STRUCTURE] =
        "values make every connection likely, this proves it: an "
        "implementation that is right on our numbers alone does not pass",
};

const char *dc_matrix_reason(dc_check check)
{
    return reasons[check] ? reasons[check] : "";
}

/* Kills of a row over all tiers; a family or check of -1 stands for all. */
static int64_t kills(const dc_matrix_row *row, int family, int check)
{
    int64_t sum = 0;

    for (int t = 0; t < DC_MATRIX_TIERS; t++)
        for (int f = 0; f < DC_FAMILIES; f++)
            for (int c = 0; c < DC_CHECKS; c++)
                if ((family < 0 || f == family) && (check < 0 || c == check))
                    sum += row->kills[t][f][c];
    return sum;
}

const char *dc_matrix_killer(const dc_matrix_row *row)
{
    for (int c = 0; c < DC_MATRIX_CHECKS; c++)
        if (kills(row, -1, (int)dc_matrix_checks[c]))
            return dc_check_names[dc_matrix_checks[c]];
    return "";
}

/* Is a row killed by other checks (check >= 0) or by other families? */
static bool killed_by_others(const dc_matrix_row *row, int check, int family)
{
    for (int k = 0; k < (check >= 0 ? (int)DC_CHECKS : (int)DC_FAMILIES); k++)
        if (check >= 0 ? k != check && kills(row, -1, k)
                       : k != family && kills(row, k, -1))
            return true;
    return false;
}

int dc_matrix_only(const dc_matrix *x, int check, int family, int *all)
{
    int only = 0;

    *all = 0;
    for (int r = 0; r < x->n_rows; r++) {
        if (!kills(&x->rows[r], family, check))
            continue;
        ++*all;
        only += !killed_by_others(&x->rows[r], check, family);
    }
    return only;
}

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

static void print_checks(const dc_matrix *x, FILE *to)
{
    fputs("\n| check | mutants it kills | only it kills | why it exists |\n"
          "|---|---:|---:|---|\n",
          to);
    for (int c = 0; c < DC_MATRIX_CHECKS; c++) {
        const dc_check check = dc_matrix_checks[c];
        int all;
        const int only = dc_matrix_only(x, (int)check, -1, &all);

        fprintf(to, "| %s | %d | %d | %s |\n", dc_check_names[check], all, only,
                only ? "nothing else sees these" : dc_matrix_reason(check));
    }
}

static void print_families(const dc_matrix *x, FILE *to)
{
    fputs("\n| family | mutants it kills | only it kills |\n"
          "|---|---:|---:|\n",
          to);
    for (int f = 0; f < DC_FAMILIES; f++) {
        int all;
        const int only = dc_matrix_only(x, -1, f, &all);

        if (all)
            fprintf(to, "| %s | %d | %d |\n", dc_family_names[f], all, only);
    }
}

/* The checks, or the families, that killed a row. */
static void print_killers(const dc_matrix_row *row, bool checks, FILE *to)
{
    const char *between = "";

    for (int k = 0; k < (checks ? (int)DC_MATRIX_CHECKS : (int)DC_FAMILIES);
         k++) {
        const int check = checks ? (int)dc_matrix_checks[k] : -1;

        if (kills(row, checks ? -1 : k, check) == 0)
            continue;
        fprintf(to, "%s%s", between,
                checks ? dc_check_names[check] : dc_family_names[k]);
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
            fprintf(to, " %" PRId64 "%s |", row->killed[t],
                    row->cases[t] < x->cases[t] ? "+" : "");
        fputc(' ', to);
        print_killers(row, true, to);
        fputc(' ', to);
        print_killers(row, false, to);
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
          "Numbers below are cases that killed; `+`: it crashed or hung so "
          "often that it was not asked on.\n\n",
          to);
    print_tiers(x, to);
    print_checks(x, to);
    fprintf(to,
            "\nWithout any reference, the adjoint identity alone would have "
            "noticed %d of the %d mutants that\nmisbehave by wrong numbers "
            "only.\n",
            adjoint, arithmetic);
    print_families(x, to);
    print_mutants(x, to);
    return written(to);
}

/* ==== Both files ========================================================= */

static dc_status write_one(const dc_matrix *x, const char *path,
                           dc_status (*write)(const dc_matrix *x, FILE *to),
                           dc_error *e)
{
    FILE *to = fopen(path, "w");
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

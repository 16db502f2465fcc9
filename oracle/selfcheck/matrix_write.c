/* SPDX-License-Identifier: MIT
 *
 * Writing the kill matrix: CSV for machines, Markdown for people, with the
 * purpose of every check beside what it killed.
 */
#include "oracle/selfcheck/matrix.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

const dc_tier dc_matrix_tiers[DC_MATRIX_TIERS] = {DC_SMOKE, DC_CI};

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

/* Kills of a row, over all tiers; family or check -1: over all of them. */
static int64_t kills(const dc_matrix_row *row, int tier, int family, int check)
{
    int64_t sum = 0;

    for (int t = 0; t < DC_MATRIX_TIERS; t++)
        for (int f = 0; f < DC_FAMILIES; f++)
            for (int c = 0; c < DC_CHECKS; c++)
                if ((tier < 0 || t == tier) && (family < 0 || f == family) &&
                    (check < 0 || c == check))
                    sum += row->kills[t][f][c];
    return sum;
}

dc_check dc_matrix_killer(const dc_matrix_row *row)
{
    int c = 0;

    while (c < DC_CHECKS && kills(row, -1, -1, c) == 0)
        c++;
    return (dc_check)c;
}

int dc_matrix_only(const dc_matrix *x, int check, int family, int *at_all)
{
    int only = 0;
    int all = 0;

    for (int r = 0; r < x->n_rows; r++) {
        const int64_t mine = kills(&x->rows[r], -1, family, check);
        int64_t others = 0;

        for (int k = 0; k < (check >= 0 ? DC_CHECKS : DC_FAMILIES); k++)
            if (k != (check >= 0 ? check : family))
                others += check >= 0 ? kills(&x->rows[r], -1, -1, k)
                                     : kills(&x->rows[r], -1, k, -1);
        all += mine > 0;
        only += mine > 0 && others == 0;
    }
    if (at_all)
        *at_all = all;
    return only;
}

static int operations(const dc_mutant *m, char text[64])
{
    static const char *const names[DC_OPS] = {"y", "gx", "gw", "gb"};
    int at = 0;

    text[0] = 0;
    for (int op = 0; op < DC_OPS; op++)
        if (dc_mutant_touches(m, (dc_op)op))
            at += snprintf(text + at, 64 - (size_t)at, "%s%s", at ? " " : "",
                           names[op]);
    return at;
}

static dc_status written(FILE *to)
{
    return fflush(to) == 0 && !ferror(to) ? DC_OK : DC_FAILED;
}

/* ==== CSV ================================================================ */

/* Calls visit for every column that is not empty. */
static void columns(const dc_matrix *x, const dc_matrix_row *row, FILE *to)
{
    for (int t = 0; t < DC_MATRIX_TIERS; t++)
        for (int f = 0; f < DC_FAMILIES; f++)
            for (int c = 0; c < DC_CHECKS; c++) {
                int64_t any = 0;

                for (int r = 0; r < x->n_rows; r++)
                    any += x->rows[r].kills[t][f][c];
                if (any && row)
                    fprintf(to, ",%" PRId64, row->kills[t][f][c]);
                else if (any)
                    fprintf(to, ",%s/%s/%s", dc_tier_names[dc_matrix_tiers[t]],
                            dc_family_names[f], dc_check_names[c]);
            }
}

dc_status dc_matrix_csv(const dc_matrix *x, FILE *to)
{
    fputs("mutant,class,operations,what,report", to);
    for (int t = 0; t < DC_MATRIX_TIERS; t++)
        fprintf(to, ",%s cases,%s killed", dc_tier_names[dc_matrix_tiers[t]],
                dc_tier_names[dc_matrix_tiers[t]]);
    columns(x, NULL, to);
    fputc('\n', to);
    for (int r = 0; r < x->n_rows; r++) {
        const dc_matrix_row *const row = &x->rows[r];
        char ops[64];

        operations(row->m, ops);
        fprintf(to, "%s,%s,%s,\"%s\",%s", row->m->id, row->m->class_, ops,
                row->m->what, row->m->report ? row->m->report : "");
        for (int t = 0; t < DC_MATRIX_TIERS; t++)
            fprintf(to, ",%" PRId64 ",%" PRId64, row->cases[t], row->killed[t]);
        columns(x, row, to);
        fputc('\n', to);
    }
    return written(to);
}

/* ==== Markdown =========================================================== */

static void tiers(const dc_matrix *x, FILE *to)
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

static void checks(const dc_matrix *x, FILE *to)
{
    fputs("\n| check | mutants it kills | only it kills | why it exists |\n"
          "|---|---:|---:|---|\n",
          to);
    for (int c = 0; c < DC_CHECKS; c++) {
        int all;
        const int only = dc_matrix_only(x, c, -1, &all);

        if (c >= DC_CHECK_GRADE && all == 0)
            continue; /* not meant to kill */
        fprintf(to, "| %s | %d | %d | %s |\n", dc_check_names[c], all, only,
                only ? "nothing else sees these"
                     : dc_matrix_reason((dc_check)c));
    }
}

static void families(const dc_matrix *x, FILE *to)
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

/* The names of what killed a row, separated by blanks. */
static void killers(const dc_matrix_row *row, int of_check, FILE *to)
{
    const char *between = "";

    for (int k = 0; k < (of_check ? DC_CHECKS : DC_FAMILIES); k++) {
        if (kills(row, -1, of_check ? -1 : k, of_check ? k : -1) == 0)
            continue;
        fprintf(to, "%s%s", between,
                of_check ? dc_check_names[k] : dc_family_names[k]);
        between = ", ";
    }
}

static void mutants(const dc_matrix *x, FILE *to)
{
    fputs("\n| mutant | class | of | what it does | report | smoke | ci | "
          "checks | families |\n|---|---|---|---|---|---:|---:|---|---|\n",
          to);
    for (int r = 0; r < x->n_rows; r++) {
        const dc_matrix_row *const row = &x->rows[r];
        char ops[64];

        operations(row->m, ops);
        fprintf(to, "| %s | %s | %s | %s | %s |", row->m->id, row->m->class_,
                ops, row->m->what, row->m->report ? row->m->report : "");
        for (int t = 0; t < DC_MATRIX_TIERS; t++)
            fprintf(to, " %" PRId64 "%s |", row->killed[t],
                    row->cases[t] < x->cases[t] ? "+" : "");
        fputc(' ', to);
        killers(row, 1, to);
        fputs(" | ", to);
        killers(row, 0, to);
        fputs(" |\n", to);
    }
}

dc_status dc_matrix_table(const dc_matrix *x, FILE *to)
{
    int alone = 0;
    int arithmetic = 0;

    for (int r = 0; r < x->n_rows; r++) {
        alone += x->rows[r].alone;
        arithmetic += !x->rows[r].m->fault;
    }
    fputs("# Kill matrix\n\nWhich mutant dies of which check, on which data?  "
          "Written by `./deconform self-check --matrix\n"
          "coverage/kill_matrix.csv`; the CSV beside it holds the number of "
          "cases for every (tier, family, check).\n"
          "Numbers below are cases that killed; `+`: it crashed or hung so "
          "often that it was not asked on.\n\n",
          to);
    tiers(x, to);
    checks(x, to);
    fprintf(to,
            "\nWithout any reference, the adjoint identity alone would have "
            "noticed %d of the %d mutants that\nmisbehave by wrong numbers "
            "only.\n",
            alone, arithmetic);
    families(x, to);
    mutants(x, to);
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
        tiers(&x, plan->progress);
    dc_matrix_close(&x);
    return status;
}

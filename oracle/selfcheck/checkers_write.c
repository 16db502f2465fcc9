/* SPDX-License-Identifier: MIT
 *
 * The measured checks as Markdown.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "oracle/checkers/published.h"
#include "oracle/selfcheck/checkers.h"

/* Mistakes that everybody knows, by which people judge a check. */
static const char *const well_known[] = {
    "M016", /* kernel mirrored */
    "M018", /* weight with its channels exchanged */
    "M025", /* bias dropped */
    "M012", /* op at the begin */
    "M029", /* dilation ignored */
    "M030", /* stride and dilation exchanged */
    "M031", /* 1x1 forgets the stride */
    "M019", /* group offset missing in w */
    "M028", /* batch offset missing */
    "M038", /* channel tail dropped */
    "M212", /* TF32 */
    "M213", /* bf16 factors */
    "M211", /* f16 sums */
};
enum { WELL_KNOWN = sizeof well_known / sizeof *well_known };

static int innocent(void)
{
    int n = 0;

    for (int k = 0; k < dc_corrects_count; k++)
        n += !dc_corrects[k].declared;
    return n;
}

/* ==== The table ========================================================== */

static void print_numbers(const dc_checkers *x, const dc_checkers_row *row,
                          dc_checkers_on on, FILE *to)
{
    int of;
    const int passed = dc_checkers_passed(x, row, on, &of);

    if (row->cases[on] == 0)
        fputs(" - | - |", to);
    else
        fprintf(to, " %d / %d | %d / %d |", passed, of,
                dc_checkers_accused(row, on, false), innocent());
}

static void print_table(const dc_checkers *x, FILE *to)
{
    fputs("| rule | own: let through | own: accused | real: let through "
          "| real: accused | ours: let through | ours: accused |\n"
          "|---|---:|---:|---:|---:|---:|---:|\n",
          to);
    for (int k = 0; k < x->n_rows; k++) {
        const dc_checkers_row *const row = &x->rows[k];

        fprintf(to, "| %s |", row->rule->name);
        for (int on = 0; on < DC_ONS; on++)
            print_numbers(x, row, (dc_checkers_on)on, to);
        fputc('\n', to);
    }
}

static void print_names(const char *const *names, int bits, int n, FILE *to)
{
    const char *between = "";

    for (int k = 0; k < n; k++)
        if (bits >> k & 1) {
            fprintf(to, "%s%s", between, names[k]);
            between = " ";
        }
}

static void print_sources(const dc_checkers *x, FILE *to)
{
    const char *types[DC_FORMATS];
    const char *ops[DC_OPS];

    for (int k = 0; k < DC_FORMATS; k++)
        types[k] = dc_formats[k].name;
    for (int k = 0; k < DC_OPS; k++)
        ops[k] = dc_ops[k].name;
    fputs("\n## Rules\n\n| rule | accepts | types | operations | source |\n"
          "|---|---|---|---|---|\n",
          to);
    for (int k = 0; k < x->n_rows; k++) {
        const dc_rule *const r = x->rows[k].rule;

        fprintf(to, "| %s | %s | ", r->name, r->what);
        print_names(types, r->types, DC_FORMATS, to);
        fputs(" | ", to);
        print_names(ops, r->ops, DC_OPS, to);
        fprintf(to, " | %s |\n", r->source);
    }
    fputs("\n## Own shapes and data\n\n| rule | from | results compared |\n"
          "|---|---|---:|\n",
          to);
    for (int k = 0; k < x->n_rows; k++) {
        const dc_checkers_row *const row = &x->rows[k];
        const char *const about = dc_published_about(row->rule->suite);

        fprintf(to, "| %s | %s | %" PRId64 " |\n", row->rule->name,
                about ? about : "-", row->cases[DC_ON_OWN]);
    }
    fputs("\nLeft out, because no source gives the whole formula: hipDNN's "
          "computed tolerances.  Left out, because they\nmeasure something "
          "else: gradcheck (finite differences), XNNPACK's subgraph test (one "
          "second of random\ncases), StableHLO (constants in files).\n",
          to);
}

/* ==== By name ============================================================ */

/* The head of a table that has one column for each rule. */
static void print_rules(const dc_checkers *x, const char *first, FILE *to)
{
    fprintf(to, "| %s |", first);
    for (int k = 0; k < x->n_rows; k++)
        fprintf(to, " %s |", x->rows[k].rule->name);
    fputs("\n|---|", to);
    for (int k = 0; k < x->n_rows; k++)
        fputs("---|", to);
    fputc('\n', to);
}

/* A cell: a letter for each bit 1 << dc_checkers_on. */
static void print_letters(unsigned bits, FILE *to)
{
    fputc(' ', to);
    for (int on = 0; on < DC_ONS; on++)
        if (bits >> on & 1)
            fputc("ora"[on], to);
    fputs(" |", to);
}

/* The bits of the cases on which a row lets the mutant of this name through. */
static unsigned let_through(const dc_checkers *x, const dc_checkers_row *row,
                            const char *id)
{
    unsigned bits = 0;

    for (int m = 0; m < x->n_mutants; m++)
        for (int on = 0; on < DC_ONS && !strcmp(x->mutants[m]->id, id); on++)
            if (row->cases[on] &&
                dc_checkers_passes(row, m, (dc_checkers_on)on))
                bits |= 1u << on;
    return bits;
}

static void print_well_known(const dc_checkers *x, FILE *to)
{
    fputs("\n## Well-known mistakes\n\nWhich does a rule let through: `o` on "
          "its own shapes, `r` on our shapes with `real` data, `a` on all of "
          "ours.\nEmpty: caught, or not within what the check compares.\n\n",
          to);
    print_rules(x, "mistake", to);
    for (int i = 0; i < WELL_KNOWN; i++) {
        const dc_mutant *const m = dc_mutant_find(well_known[i]);

        fprintf(to, "| %s %s |", m->id, m->what);
        for (int k = 0; k < x->n_rows; k++)
            print_letters(let_through(x, &x->rows[k], m->id), to);
        fputc('\n', to);
    }
}

static void print_accused(const dc_checkers *x, FILE *to)
{
    fputs("\n## Correct implementations that are accused\n\nThe same letters; "
          "the last is correct only where its accumulator is declared, and is "
          "not counted above.\n\n",
          to);
    print_rules(x, "implementation", to);
    for (int i = 0; i < dc_corrects_count; i++) {
        fprintf(to, "| %s |", dc_corrects[i].name);
        for (int k = 0; k < x->n_rows; k++)
            print_letters(x->rows[k].accused[i], to);
        fputc('\n', to);
    }
}

/* The mistakes that a rule does not notice on our cases either. */
static void print_left(const dc_checkers *x, FILE *to)
{
    fputs("\n## Let through on all of our cases\n\n| rule | mistakes |\n"
          "|---|---|\n",
          to);
    for (int k = 0; k < x->n_rows; k++) {
        const dc_checkers_row *const row = &x->rows[k];

        fprintf(to, "| %s |", row->rule->name);
        for (int m = 0; row->cases[DC_ON_OURS] && m < x->n_mutants; m++)
            if (dc_checkers_passes(row, m, DC_ON_OURS))
                fprintf(to, " %s", x->mutants[m]->id);
        fputs(" |\n", to);
    }
}

/* ==== Findings =========================================================== */

/* Is the rule meant for exact data alone? */
static bool is_exact(const dc_rule *r)
{
    return r->accepts == dc_rule_equal || r->accepts == dc_rule_benchdnn;
}

/* The share of mistakes that a row lets through on its own shapes. */
static double own_share(const dc_checkers *x, const dc_checkers_row *row)
{
    int of;
    const int passed = dc_checkers_passed(x, row, DC_ON_OWN, &of);

    return of ? (double)passed / of : 1;
}

static void print_least(const dc_checkers *x, FILE *to)
{
    const dc_checkers_row *least = &x->rows[0];
    int blind = 0;
    int single = 0;
    int of;

    for (int k = 0; k < x->n_rows; k++) {
        const dc_checkers_row *const row = &x->rows[k];
        const bool is_single = row->rule->types >> DC_F32 & 1;

        if (own_share(x, row) < own_share(x, least))
            least = row;
        single += is_single;
        blind += is_single && let_through(x, row, "M212") >> DC_ON_OWN & 1;
    }
    fprintf(to,
            "2. **No tolerance makes a few shapes enough.** The check that "
            "lets the smallest share through on its own shapes,\n   %s, lets "
            "%d",
            least->rule->name, dc_checkers_passed(x, least, DC_ON_OWN, &of));
    fprintf(to,
            " of %d through. %d of the %d checks of f32 pass factors cut to 11 "
            "bits (TF32) on their own shapes.\n",
            of, blind, single);
}

/* What the numbers say, in sentences. */
static void print_findings(const dc_checkers *x, FILE *to)
{
    int own = 0, ours = 0, of_all = 0, tolerant = 0, accusers = 0;

    for (int k = 0; k < x->n_rows; k++) {
        const dc_checkers_row *const row = &x->rows[k];
        int of;

        own += dc_checkers_passed(x, row, DC_ON_OWN, &of);
        ours += dc_checkers_passed(x, row, DC_ON_OURS, &of);
        of_all += of;
        tolerant += !is_exact(row->rule);
        accusers += !is_exact(row->rule) &&
                    dc_checkers_accused(row, DC_ON_REAL, false) > 0;
    }
    fprintf(to,
            "\n## Three findings\n\n1. **Shapes and data are to blame first.** "
            "Over all rules, %d of %d pairs of rule and mistake pass on\n   "
            "the checks' own shapes and data; with the same tolerances on "
            "ours, %d.\n",
            own, of_all, ours);
    print_least(x, to);
    fprintf(to,
            "3. **A tighter tolerance accuses the innocent.** On `real` data "
            "%d of the %d rules that have a tolerance refuse a\n   correct "
            "implementation: a bound must "
            "grow with the sum of magnitudes of each element, not with its "
            "result.\n",
            accusers, tolerant);
}

void dc_checkers_print(const dc_checkers *x, FILE *to)
{
    fputs("# Other people's checks\n\nWritten by `./deconform self-check "
          "--checkers coverage/checkers.md`.  Each rule is the formula of a "
          "published check;\nno verdict of deconform depends on it.  *Let "
          "through*: mistakes (mutants of wrong numbers, in operations and "
          "types\nthat the check compares) that it accepts in every result.  "
          "*Accused*: correct implementations that it refuses in\nsome "
          "result.  *own*: the check's own shapes and data; *real*: cases of "
          "ours of the family `real`; *ours*: our\ncases with int, probe, "
          "short, real and cancel data.  A mistake counts as caught only if "
          "the same algorithm\nwithout it is accepted there.  The reference "
          "is the exact result, rounded.  Mistakes that depend on what "
          "memory\nheld before, and crashes, are not counted.\nRules that "
          "demand equality are "
          "meant for exact data alone; on other data they refuse "
          "everybody.\n\n",
          to);
    print_table(x, to);
    print_findings(x, to);
    print_well_known(x, to);
    print_accused(x, to);
    print_left(x, to);
    print_sources(x, to);
}

dc_status dc_checkers_write(const char *file, const dc_checkers_plan *plan,
                            dc_error *e)
{
    FILE *const to = fopen(file, "we");
    dc_checkers x;
    dc_status status;

    if (!to) /* before a run of minutes */
        return dc_failed(e, "cannot write %.160s: %s", file, strerror(errno));
    status = dc_checkers_run(&x, plan, e);
    if (status == DC_OK)
        dc_checkers_print(&x, to);
    if (fclose(to) != 0 && status == DC_OK) {
        status = dc_failed(e, "cannot write %.160s: %s", file, strerror(errno));
        dc_checkers_close(&x);
    }
    if (status != DC_OK)
        return status;
    if (plan->progress) {
        print_table(&x, plan->progress);
        fprintf(plan->progress, "%.0f s\n", x.seconds);
    }
    dc_checkers_close(&x);
    return DC_OK;
}

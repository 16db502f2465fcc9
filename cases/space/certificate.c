/* SPDX-License-Identifier: MIT
 *
 * Two arrays with a flag for every pair and every triple of levels; each case
 * sets those that it covers.
 */
#include "cases/space/certificate.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cases/space/factors.h"
#include "cases/space/scale.h"
#include "ref/format.h"

/* Holes that are printed; more are only counted. */
static const int64_t HOLES_SHOWN = 40;

typedef struct {
    const dc_sweep *sweep;
    FILE *out;
    int start[DC_FACTORS + 1]; /* a factor's first level among all levels */
    bool *covered[2];          /* by pair, by triple of levels */
    int64_t cases, covering;   /* all, and those that cover something */
    int64_t by_rule[DC_RULES];
    int64_t holes;
    /* by quantity, threshold, side and rank - 1 */
    bool met[DC_QUANTITIES][DC_SCALE_BITS][DC_SCALE_SIDES][3];
} ledger;

static size_t place(const ledger *x, const int *f, const dc_levels *l, int n)
{
    size_t at = 0;

    for (int k = 0; k < n; k++)
        at = at * (size_t)x->start[DC_FACTORS] +
             (size_t)(x->start[f[k]] + l->at[f[k]]);
    return at;
}

/* The levels of the n factors alone. */
static dc_levels only(const dc_levels *l, const int *f, int n)
{
    dc_levels some;

    memset(&some, -1, sizeof some);
    for (int k = 0; k < n; k++)
        some.at[f[k]] = l->at[f[k]];
    return some;
}

/* Sets f to the next subset of n factors, f[0] < f[1] < ...; the first one if
 * f[0] is -1.  Returns false after the last. */
static bool next_factors(int *f, int n)
{
    int k = n - 1;

    if (f[0] < 0) {
        for (k = 0; k < n; k++)
            f[k] = k;
        return true;
    }
    while (k >= 0 && f[k] == DC_FACTORS - n + k)
        k--;
    if (k < 0)
        return false;
    f[k]++;
    for (k++; k < n; k++)
        f[k] = f[k - 1] + 1;
    return true;
}

/* Marks the combinations that a case covers: those with all its degenerate
 * levels. */
static void mark(ledger *x, const dc_levels *l)
{
    const unsigned degenerate = dc_factors_degenerate(l);
    const size_t all = (size_t)x->start[DC_FACTORS];
    size_t level[DC_FACTORS]; /* among all levels */
    unsigned bit[DC_FACTORS];
    int n = 0;

    for (int f = 0; f < DC_FACTORS; f++) {
        const dc_levels one = only(l, &f, 1);

        if (l->at[f] < 0)
            continue;
        level[n] = (size_t)(x->start[f] + l->at[f]);
        bit[n++] = dc_factors_degenerate(&one);
    }
    for (int a = 0; a < n; a++)
        for (int b = a + 1; b < n; b++) {
            const size_t pair = level[a] * all + level[b];

            if ((bit[a] | bit[b]) == degenerate)
                x->covered[0][pair] = true;
            for (int c = b + 1; c < n; c++)
                if ((bit[a] | bit[b] | bit[c]) == degenerate)
                    x->covered[1][pair * all + level[c]] = true;
        }
}

/* Marks the sides of thresholds on which the quantities of a case are. */
static void mark_scale(ledger *x, const dc_problem *p)
{
    for (int q = 0; q < DC_QUANTITIES; q++) {
        const int64_t value = dc_quantity_of((dc_quantity)q, p);

        for (int bits = 2; value > 3 && bits < DC_SCALE_BITS; bits++)
            for (int side = 0; side < DC_SCALE_SIDES; side++)
                x->met[q][bits][side][p->rank - 1] |=
                    dc_scale_is_on(value, bits, (dc_scale_side)side);
    }
}

/* Do the levels of the factors f belong to the sweep's storage types? */
static bool in_sweep(const dc_sweep *sweep, const int *f, int n,
                     const dc_levels *l)
{
    for (int k = 0; k < n; k++)
        if (f[k] == DC_F_DTYPE) {
            for (int d = 0; d < sweep->n_dtypes; d++)
                if (sweep->dtypes[d] == l->at[DC_F_DTYPE])
                    return true;
            return false;
        }
    return true;
}

/* ==== The report ======================================================== */

static void print_combination(const ledger *x, const char *word, const int *f,
                              const dc_levels *l, int n, unsigned rules)
{
    const char *join = ": ";

    if (!x->out)
        return;
    fprintf(x->out, "  %s", word);
    for (int k = 0; k < n; k++)
        fprintf(x->out, "%s%s = %s", k ? ", " : " ", dc_factors[f[k]].name,
                dc_factors[f[k]].level[l->at[f[k]]]);
    for (int r = 0; r < DC_RULES; r++)
        if (rules >> r & 1) {
            fprintf(x->out, "%s%s", join, dc_factor_rules[r]);
            join = "; ";
        }
    fputc('\n', x->out);
}

static void count_combination(ledger *x, const int *f, const dc_levels *l,
                              int n, dc_coverage *c)
{
    const unsigned rules = dc_factors_refuted(l);
    const bool covered = x->covered[n - 2][place(x, f, l, n)];

    if (!rules) {
        c->valid++;
        c->covered += covered;
        if (!covered && x->holes++ < HOLES_SHOWN)
            print_combination(x, "hole", f, l, n, 0);
        return;
    }
    c->invalid++;
    c->wrong += covered;
    if (covered || n == 2)
        print_combination(x, covered ? "asked, though" : "invalid", f, l, n,
                          rules);
    for (int r = 0; r < DC_RULES && n == 3; r++)
        x->by_rule[r] += rules >> r & 1;
}

/* Counts every combination of levels of the factors f. */
static void count_levels(ledger *x, const int *f, int n, dc_coverage *c)
{
    dc_levels l;
    int k = 0;

    memset(&l, -1, sizeof l);
    for (int q = 0; q < n; q++)
        l.at[f[q]] = 0;
    while (k >= 0) {
        if (in_sweep(x->sweep, f, n, &l))
            count_combination(x, f, &l, n, c);
        for (k = n - 1; k >= 0; k--) {
            if (++l.at[f[k]] < dc_factors[f[k]].levels)
                break;
            l.at[f[k]] = 0;
        }
    }
}

static void print_figures(const ledger *x, int n, const dc_coverage *c)
{
    static const char *const names[] = {"pairs", "triples"};

    if (!x->out)
        return;
    if (x->holes > HOLES_SHOWN)
        fprintf(x->out, "  and %" PRId64 " more holes\n",
                x->holes - HOLES_SHOWN);
    for (int r = 0; r < DC_RULES && n == 3; r++)
        if (x->by_rule[r])
            fprintf(x->out, "  %6" PRId64 " invalid by way of: %s\n",
                    x->by_rule[r], dc_factor_rules[r]);
    fprintf(x->out,
            "%s: %" PRId64 " of %" PRId64 " covered (%.2f %%), %" PRId64
            " invalid, %" PRId64 " holes\n",
            names[n - 2], c->covered, c->valid,
            100 * (double)c->covered / (double)(c->valid ? c->valid : 1),
            c->invalid, c->valid - c->covered);
}

/* Counts the sides and ranks of one threshold that are met, and names each one
 * that is not with its reason. */
static void print_threshold(const ledger *x, dc_quantity q, int bits,
                            int64_t *met, int64_t *all)
{
    for (int side = 0; side < DC_SCALE_SIDES; side++)
        for (int rank = 1; rank <= 3; rank++) {
            const dc_scale_cell c = {q, bits, (dc_scale_side)side, rank};

            if (!dc_scale_has(DC_FULL, &c))
                continue;
            ++*all;
            if (x->met[q][bits][side][rank - 1])
                ++*met;
            else
                fprintf(x->out, "  hole %s %s 2^%d in rank %d: %s\n",
                        dc_quantities[q].name, dc_scale_side_names[side], bits,
                        rank,
                        dc_scale_has(x->sweep->tier, &c)
                            ? "asked, but not met"
                            : "left to the full tier");
        }
}

/* By quantity, how many of the sides and ranks of its thresholds are met. */
static void print_scale(const ledger *x)
{
    int64_t met = 0;
    int64_t all = 0;

    for (int q = 0; x->out && q < DC_QUANTITIES; q++) {
        const int64_t met_before = met;
        const int64_t all_before = all;
        int first = 0;
        int last = 0;

        for (int bits = 0; bits < DC_SCALE_BITS; bits++) {
            const int64_t before = all;

            print_threshold(x, (dc_quantity)q, bits, &met, &all);
            first = all > before && !first ? bits : first;
            last = all > before ? bits : last;
        }
        fprintf(x->out,
                "  threshold %s, 2^%d to 2^%d: %" PRId64 " of %" PRId64
                " sides and ranks met\n",
                dc_quantities[q].name, first, last, met - met_before,
                all - all_before);
    }
    if (x->out)
        fprintf(x->out,
                "thresholds: %" PRId64 " of %" PRId64 " met, %" PRId64
                " holes\n",
                met, all, all - met);
}

static void print_head(const ledger *x)
{
    if (!x->out)
        return;
    fprintf(x->out, "%s, seed %" PRIu64 ",", dc_tier_names[x->sweep->tier],
            x->sweep->seed);
    for (int d = 0; d < x->sweep->n_dtypes; d++)
        fprintf(x->out, " %s", dc_formats[x->sweep->dtypes[d]].name);
    fprintf(x->out,
            ": %" PRId64 " cases, %" PRId64 " with channels and output\n",
            x->cases, x->covering);
}

static void mark_cases(ledger *x)
{
    const int64_t items = dc_sweep_count(x->sweep);

    for (int64_t i = 0; i < items; i++) {
        dc_item item;
        dc_levels l;

        dc_sweep_case(x->sweep, i, &item);
        if (item.kind != DC_ITEM_CASE)
            continue;
        x->cases++;
        mark_scale(x, &item.c.p);
        if (dc_factors_of(&item.c, &l)) {
            x->covering++;
            mark(x, &l);
        }
    }
}

dc_status dc_certificate(const dc_sweep *sweep, FILE *out, dc_coverage found[2])
{
    ledger x = {.sweep = sweep, .out = out};
    size_t all;
    dc_status status = DC_NOMEM;

    memset(found, 0, 2 * sizeof *found);
    for (int f = 0; f < DC_FACTORS; f++)
        x.start[f + 1] = x.start[f] + dc_factors[f].levels;
    all = (size_t)x.start[DC_FACTORS];
    x.covered[0] = calloc(all * all, sizeof(bool));
    x.covered[1] = calloc(all * all, all * sizeof(bool));
    if (x.covered[0] && x.covered[1]) {
        status = DC_OK;
        mark_cases(&x);
        print_head(&x);
        for (int n = 2; n <= 3; n++) {
            int f[3] = {-1, 0, 0};

            x.holes = 0;
            while (next_factors(f, n))
                count_levels(&x, f, n, &found[n - 2]);
            print_figures(&x, n, &found[n - 2]);
        }
        print_scale(&x);
    }
    free(x.covered[0]);
    free(x.covered[1]);
    return status;
}

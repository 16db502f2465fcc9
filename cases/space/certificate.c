/* SPDX-License-Identifier: MIT
 *
 * Two arrays with a byte for every pair and every triple of levels, in which
 * each case marks what it holds.
 */
#include "cases/space/certificate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"
#include "cases/data/data.h"
#include "cases/space/factors.h"

/* Holes printed before the rest is only counted. */
static const int64_t HOLES_SHOWN = 40;

typedef struct {
    const dc_sweep *sweep;
    FILE *out;
    int start[DC_FACTORS + 1]; /* first of a factor's levels among all */
    unsigned char *met[2];     /* by pair, by triple of levels */
    int64_t cases, counting;
    int64_t by_rule[DC_RULES];
    int64_t holes;
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

/* Walks over the subsets of n factors in order: f[0] < f[1] < ...  Begins
 * with f[0] = -1; returns 0 behind the last. */
static int next_factors(int *f, int n)
{
    int k = n - 1;

    if (f[0] < 0) {
        for (k = 0; k < n; k++)
            f[k] = k;
        return 1;
    }
    while (k >= 0 && f[k] == DC_FACTORS - n + k)
        k--;
    if (k < 0)
        return 0;
    f[k]++;
    for (k++; k < n; k++)
        f[k] = f[k - 1] + 1;
    return 1;
}

/* Marks what a case holds: combinations with everything that is odd about
 * it. */
static void mark(ledger *x, const dc_levels *l)
{
    const unsigned odd = dc_factors_degenerate(l);
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

            if ((bit[a] | bit[b]) == odd)
                x->met[0][pair] = 1;
            for (int c = b + 1; c < n; c++)
                if ((bit[a] | bit[b] | bit[c]) == odd)
                    x->met[1][pair * all + level[c]] = 1;
        }
}

static int offered(const dc_sweep *sweep, int f, int level)
{
    int found = 0;

    for (int d = 0; d < sweep->n_dtypes; d++)
        found |= sweep->dtypes[d] == level;
    return f != DC_F_DTYPE || found;
}

/* ==== The report ======================================================== */

static void say(const ledger *x, const char *word, const int *f,
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

static void judge(ledger *x, const int *f, const dc_levels *l, int n,
                  dc_coverage *c)
{
    const unsigned rules = dc_factors_refuted(l);
    const int met = x->met[n - 2][place(x, f, l, n)];

    if (!rules) {
        c->valid++;
        c->covered += met;
        if (!met && x->holes++ < HOLES_SHOWN)
            say(x, "hole", f, l, n, 0);
        return;
    }
    c->invalid++;
    c->wrong += met;
    if (met || n == 2)
        say(x, met ? "asked, though" : "invalid", f, l, n, rules);
    for (int r = 0; r < DC_RULES && n == 3; r++)
        x->by_rule[r] += rules >> r & 1;
}

/* Every combination of levels of the factors f. */
static void judge_levels(ledger *x, const int *f, int n, dc_coverage *c)
{
    dc_levels l;
    int k = 0;

    memset(&l, -1, sizeof l);
    for (int q = 0; q < n; q++)
        l.at[f[q]] = 0;
    while (k >= 0) {
        int asked = 1;

        for (int q = 0; q < n; q++)
            asked &= offered(x->sweep, f[q], l.at[f[q]]);
        if (asked)
            judge(x, f, &l, n, c);
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
            x->cases, x->counting);
}

static void count_cases(ledger *x)
{
    const int64_t items = dc_sweep_count(x->sweep);

    for (int64_t i = 0; i < items; i++) {
        dc_item item;
        dc_levels l;

        dc_sweep_case(x->sweep, i, &item);
        if (item.kind != DC_ITEM_CASE)
            continue;
        x->cases++;
        if (dc_factors_of(&item.c, &l)) {
            x->counting++;
            mark(x, &l);
        }
    }
}

dc_status dc_certificate(const dc_sweep *sweep, FILE *out, dc_coverage pairs[2])
{
    ledger x = {.sweep = sweep, .out = out};
    size_t all;
    int done;

    memset(pairs, 0, 2 * sizeof *pairs);
    for (int f = 0; f < DC_FACTORS; f++)
        x.start[f + 1] = x.start[f] + dc_factors[f].levels;
    all = (size_t)x.start[DC_FACTORS];
    x.met[0] = calloc(all * all, 1);
    x.met[1] = calloc(all * all, all);
    done = x.met[0] && x.met[1];
    if (done) {
        count_cases(&x);
        print_head(&x);
        for (int n = 2; n <= 3; n++) {
            int f[3] = {-1, 0, 0};

            x.holes = 0;
            while (next_factors(f, n))
                judge_levels(&x, f, n, &pairs[n - 2]);
            print_figures(&x, n, &pairs[n - 2]);
        }
    }
    free(x.met[0]);
    free(x.met[1]);
    return done ? DC_OK : DC_NOMEM;
}

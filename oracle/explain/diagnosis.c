/* SPDX-License-Identifier: MIT
 *
 * Facts of a diagnosis, among them the traits of cases; printing it.
 */
#include "oracle/explain/diagnosis.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "cases/data/data.h"

void dc_diagnosis_add_fact(dc_diagnosis *d, const char *format, ...)
{
    va_list args;

    if (d->n_facts == DC_FACTS)
        return;
    va_start(args, format);
    vsnprintf(d->facts[d->n_facts++], DC_FACT_TEXT, format, args);
    va_end(args);
}

/* ==== Traits of cases ==================================================== */

/* The traits of a case are the bits of one word, so that a pair of traits is
 * tested on all cases by masking. */
typedef struct {
    const char *words;
    bool holds;
} trait;

enum { TRAITS_MAX = 64 };

static const int64_t zeros[3] = {0, 0, 0};
static const int64_t ones[3] = {1, 1, 1};

/* Is u > v on some axis? */
static bool exceeds(const dc_problem *p, const int64_t u[3], const int64_t v[3])
{
    for (int a = 0; a < p->rank; a++)
        if (u[a] > v[a])
            return true;
    return false;
}

/* Lists all traits, for every case in the same order, and whether c has them;
 * returns their number. */
static int list_traits(const dc_case *c, trait list[TRAITS_MAX])
{
    const dc_problem *const p = &c->p;
    const bool exact = dc_data_exact(c->family, DC_FORWARD);
    const trait all[] = {
        {"g > 1", p->g > 1},
        {"n > 1", p->n > 1},
        {"a bias", p->has_bias},
        {"s > 1", exceeds(p, p->s, ones)},
        {"s = 1 on all axes", dc_when_stride_one(p)},
        {"k = 1 on all axes", dc_when_pointwise(p)},
        {"k = s on all axes", dc_when_tiling(p)},
        {"k > s on w", p->k[p->rank - 1] > p->s[p->rank - 1]},
        {"k < s", exceeds(p, p->s, p->k)},
        {"d > 1", exceeds(p, p->d, ones)},
        {"pb > 0", exceeds(p, p->pb, zeros)},
        {"pb != pe", dc_when_lopsided(p)},
        {"pads > d(k-1)", dc_when_beyond_reach(p)},
        {"op > 0", exceeds(p, p->op, zeros)},
        {"op >= s", dc_when_op_at_stride(p)},
        {"o % s != 0", dc_when_ragged(p)},
        {"rank 1", p->rank == 1},
        {"rank 2", p->rank == 2},
        {"rank 3", p->rank == 3},
        {"g = ci = co", p->g > 1 && p->ci == p->g && p->co == p->g},
        {"co/g = 1", p->co == p->g},
        {"co/g > 8", p->co / p->g > 8},
        {"ci/g < 4", p->ci / p->g < 4},
        {"ci/g % 4 != 0", p->ci / p->g % 4 != 0},
        {"several channels in and out", p->ci / p->g > 1 && p->co / p->g > 1},
        {"no batch axis", p->unbatched},
        {"n = 0", p->n == 0},
        {"i = 0", dc_when_no_positions(p)},
        {"f64", p->dtype == DC_F64},
        {"f32", p->dtype == DC_F32},
        {"f16 or bf16", p->dtype == DC_F16 || p->dtype == DC_BF16},
        {"bf16", p->dtype == DC_BF16},
        {"data of full mantissa", !exact},
        {"exact data", exact},
    };

    memcpy(list, all, sizeof all);
    return sizeof all / sizeof *all;
}

/* Bit t is set if c has trait t. */
static uint64_t traits_of(const dc_case *c)
{
    trait list[TRAITS_MAX];
    const int n = list_traits(c, list);
    uint64_t bits = 0;

    for (int t = 0; t < n; t++)
        bits |= (uint64_t)list[t].holds << t;
    return bits;
}

/* How many of the n cases have all wanted traits? */
static int64_t count(const uint64_t *traits, int64_t n, uint64_t wanted)
{
    int64_t found = 0;

    for (int64_t k = 0; k < n; k++)
        found += (traits[k] & wanted) == wanted;
    return found;
}

void dc_diagnosis_add_traits(dc_diagnosis *d, const dc_op_sample *s)
{
    const int64_t passed = s->passes_kept;
    trait list[TRAITS_MAX];
    const int n = list_traits(&s->failures[0].c, list);
    uint64_t passing[DC_PASSED_KEPT];
    uint64_t shared = UINT64_MAX; /* traits of every failing case */
    int64_t fewest = passed - passed / 3;
    int best[2] = {-1, -1};

    for (int64_t f = 0; f < s->failures_kept; f++)
        shared &= traits_of(&s->failures[f].c);
    for (int64_t f = 0; f < passed; f++)
        passing[f] = traits_of(&s->passes[f]);
    for (int u = 0; u < n; u++)
        for (int v = u; v < n; v++) {
            const uint64_t both = UINT64_C(1) << u | UINT64_C(1) << v;
            const int64_t have = count(passing, passed, both);
            /* a second trait has to exclude enough cases to be worth naming */
            const int64_t cost = u == v ? 0 : 1 + passed / 50;

            if ((shared & both) != both || have + cost >= fewest)
                continue;
            fewest = have;
            best[0] = u;
            best[1] = v;
        }
    if (passed == 0)
        dc_diagnosis_add_fact(
            d, "no case passes: all %" PRId64 " that were answered fail",
            s->failed);
    else if (best[0] >= 0)
        dc_diagnosis_add_fact(
            d,
            "all failing cases have %s%s%s, of the passing ones %" PRId64
            " of %" PRId64,
            list[best[0]].words, best[0] == best[1] ? "" : " and ",
            best[0] == best[1] ? "" : list[best[1]].words, fewest, passed);
}

/* ==== For people ========================================================= */

static void print_candidate(const dc_diagnosis *d, const dc_candidate *c,
                            const char *before, FILE *to)
{
    fprintf(to, "%s%s (%s, class %s)\n", before, c->m->what, c->m->id,
            c->m->class_);
    fprintf(to, "      explains %" PRId64 " of %" PRId64 " findings", c->hits,
            d->examined);
    if (d->examined < d->failures)
        fprintf(to, " (a sample of %" PRId64 ")", d->failures);
    if (c->alarms)
        fprintf(to,
                ", but would also fail %" PRId64 " of %" PRId64
                " cases that pass",
                c->alarms, d->passing);
    if (c->m->report)
        fprintf(to, "; seen before in %s", c->m->report);
    fputc('\n', to);
}

void dc_diagnosis_print(const dc_diagnosis *d, FILE *to)
{
    fprintf(to, "%s: ", dc_ops[d->op].name);
    if (d->mute) {
        fprintf(to,
                "no case was computed (%" PRId64 " findings), so that no known "
                "defect can be told from another\n",
                d->failures);
    } else if (d->explained) {
        print_candidate(d, &d->candidates[0], "looks like: ", to);
    } else {
        if (d->cause[0])
            fprintf(to, "looks like: %s\n    ", d->cause);
        fprintf(to,
                "none of %d known defects explains the %" PRId64 " findings\n",
                d->known, d->failures);
        for (int f = 0; f < d->n_facts; f++)
            fprintf(to, "    %s\n", d->facts[f]);
        if (d->n_candidates)
            print_candidate(d, &d->candidates[0], "    closest: ", to);
    }
    for (int k = 1; k < d->n_candidates; k++)
        fprintf(to, "    next: %s (%s), %" PRId64 " of %" PRId64 "%s\n",
                d->candidates[k].m->what, d->candidates[k].m->id,
                d->candidates[k].hits, d->examined,
                d->candidates[k].alarms ? ", and fails where it passes" : "");
}

/* SPDX-License-Identifier: MIT
 *
 * When no known defect fits: which parameters do the failing cases have in
 * common, and few of the passing ones?
 */
#include "oracle/explain/diagnose.h"

#include <inttypes.h>

#include "cases/data/data.h"
#include "oracle/mutants/mutant_rules.h"

typedef int trait_test(const dc_case *c);

static int of_rank_two(const dc_case *c)
{
    return c->p.rank == 2;
}

static int has_items(const dc_case *c)
{
    return c->p.n > 1;
}

static int has_bias(const dc_case *c)
{
    return c->p.has_bias;
}

static int is_exact(const dc_case *c)
{
    return dc_data_exact(c->family, DC_FORWARD);
}

static int is_rounded(const dc_case *c)
{
    return !is_exact(c);
}

static int is_bf16(const dc_case *c)
{
    return c->p.dtype == DC_BF16;
}

static int is_dilated(const dc_case *c)
{
    int64_t sum = 0;

    for (int a = 0; a < c->p.rank; a++)
        sum += c->p.d[a] - 1;
    return sum > 0;
}

static int is_padded(const dc_case *c)
{
    int64_t sum = 0;

    for (int a = 0; a < c->p.rank; a++)
        sum += c->p.pb[a] > 0;
    return sum > 0;
}

static int has_gaps(const dc_case *c)
{
    int64_t sum = 0;

    for (int a = 0; a < c->p.rank; a++)
        sum += c->p.k[a] < c->p.s[a];
    return sum > 0;
}

static int has_tail(const dc_case *c)
{
    return c->p.ci / c->p.g % 4 != 0;
}

static int is_wide(const dc_case *c)
{
    return c->p.co / c->p.g > 8;
}

static int has_channels(const dc_case *c)
{
    return c->p.ci / c->p.g > 1 && c->p.co / c->p.g > 1;
}

/* One of the two tests is set. */
static const struct {
    const char *words;
    dc_when_rule *when;
    trait_test *test;
} traits[] = {
    {"g > 1", dc_when_grouped, NULL},
    {"n > 1", NULL, has_items},
    {"a bias", NULL, has_bias},
    {"s > 1", dc_when_strided, NULL},
    {"s = 1 on all axes", dc_when_stride_one, NULL},
    {"k = 1 on all axes", dc_when_pointwise, NULL},
    {"k = s on all axes", dc_when_tiling, NULL},
    {"k > s on w", dc_when_overlapping, NULL},
    {"k < s", NULL, has_gaps},
    {"d > 1", NULL, is_dilated},
    {"pb > 0", NULL, is_padded},
    {"pb != pe", dc_when_lopsided, NULL},
    {"pads > d(k-1)", dc_when_beyond_reach, NULL},
    {"op > 0", dc_when_op, NULL},
    {"op >= s", dc_when_op_at_stride, NULL},
    {"o % s != 0", dc_when_ragged, NULL},
    {"rank 1", dc_when_rank_one, NULL},
    {"rank 2", NULL, of_rank_two},
    {"rank 3", dc_when_rank_three, NULL},
    {"g = ci = co", dc_when_depthwise, NULL},
    {"co/g = 1", dc_when_unit_channel, NULL},
    {"co/g > 8", NULL, is_wide},
    {"ci/g < 4", dc_when_thin, NULL},
    {"ci/g % 4 != 0", NULL, has_tail},
    {"several channels in and out", NULL, has_channels},
    {"no batch axis", dc_when_unbatched, NULL},
    {"n = 0", dc_when_no_items, NULL},
    {"i = 0", dc_when_no_positions, NULL},
    {"f64", dc_when_double, NULL},
    {"f32", dc_when_single, NULL},
    {"f16 or bf16", dc_when_half, NULL},
    {"bf16", NULL, is_bf16},
    {"data of full mantissa", NULL, is_rounded},
    {"exact data", NULL, is_exact},
};
enum { TRAITS = sizeof traits / sizeof *traits };

static int holds(int trait, const dc_case *c)
{
    return traits[trait].when ? traits[trait].when(&c->p)
                              : traits[trait].test(c);
}

/* What was kept. */
static int64_t kept(int64_t all, int64_t most)
{
    return all < most ? all : most;
}

/* Failing and passing cases that have both traits. */
static void count_traits(const dc_op_sample *seen, int u, int v,
                         int64_t *failing, int64_t *passing)
{
    *failing = *passing = 0;
    for (int64_t f = 0; f < kept(seen->failed, DC_FAILED_KEPT); f++)
        *failing +=
            holds(u, &seen->failures[f].c) && holds(v, &seen->failures[f].c);
    for (int64_t f = 0; f < kept(seen->passed, DC_PASSED_KEPT); f++)
        *passing += holds(u, &seen->passes[f]) && holds(v, &seen->passes[f]);
}

/* The traits, one or two, that all failing cases have and the fewest of the
 * others. */
void dc_diagnose_traits(const dc_op_sample *seen, dc_diagnosis *d)
{
    const int64_t failed = kept(seen->failed, DC_FAILED_KEPT);
    const int64_t passed = kept(seen->passed, DC_PASSED_KEPT);
    int64_t fewest = passed - passed / 3;
    int best[2] = {-1, -1};
    char *text;

    for (int u = 0; u < TRAITS; u++)
        for (int v = u; v < TRAITS; v++) {
            int64_t failing;
            int64_t passing;

            count_traits(seen, u, v, &failing, &passing);
            /* a second trait must be worth its words */
            if (failing < failed ||
                passing + (u != v ? 1 + passed / 50 : 0) >= fewest)
                continue;
            fewest = passing;
            best[0] = u;
            best[1] = v;
        }
    text = passed == 0 || best[0] >= 0 ? dc_diagnose_fact(d) : NULL;
    if (text && passed == 0)
        snprintf(text, DC_FACT_TEXT,
                 "no case passes: all %" PRId64 " that were answered fail",
                 seen->failed);
    else if (text)
        snprintf(text, DC_FACT_TEXT,
                 "all failing cases have %s%s%s, of the passing ones %" PRId64
                 " of %" PRId64,
                 traits[best[0]].words, best[0] == best[1] ? "" : " and ",
                 best[0] == best[1] ? "" : traits[best[1]].words, fewest,
                 passed);
}

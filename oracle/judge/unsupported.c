/* SPDX-License-Identifier: MIT
 *
 * A table of properties, and the greedy cover of the unsupported cases by those
 * that no computed case has.
 */
#include "oracle/judge/unsupported.h"

#include <stdio.h>
#include <string.h>

#include "ref/integer.h"

/* ==== Properties ======================================================== */

/* HAS(name, condition): does p have the property, on axis a if it is one of
 * axes?  `value` is that of the table's row. */
#define HAS(name, condition)                                                   \
    static bool name(const dc_problem *p, int a, int64_t value)                \
    {                                                                          \
        (void)p, (void)a, (void)value;                                         \
        return condition;                                                      \
    }

HAS(is_rank, p->rank == value)
HAS(is_dtype, p->dtype == value)
HAS(is_empty,
    p->n == 0 || p->ci == 0 || p->co == 0 || p->i[a] == 0 || p->o[a] == 0)
HAS(is_unbatched, p->unbatched)
HAS(has_bias, p->has_bias == value)
HAS(n_above, p->n > value)
HAS(g_above, p->g > value)
HAS(is_dense, p->g == 1)
HAS(k_above, p->k[a] > value)
HAS(s_above, p->s[a] > value)
HAS(d_above, p->d[a] > value)
HAS(op_above, p->op[a] > value)
HAS(op_beyond_s, p->op[a] >= p->s[a])
HAS(pads_negative, p->pb[a] < 0 || p->pe[a] < 0)
HAS(pads_differ, p->pb[a] != p->pe[a])
HAS(pads_far, dc_max(p->pb[a], p->pe[a]) > p->d[a] * (p->k[a] - 1))
HAS(pads_any, p->pb[a] > 0 || p->pe[a] > 0)
HAS(axes_differ, p->k[a] != p->k[0] || p->s[a] != p->s[0] || p->d[a] != p->d[0])
HAS(ci_uneven, p->ci / p->g % value != 0)
HAS(co_uneven, p->co / p->g % value != 0)

/* Of two that explain as many cases, the first is named. */
static const struct {
    const char *name;
    const char *term; /* of a scope without it; "": see the hint */
    bool (*has)(const dc_problem *p, int a, int64_t value);
    int64_t value;
} properties[] = {
    {"rank 1", "", is_rank, 1},
    {"rank 2", "", is_rank, 2},
    {"rank 3", "", is_rank, 3},
    {"f64", NULL, is_dtype, DC_F64},
    {"f32", NULL, is_dtype, DC_F32},
    {"f16", NULL, is_dtype, DC_F16},
    {"bf16", NULL, is_dtype, DC_BF16},
    {"g > 1", "g=1", g_above, 1},
    {"g = 1", "g=2..", is_dense, 0},
    {"d > 1", "d=1", d_above, 1},
    {"s > 1", "s=1", s_above, 1},
    {"s > 2", "s=1..2", s_above, 2},
    {"s > 3", "s=1..3", s_above, 3},
    {"op > 0", "op=0", op_above, 0},
    {"op >= s", NULL, op_beyond_s, 0},
    {"negative pads", "p=0..", pads_negative, 0},
    {"pb and pe differ", "pe=pb", pads_differ, 0},
    {"pads > d(k-1)", NULL, pads_far, 0},
    {"pads > 0", "p=..0", pads_any, 0},
    {"empty tensors", "n=1..,ci=1..,co=1..,i=1..,o=1..", is_empty, 0},
    {"unbatched", "u=0", is_unbatched, 0},
    {"bias", "b=0", has_bias, 1},
    {"no bias", "b=1", has_bias, 0},
    {"n > 1", "n=..1", n_above, 1},
    {"k > 1", "k=1", k_above, 1},
    {"k > 2", "k=1..2", k_above, 2},
    {"k > 3", "k=1..3", k_above, 3},
    {"k > 4", "k=1..4", k_above, 4},
    {"k > 5", "k=1..5", k_above, 5},
    {"k > 7", "k=1..7", k_above, 7},
    {"k, s or d differ by axis", NULL, axes_differ, 0},
    {"ci/g no multiple of 4", NULL, ci_uneven, 4},
    {"ci/g no multiple of 8", NULL, ci_uneven, 8},
    {"ci/g no multiple of 16", NULL, ci_uneven, 16},
    {"ci/g no multiple of 32", NULL, ci_uneven, 32},
    {"ci/g no multiple of 64", NULL, ci_uneven, 64},
    {"co/g no multiple of 4", NULL, co_uneven, 4},
    {"co/g no multiple of 8", NULL, co_uneven, 8},
    {"co/g no multiple of 16", NULL, co_uneven, 16},
    {"co/g no multiple of 32", NULL, co_uneven, 32},
    {"co/g no multiple of 64", NULL, co_uneven, 64},
};
enum { PROPERTIES = sizeof properties / sizeof *properties };
_Static_assert(sizeof properties / sizeof *properties <= 64, "one bit each");

static uint64_t set_of(const dc_problem *p)
{
    uint64_t has = 0;

    for (int k = 0; k < PROPERTIES; k++)
        for (int a = 0; a < p->rank; a++)
            if (properties[k].has(p, a, properties[k].value))
                has |= (uint64_t)1 << k;
    return has;
}

/* ==== Causes ============================================================ */

void dc_unsupported_add(dc_unsupported *u, const dc_problem *p, bool computed)
{
    const uint64_t has = set_of(p);
    int at = 0;

    u->computed += computed;
    if (computed) {
        u->met |= has;
        return;
    }
    while (at < u->n && u->sets[at].has != has)
        at++;
    if (at == DC_UNSUPPORTED_SETS) {
        u->unsettled++;
        return;
    }
    u->n += at == u->n;
    u->sets[at].has = has;
    u->sets[at].cases++;
}

/* How many cases that are not explained yet (sets without a property of
 * `chosen`) have property k? */
static int64_t explained(const dc_unsupported *u, uint64_t chosen, int k)
{
    int64_t cases = 0;

    for (int at = 0; at < u->n; at++)
        if (!(u->sets[at].has & chosen) && u->sets[at].has >> k & 1)
            cases += u->sets[at].cases;
    return cases;
}

int dc_unsupported_causes(const dc_unsupported *u,
                          dc_cause causes[DC_UNSUPPORTED_CAUSES + 1])
{
    uint64_t chosen = 0;
    int64_t rest = u->unsettled;
    int n = 0;

    if (u->computed == 0)
        return 0;
    for (;;) {
        int64_t most = 0;
        int best = 0;

        for (int k = 0; k < PROPERTIES; k++) {
            const int64_t cases = u->met >> k & 1 ? 0 : explained(u, chosen, k);

            best = cases > most ? k : best;
            most = cases > most ? cases : most;
        }
        if (most == 0)
            break;
        chosen |= (uint64_t)1 << best;
        causes[n++] =
            (dc_cause){properties[best].name, properties[best].term, most};
    }
    for (int at = 0; at < u->n; at++)
        rest += u->sets[at].has & chosen ? 0 : u->sets[at].cases;
    if (rest)
        causes[n++] = (dc_cause){"other", NULL, rest};
    return n;
}

/* "rank=2" for the ranks that are no cause; NULL if they are no range. */
static const char *rank_term(unsigned without)
{
    /* by the ranks that are causes, bit 0: rank 1 */
    static const char *const terms[8] = {
        "", "rank=2..3", NULL, "rank=3", "rank=1..2", "rank=2", "rank=1", NULL};

    return terms[without];
}

void dc_unsupported_hint(const dc_cause *causes, int n,
                         char text[DC_UNSUPPORTED_HINT])
{
    unsigned ranks = 0;
    bool whole = n > 0;

    for (int k = 0; k < n; k++) {
        whole &= causes[k].term != NULL;
        if (strncmp(causes[k].name, "rank ", 5) == 0)
            ranks |= 1u << (causes[k].name[5] - '1');
    }
    text[0] = 0;
    if (!whole || !rank_term(ranks))
        return;
    strcpy(text, rank_term(ranks));
    for (int k = 0; k < n; k++)
        if (causes[k].term[0]) {
            const size_t used = strlen(text);

            snprintf(text + used, DC_UNSUPPORTED_HINT - used, "%s%s",
                     used ? "," : "", causes[k].term);
        }
}

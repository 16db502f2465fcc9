/* SPDX-License-Identifier: MIT
 *
 * The verb `show`: explains a case to a person.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "cases/catalog/catalog.h"
#include "cases/profile/profile.h"
#include "ref/counts.h"
#include "oracle/judge/prove.h"
#include "oracle/verbs/verbs.h"

/* Prints the names that the catalog has for this problem, whatever the data. */
static void show_name(const dc_case *c)
{
    for (int k = 0; k < dc_catalog_count; k++) {
        dc_case named;

        if (dc_case_parse(dc_catalog[k].spec, &named, NULL) != DC_OK)
            continue;
        named.p.dtype = c->p.dtype;
        if (dc_problem_equal(&named.p, &c->p))
            printf("known as  %s: %s\n", dc_catalog[k].name,
                   dc_catalog[k].hunts);
    }
}

static void show_shapes(const dc_problem *p)
{
    static const dc_tensor shown[] = {DC_X, DC_W, DC_B, DC_Y};

    printf("shapes    ");
    for (size_t k = 0; k < sizeof shown / sizeof *shown; k++) {
        int64_t shape[5];
        const int axes = dc_problem_shape(p, shown[k], shape);

        if (shown[k] == DC_B && !p->has_bias)
            continue;
        printf("%s%s [", k ? "   " : "", dc_tensor_names[shown[k]]);
        for (int a = 0; a < axes; a++)
            printf("%s%" PRId64, a ? "," : "", shape[a]);
        printf("]");
    }
    printf("\n          gx is like x, gw like w, gb [%" PRId64 "], gy like y\n",
           p->co);
}

static void show_extents(const dc_problem *p)
{
    printf("output    o = (i-1)*s - pb - pe + d*(k-1) + op + 1\n");
    for (int a = 0; a < p->rank; a++)
        printf("       %s  %" PRId64 " = (%" PRId64 "-1)*%" PRId64 " - %" PRId64
               " - %" PRId64 " + %" PRId64 "*(%" PRId64 "-1) + %" PRId64
               " + 1\n",
               dc_axis_name(p->rank, a), p->o[a], p->i[a], p->s[a], p->pb[a],
               p->pe[a], p->d[a], p->k[a], p->op[a]);
}

static double ratio(int64_t a, int64_t b)
{
    return b ? (double)a / (double)b : 0;
}

static void show_counts(const dc_problem *p)
{
    dc_counts c;
    dc_error e;

    if (dc_counts_of(p, &c, &e) != DC_OK) {
        printf("counts    %s\n", e.text);
        return;
    }
    const int64_t direct = c.mul[DC_FORWARD];
    const int64_t total = direct + c.add[DC_FORWARD];
    printf("counts    %-12s %16s %16s %16s\n", "", "multiplications",
           "additions", "total");
    for (int op = 0; op < DC_OPS; op++)
        printf("          %-12s %16" PRId64 " %16" PRId64 " %16" PRId64 "\n",
               dc_ops[op].name, c.mul[op], c.add[op], c.mul[op] + c.add[op]);
    printf("          filters psi = %" PRId64 ", useful taps T = %" PRId64
           ", reached outputs E = %" PRId64 "\n",
           c.filters, c.taps, c.reached);
    printf("          forward's multiplications: direct %" PRId64
           ", GEMM and col2im %" PRId64 " (%.2fx), zero-stuffed %" PRId64
           " (%.2fx)\n",
           direct, c.mul_col2im, ratio(c.mul_col2im, direct), c.mul_stuffed,
           ratio(c.mul_stuffed, direct));
    printf("published lambda = %" PRId64 " a filter, gamma = %" PRId64
           ", total %" PRId64 "; exact total %" PRId64 " (%+" PRId64
           ", %.2fx)\n",
           c.published_filter, c.published_aggregation, c.published_total,
           total, c.published_total - total, ratio(c.published_total, total));
}

static void show_profiles(const dc_problem *p)
{
    for (int k = 0; k < dc_profiles_count; k++) {
        char text[DC_PROFILE_TEXT];
        dc_error e = {DC_OK, NULL, -1, ""};
        const dc_status status =
            dc_profiles[k].express(p, text, sizeof text, &e);

        printf("%-9s %s%s\n", dc_profiles[k].name,
               status == DC_OK ? "" : "cannot say this: ",
               status == DC_OK ? text : e.text);
    }
}

/* Prints sizes with the formula filled in, operation counts and the published
 * formula's, and the case in the words of each profile. */
static void show_case(const dc_case *c)
{
    char text[DC_CASE_MAX];

    dc_case_print(c, text);
    printf("case      %s\n", text);
    show_name(c);
    show_shapes(&c->p);
    show_extents(&c->p);
    show_counts(&c->p);
    show_profiles(&c->p);
}

/* ==== The verb ========================================================== */

/* Proves the geometry of a case on an implementation; *refuted is set if the
 * proof fails. */
static dc_status show_proof(const dc_case *c, dc_endpoint *end, bool *refuted,
                            dc_error *e)
{
    static const char *const words[] = {"not proven", "proven", "REFUTED",
                                        "BROKEN"};
    dc_arithmetic a = {.accumulate = -1};
    dc_status status = dc_declare_read(dc_endpoint_hello(end)->declares,
                                       "hello", &a.declared, e);

    for (int op = 0; op < DC_GRAD_BIAS && status == DC_OK; op++) {
        dc_proof p;

        status = dc_prove(end, c, (dc_op)op, &a, &p, e);
        if (status != DC_OK)
            break;
        printf("%-9s %s: %s", op ? "" : "structure", dc_ops[op].name,
               words[p.state]);
        if (p.state == DC_PROVEN)
            printf(", %" PRId64 " places of the one, batch %" PRId64
                   ", %d digits, %" PRId64 " calls: %" PRId64
                   " connections, %" PRId64 " pairs apart",
                   p.hots, p.n, p.digits, p.calls, p.connections, p.empty);
        printf("%s%s\n", p.text[0] ? ": " : "", p.text);
        if (p.state == DC_REFUTED || p.state == DC_BROKEN)
            *refuted = true;
    }
    return status;
}

typedef struct {
    dc_subject subject;
    bool prove;
} settings;

static const dc_option options[] = {
    {"prove", NULL, "prove the structure of an implementation",
     DC_OPTION_FLAG(settings, prove)},
    {"impl", "WHAT", "the implementation to prove; fast*",
     DC_OPTION_TEXT(settings, subject.what)},
    {.name = NULL},
};

static int show(const dc_env *env, int argc, char **argv, dc_error *e)
{
    settings s = {.subject = {.what = "fast", .timeout = 10}};
    dc_endpoint *end = NULL;
    dc_verb_line line;
    bool refuted = false;
    dc_status status = dc_verb_read(&dc_show_verb, argc, argv, &s, &line, e);

    (void)env;
    if (status == DC_OK && line.n_words == 0)
        status = dc_invalid(e, "a case string is missing");
    if (status == DC_OK && s.prove)
        status = dc_endpoint_open(&end, &s.subject, e);
    for (int k = 0; k < line.n_words && status == DC_OK; k++) {
        dc_case c;

        status = dc_case_parse(line.words[k], &c, e);
        if (status != DC_OK)
            break;
        if (k)
            putchar('\n');
        show_case(&c);
        if (s.prove)
            status = show_proof(&c, end, &refuted, e);
    }
    dc_endpoint_close(end);
    if (status != DC_OK)
        return DC_EXIT_FAULT;
    return refuted ? DC_EXIT_FAILS : DC_EXIT_CONFORMS;
}

const dc_verb dc_show_verb = {
    .name = "show",
    .about = "sizes, counts and calls of cases; --prove: their structure",
    .words = "CASE...",
    .words_max = INT_MAX,
    .options = options,
    .run = show};

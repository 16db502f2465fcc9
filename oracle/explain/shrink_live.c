/* SPDX-License-Identifier: MIT
 *
 * Runs the engine of cases/shrink.h with the judge as its predicate: a smaller
 * case counts if the judge finds the same failure of the implementation.
 */
#include "oracle/explain/shrink_live.h"

#include "cases/data/data.h"
#include "cases/shrink.h"
#include "oracle/base/clock.h"
#include "oracle/explain/again.h"
#include "ref/text.h"

/* What one reduction may cost; it ends at the first limit that is reached.
 * CALLS: cases judged. */
enum { CALLS = 300, SECONDS = 10 };

/* ==== Moves that the engine does not have ================================ */

/* Elements of the largest input. */
static int64_t largest(const dc_problem *p)
{
    int64_t most = 0;

    for (int t = DC_X; t <= DC_GY; t++) {
        const int64_t n = dc_problem_count(p, (dc_tensor)t);

        if (n > most && (t != DC_B || p->has_bias))
            most = n;
    }
    return most;
}

/* Replaces *best by c if c is legal, lighter and fails. */
static bool replace(dc_again *s, dc_case *best, dc_case c)
{
    if (s->status != DC_OK || dc_problem_complete(&c.p, NULL) != DC_OK ||
        dc_shrink_weight(&c) >= dc_shrink_weight(best) ||
        dc_again_fails(s, &c) != DC_SHRINK_FAILS)
        return false;
    *best = c;
    return true;
}

/* For defects that need channels in multiples of 8, say: distributes the
 * channels over v times as many groups, or divides the groups or the channels
 * per group by v. */
static bool try_divisors(dc_again *s, dc_case *best)
{
    enum { MOST = 512 };
    enum { KEEP, DIVIDE, MULTIPLY };
    static const struct {
        int g, cig, cog;
    } moves[] = {{MULTIPLY, DIVIDE, DIVIDE},
                 {DIVIDE, KEEP, KEEP},
                 {KEEP, DIVIDE, KEEP},
                 {KEEP, KEEP, DIVIDE}};
    const dc_problem *const p = &best->p;
    const int64_t g = p->g;
    const int64_t cig = p->ci / g;
    const int64_t cog = p->co / g;

    for (size_t m = 0; m < sizeof moves / sizeof *moves; m++)
        for (int64_t v = MOST; v > 1; v--) {
            const int64_t g_by = moves[m].g == DIVIDE ? v : 1;
            const int64_t cig_by = moves[m].cig == DIVIDE ? v : 1;
            const int64_t cog_by = moves[m].cog == DIVIDE ? v : 1;
            dc_case c = *best;

            if (g % g_by || cig % cig_by || cog % cog_by)
                continue;
            dc_problem_set_channels(&c.p,
                                    moves[m].g == MULTIPLY ? g * v : g / g_by,
                                    cig / cig_by, cog / cog_by);
            if (replace(s, best, c))
                return true;
        }
    return false;
}

/* Field f of those that try_seeds lowers, or NULL after the last. */
static int64_t *field(dc_problem *p, int f)
{
    int64_t *const fields[] = {
        &p->i[0], &p->i[1], &p->i[2], &p->k[0],  &p->k[1],  &p->k[2], &p->s[0],
        &p->s[1], &p->s[2], &p->n,    &p->op[0], &p->op[1], &p->op[2]};

    return f < (int)(sizeof fields / sizeof *fields) ? fields[f] : NULL;
}

/* For defects of rounding, which need data that round: lowers one field and
 * draws other data for the smaller case. */
static bool try_seeds(dc_again *s, dc_case *best)
{
    enum { SEEDS = 5 };
    const dc_family families[] = {best->family, DC_CANCEL, DC_REAL};

    if (dc_data_exact(best->family, s->op))
        return false;
    for (int f = 0; field(&best->p, f); f++)
        for (int k = 0; *field(&best->p, f) > 1 && k < 3 * SEEDS; k++) {
            dc_case c = *best;
            int64_t *const v = field(&c.p, f);

            *v = k % 2 ? *v - 1 : *v / 2;
            c.family = families[k / SEEDS];
            c.seed = (uint64_t)(k % SEEDS);
            if (replace(s, best, c))
                return true;
        }
    return false;
}

/* Runs the engine; if the case that it ends with is too large to be read, tries
 * the moves above and starts again. */
static dc_status reduce(dc_again *s, dc_case *best)
{
    dc_status status;
    bool smaller;

    do {
        int calls;

        status =
            dc_shrink_run(best, s->most - s->calls, dc_again_fails, s, &calls);
        smaller = status == DC_OK && s->status == DC_OK &&
                  largest(&best->p) > DC_READABLE &&
                  (try_divisors(s, best) || try_seeds(s, best));
    } while (smaller && s->calls < s->most);
    return status == DC_OK ? s->status : status;
}

/* ==== Tensors of the smallest case ======================================= */

static void add_tensor(dc_shrunk *out, const char *name, dc_tensor t,
                       const void *values)
{
    const dc_problem *const p = &out->smallest.p;
    const int64_t count = dc_problem_count(p, t);
    dc_small_tensor *const s = &out->tensors[out->n_tensors];

    if (!values || count > DC_READABLE || out->n_tensors == DC_SMALL_TENSORS)
        return;
    s->name = name;
    s->axes = dc_problem_shape(p, t, s->shape);
    s->count = (int)count;
    dc_format_decode(p->dtype, values, count, s->values);
    out->n_tensors++;
}

/* Adds what op takes, the right result, and, by a further call, the result of
 * the implementation. */
static dc_status add_tensors(dc_shrunk *out, dc_again *s)
{
    const dc_op_info *const info = &dc_ops[out->op];
    double want[DC_READABLE];
    double got[2][DC_READABLE];
    void *const results[2] = {got[0], got[1]};
    dc_answer a;
    dc_truth t;
    dc_status status;

    out->elements = largest(&out->smallest.p);
    /* the structure proof has tensors of its own */
    if (out->elements > DC_READABLE || out->check == DC_CHECK_STRUCTURE ||
        dc_problem_count(&out->smallest.p, info->out) > DC_READABLE ||
        dc_truth_open(&t, &out->smallest, s->e) != DC_OK)
        return DC_OK;
    for (int k = 0; k < info->takes; k++)
        if (dc_op_takes(&out->smallest.p, out->op, info->in[k]))
            add_tensor(out, dc_tensor_names[info->in[k]], info->in[k],
                       t.tensors[info->in[k]]);
    status = dc_ref_run(&out->smallest.p, out->op, t.tensors, want);
    if (status == DC_OK)
        add_tensor(out, "want", info->out, want);
    if (status == DC_OK && out->verdict == DC_FAIL) {
        status = dc_endpoint_call(s->end, &out->smallest, out->op, t.tensors,
                                  results, &a, s->e);
        if (status == DC_OK && a.outcome == DC_ANSWERED && a.runs > 0)
            add_tensor(out, "got", info->out, got[0]);
    }
    dc_truth_close(&t);
    return status;
}

/* ==== Entry points ======================================================= */

dc_status dc_shrink_live_run(const dc_subject *subject, const dc_judge *judge,
                             const dc_result *result, int f, dc_shrunk *out,
                             dc_error *e)
{
    const dc_finding *const finding = &result->findings[f];
    dc_again s = {.prove = result->prove,
                  .op = finding->op,
                  .check = finding->check,
                  .verdict = result->by_op[finding->op],
                  .seconds = SECONDS,
                  .most = CALLS};
    dc_status status;

    *out = (dc_shrunk){.from = result->item.c,
                       .smallest = result->item.c,
                       .op = s.op,
                       .check = s.check,
                       .verdict = s.verdict,
                       .prove = s.prove};
    status = dc_again_open(&s, subject, judge, e);
    if (status != DC_OK)
        return status;
    out->reproduced = dc_again_fails(&s, &out->from) == DC_SHRINK_FAILS;
    status = s.status;
    if (out->reproduced && status == DC_OK) {
        status = reduce(&s, &out->smallest);
        out->finding = s.last;
        if (status == DC_OK)
            status = add_tensors(out, &s);
    }
    out->calls = s.calls;
    out->seconds = dc_clock_now() - s.start;
    dc_again_close(&s);
    return status;
}

/* How many of the axes from `first` on begin anew at element e? */
static int begins(const dc_small_tensor *s, int first, int e)
{
    int64_t block = 1;
    int n = 0;

    for (int a = s->axes - 1; a >= first; a--) {
        block *= s->shape[a];
        n += e % block == 0;
    }
    return n;
}

/* Prints [[1, 2], [3, 4]]; leading axes of one element have no brackets. */
static void print_tensor(const dc_small_tensor *s, FILE *to)
{
    int first = 0;

    while (first < s->axes - 1 && s->shape[first] == 1)
        first++;
    fprintf(to, "    %-5s", s->name);
    for (int e = 0; e < s->count; e++) {
        for (int k = begins(s, first, e); k > 0; k--)
            fputc('[', to);
        fprintf(to, "%.9g", s->values[e]);
        for (int k = begins(s, first, e + 1); k > 0; k--)
            fputc(']', to);
        fputs(e + 1 < s->count ? ", " : "\n", to);
    }
    if (s->count == 0)
        fputs("[]\n", to);
}

void dc_shrink_live_print(const dc_shrunk *s, FILE *to)
{
    const char *const check = dc_check_names[s->check];
    char name[DC_CASE_MAX];
    char text[sizeof s->finding.text];

    dc_case_print(s->reproduced ? &s->smallest : &s->from, name);
    if (!s->reproduced) {
        fprintf(to,
                "  no smallest case: %s does not show again with\n"
                "    %s\n"
                "    alone, in a fresh process: it depends on the calls "
                "before it, or on chance\n",
                check, name);
        return;
    }
    dc_text_clean(s->finding.text, text, sizeof text);
    fprintf(to, "  smallest: %s\n    %s: %s\n", name, check, text);
    for (int k = 0; k < s->n_tensors; k++)
        print_tensor(&s->tensors[k], to);
}

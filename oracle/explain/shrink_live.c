/* SPDX-License-Identifier: MIT
 *
 * Shrinking against a live implementation: the question that shrink.c asks is
 * put to the judge, and the answer is read for the one finding that counts.
 */
#include "oracle/explain/shrink_live.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cases/data/data.h"
#include "cases/shrink.h"
#include "oracle/base/clock.h"
#include "ref/text.h"

dc_shrink_live_limits dc_shrink_live_usual(const dc_subject *subject)
{
    return (dc_shrink_live_limits){
        300, 10, subject->timeout < 1 ? subject->timeout : 1, 6};
}

/* ==== Does it fail in the same way? ====================================== */

typedef struct {
    dc_endpoint *end;
    dc_judge judge;
    const dc_shrink_live_limits *limits;
    double start;
    int hangs;
    int calls;
    int prove; /* as the case was judged */
    dc_op op;
    dc_check check;
    dc_verdict verdict;
    dc_finding last; /* of the last case that failed so */
    dc_status status;
    dc_error *e;
} question;

static int fails(void *context, const dc_case *c)
{
    question *const q = context;
    dc_result *const r = calloc(1, sizeof *r);
    int same = 0;

    if (!r || dc_clock_now() - q->start > q->limits->seconds ||
        q->hangs >= q->limits->hangs) {
        free(r);
        return -1;
    }
    r->item.c = *c;
    r->prove = q->prove;
    q->calls++;
    q->status = dc_judge_case(&q->judge, q->end, r, q->e);
    if (q->status == DC_NOMEM) /* of this case: too large to be judged */
        q->status = DC_OK;
    q->hangs += r->verdict == DC_HANG;
    for (int f = 0; f < r->n_findings && !same; f++)
        if (r->findings[f].op == q->op && r->by_op[q->op] == q->verdict &&
            r->findings[f].check == q->check) {
            q->last = r->findings[f];
            same = 1;
        }
    free(r);
    return q->status != DC_OK ? -1 : same;
}

/* ==== Smaller still ====================================================== */

/* Elements of the largest input. */
static int64_t largest(const dc_problem *p)
{
    int64_t most = 0;

    for (int k = DC_X; k <= DC_GY; k++) {
        const int64_t n = dc_problem_count(p, (dc_tensor)k);

        if (n > most && (k != DC_B || p->has_bias))
            most = n;
    }
    return most;
}

/* The numbers that may be lowered when the usual moves are at their end. */
static int64_t *number(dc_problem *p, int k)
{
    int64_t *const at[] = {&p->i[0],  &p->i[1],  &p->i[2], &p->k[0], &p->k[1],
                           &p->k[2],  &p->s[0],  &p->s[1], &p->s[2], &p->n,
                           &p->op[0], &p->op[1], &p->op[2]};

    return k < (int)(sizeof at / sizeof *at) ? at[k] : NULL;
}

/* Takes c when it is legal, lighter than *best and fails. */
static int take(question *q, dc_case *best, dc_case c)
{
    if (q->status != DC_OK || q->calls >= q->limits->calls ||
        dc_problem_complete(&c.p, NULL) != DC_OK ||
        dc_shrink_weight(&c) >= dc_shrink_weight(best) || fails(q, &c) != 1)
        return 0;
    *best = c;
    return 1;
}

/* A defect of channels in eights lives on their multiples: the channels are
 * dealt out to v times as many groups, or g, or the channels of a group, go to
 * a v-th. */
static int try_divisors(question *q, dc_case *best)
{
    enum { MOST = 512 };
    static const struct {
        int g, cig, cog; /* -1: divided by v, 1: times v */
    } moves[] = {{1, -1, -1}, {-1, 0, 0}, {0, -1, 0}, {0, 0, -1}};
    const dc_problem *const p = &best->p;
    const int64_t g = p->g;
    const int64_t cig = p->ci / g;
    const int64_t cog = p->co / g;

    for (size_t m = 0; m < sizeof moves / sizeof *moves; m++)
        for (int64_t v = MOST; v > 1; v--) {
            const int64_t by[3] = {moves[m].g < 0 ? v : 1,
                                   moves[m].cig < 0 ? v : 1,
                                   moves[m].cog < 0 ? v : 1};
            dc_case c = *best;

            if (g % by[0] || cig % by[1] || cog % by[2])
                continue;
            c.p.g = moves[m].g > 0 ? g * v : g / by[0];
            c.p.ci = c.p.g * (cig / by[1]);
            c.p.co = c.p.g * (cog / by[2]);
            if (take(q, best, c))
                return 1;
        }
    return 0;
}

/* A defect of rounding needs numbers that round: one number of the problem is
 * lowered, and others are drawn for it. */
static int try_seeds(question *q, dc_case *best)
{
    enum { SEEDS = 5 };
    const dc_family families[] = {best->family, DC_CANCEL, DC_REAL};

    if (dc_data_exact(best->family, q->op))
        return 0;
    for (int f = 0; number(&best->p, f); f++)
        for (int k = 0; *number(&best->p, f) > 1 && k < 3 * SEEDS; k++) {
            dc_case c = *best;
            int64_t *const v = number(&c.p, f);

            *v = k % 2 ? *v - 1 : *v / 2;
            c.family = families[k / SEEDS];
            c.seed = (uint64_t)(k % SEEDS);
            if (take(q, best, c))
                return 1;
        }
    return 0;
}

/* The usual moves, and where they end above what can be read some others. */
static dc_status reduce(question *q, dc_case *best)
{
    dc_status status;
    int more;

    do {
        int asked;

        status =
            dc_shrink_run(best, q->limits->calls - q->calls, fails, q, &asked);
        more = status == DC_OK && q->status == DC_OK &&
               largest(&best->p) > DC_READABLE &&
               (try_divisors(q, best) || try_seeds(q, best));
    } while (more && q->calls < q->limits->calls);
    return status;
}

/* ==== Tensors that can be read =========================================== */

static void read_small(dc_shrunk *m, const char *name, dc_tensor t,
                       const void *values)
{
    dc_small *const s = &m->tensors[m->n_tensors];
    const dc_problem *const p = &m->smallest.p;
    const int64_t count = dc_problem_count(p, t);

    s->name = name;
    s->axes = dc_problem_shape(p, t, s->shape);
    if (!values || count > DC_READABLE || m->n_tensors == DC_SMALLS)
        return;
    s->count = (int)count;
    for (int e = 0; e < s->count; e++)
        s->values[e] = dc_format_get(p->dtype, values, e);
    m->n_tensors++;
}

/* Asks once more for the result that is shown beside the truth.  An identity
 * accuses a gradient that is right by itself: its result is no help. */
static dc_status read_smalls(dc_shrunk *m, question *q)
{
    const dc_op_info *const info = &dc_ops[m->op];
    double room[3][DC_READABLE];
    void *const results[2] = {room[0], room[1]};
    dc_answer a;
    dc_truth t;
    dc_status status;

    m->elements = largest(&m->smallest.p);
    /* a proof asks with tensors of its own */
    if (m->elements > DC_READABLE || m->check == DC_CHECK_STRUCTURE ||
        dc_truth_open(&t, &m->smallest, q->e) != DC_OK)
        return DC_OK;
    for (int k = 0; k < info->takes; k++)
        if (dc_op_takes(&m->smallest.p, m->op, info->in[k]))
            read_small(m, dc_tensor_names[info->in[k]], info->in[k],
                       t.tensors[info->in[k]]);
    status = dc_ref_run(&m->smallest.p, m->op, t.tensors, room[2]);
    if (status == DC_OK)
        read_small(m, "want", info->out, room[2]);
    if (status == DC_OK && m->verdict == DC_FAIL) {
        status = dc_endpoint_call(q->end, &m->smallest, m->op, t.tensors,
                                  results, &a, q->e);
        if (status == DC_OK && a.outcome == DC_ANSWERED && a.runs > 0)
            read_small(m, "got", info->out, room[0]);
    }
    dc_truth_close(&t);
    return status;
}

/* ==== Entry points ======================================================= */

dc_status dc_shrink_live_run(const dc_subject *subject, const dc_judge *judge,
                             const dc_shrink_live_limits *limits,
                             const dc_result *result, int f, dc_shrunk *out,
                             dc_error *e)
{
    const dc_finding *const finding = &result->findings[f];
    question q = {.limits = limits,
                  .judge = *judge,
                  .prove = result->prove,
                  .op = finding->op,
                  .check = finding->check,
                  .verdict = result->by_op[finding->op],
                  .start = dc_clock_now(),
                  .e = e};
    dc_status status;

    memset(out, 0, sizeof *out);
    out->from = out->smallest = result->item.c;
    out->op = q.op;
    out->check = q.check;
    out->verdict = q.verdict;
    for (int op = 0; op < DC_OPS && !dc_check_is_identity(q.check); op++)
        q.judge.ops[op] = op == (int)q.op;
    status = dc_endpoint_open(&q.end, subject, e);
    if (status != DC_OK)
        return status;
    dc_endpoint_set_timeout(q.end, limits->timeout);
    out->again = fails(&q, &out->from) == 1;
    status = q.status;
    if (out->again && status == DC_OK) {
        status = reduce(&q, &out->smallest);
        out->finding = q.last;
        if (status == DC_OK)
            status = q.status;
        if (status == DC_OK)
            status = read_smalls(out, &q);
    }
    out->calls = q.calls;
    out->seconds = dc_clock_now() - q.start;
    dc_endpoint_close(q.end);
    return status;
}

/* [[1, 2], [3, 4]]: axes of one element in front are left out. */
static void print_small(const dc_small *s, FILE *to)
{
    int first = 0;

    while (first < s->axes - 1 && s->shape[first] == 1)
        first++;
    fprintf(to, "    %-5s", s->name);
    for (int e = 0; e < s->count; e++) {
        int64_t block = 1;
        int opened = 0;

        for (int a = s->axes - 1; a >= first; a--) {
            block *= s->shape[a];
            opened += e % block == 0;
        }
        for (int k = 0; k < opened; k++)
            fputc('[', to);
        fprintf(to, "%.9g", s->values[e]);
        block = 1;
        for (int a = s->axes - 1; a >= first; a--) {
            block *= s->shape[a];
            if ((e + 1) % block == 0)
                fputc(']', to);
        }
        fputs(e + 1 < s->count ? ", " : "\n", to);
    }
    if (s->count == 0)
        fputs("[]\n", to);
}

void dc_shrink_live_print(const dc_shrunk *m, FILE *to)
{
    char name[DC_CASE_MAX];
    char text[sizeof m->finding.text];

    if (!m->again) {
        dc_case_print(&m->from, name);
        fprintf(to,
                "  no smallest case: %s does not show again with\n"
                "    %s\n"
                "    alone, in a fresh process: it depends on the calls "
                "before it, or on chance\n",
                dc_check_names[m->check], name);
        return;
    }
    dc_case_print(&m->smallest, name);
    dc_text_clean(m->finding.text, text, sizeof text);
    fprintf(to, "  smallest: %s\n    %s: %s\n", name, dc_check_names[m->check],
            text);
    for (int k = 0; k < m->n_tensors; k++)
        print_small(&m->tensors[k], to);
}

/* SPDX-License-Identifier: MIT
 *
 * The defects that would have left the evidence that is there.  One explains
 * a failure when it makes the same first element wrong, as many elements
 * wrong, and gives the same value there; it is doubted for every passing case
 * that it would have failed.
 */
#include "oracle/explain/diagnose.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cases/data/data.h"

/* Every defect is tried on a few failures; those that explain any of them on
 * more, and on cases that passed; the best on everything that was kept. */
static const struct {
    int64_t most;
    int passes; /* 1: passing cases too */
    int keep;   /* suspects that go on */
} looks[] = {{8, 0, 40}, {40, 1, 6}, {DC_FAILED_KEPT + 1, 1, 6}};
enum { LOOKS = sizeof looks / sizeof *looks };

/* What a poisoned element holds before the call: as guard.c does. */
enum { POISON = 0xff };

/* ==== What a defect does to a case ======================================= */

/* A case with its tensors, and the right result. */
typedef struct {
    const dc_case *c;
    dc_op op;
    int64_t count;
    size_t bytes;
    void *own[DC_TENSORS];
    const void *tensors[DC_TENSORS];
    void *right;
    void *wrong; /* of the defect that is tried */
} scene;

static void scene_close(scene *s)
{
    for (int t = 0; t < DC_TENSORS; t++)
        free(s->own[t]);
    free(s->right);
    free(s->wrong);
}

/* side: with the numbers on this side (1 or -1) of a finite difference in
 * place of the case's (0).  Another status than DC_NOMEM: not to be had. */
static dc_status scene_open(scene *s, const dc_case *c, dc_op op, int side)
{
    dc_status status = DC_OK;
    const int64_t size = dc_formats[c->p.dtype].size;

    *s = (scene){.c = c, .op = op};
    s->count = dc_problem_count(&c->p, dc_ops[op].out);
    s->bytes = (size_t)(s->count * size);
    s->right = malloc(s->bytes + 1);
    s->wrong = malloc(s->bytes + 1);
    if (!s->right || !s->wrong)
        status = DC_NOMEM;
    for (int t = 0; t < DC_TENSORS && status == DC_OK; t++) {
        if (!dc_op_takes(&c->p, op, (dc_tensor)t))
            continue;
        s->own[t] =
            malloc((size_t)(dc_problem_count(&c->p, (dc_tensor)t) * size) + 1);
        s->tensors[t] = s->own[t];
        if (!s->own[t])
            status = DC_NOMEM;
        else if (side && t != DC_GY)
            status = dc_data_moved(c, (dc_tensor)t, side, s->own[t]);
        else
            status = dc_data_fill(c, (dc_tensor)t, s->own[t]);
    }
    if (status == DC_OK)
        status = dc_mutant_run(NULL, &c->p, op, s->tensors, s->right);
    if (status != DC_OK)
        scene_close(s);
    return status;
}

static int unwritten(const scene *s, int64_t index)
{
    const int size = dc_formats[s->c->p.dtype].size;
    const unsigned char *const at =
        (const unsigned char *)s->wrong + index * size;
    int b = 0;

    while (b < size && at[b] == POISON)
        b++;
    return b == size;
}

/* Is got what m gives?  Exactly so on exact data. */
static int same_value(double got, double gives, double bound)
{
    if (isnan(got) || isnan(gives))
        return isnan(got) && isnan(gives);
    return got == gives || fabs(got - gives) <= 2 * bound;
}

/* Elements where m's result is not the right one: their number, the first,
 * and the first that it did not write.  Data that are not exact may differ by
 * the bound. */
static void compare(const scene *s, double bound, int64_t *wrong,
                    int64_t *first, int64_t *empty)
{
    const int dtype = s->c->p.dtype;

    *wrong = 0;
    *first = *empty = -1;
    for (int64_t e = 0; e < s->count; e++) {
        const double a = dc_format_get(dtype, s->right, e);
        const double b = dc_format_get(dtype, s->wrong, e);

        if (same_value(b, a, bound / 2))
            continue;
        if (*empty < 0 && unwritten(s, e))
            *empty = e;
        if ((*wrong)++ == 0)
            *first = e;
    }
}

/* ---- by conduct ---- */

static unsigned checks_of(const dc_mutant *m)
{
    if (m->fault == DC_FAULT_WRONG_STATUS && m->detail == DC_INVALID)
        return 1u << DC_CHECK_EXTENT;
    if (m->fault == DC_FAULT_DROPS_IF_ALIGNED)
        return 1u << DC_CHECK_VALUE;
    return dc_mutant_check(m) != DC_CHECKS ? 1u << dc_mutant_check(m) : 0;
}

/* Which side of which tensor a conduct touches; -1: none. */
static int side_of(const dc_mutant *m, dc_op op, dc_tensor *t)
{
    const int reads =
        m->fault == DC_FAULT_READS_PAST || m->fault == DC_FAULT_READS_BEFORE;
    const int writes =
        m->fault == DC_FAULT_WRITES_PAST || m->fault == DC_FAULT_WRITES_BEFORE;

    *t = reads ? dc_ops[op].in[m->detail] : dc_ops[op].out;
    if (!reads && !writes)
        return -1;
    return m->fault == DC_FAULT_READS_PAST || m->fault == DC_FAULT_WRITES_PAST;
}

static int conduct_explains(const dc_mutant *m, dc_op op, const dc_failure *s)
{
    dc_tensor t;
    const int side = side_of(m, op, &t);

    if (!(s->checks & checks_of(m)))
        return 0;
    if (m->fault == DC_FAULT_STALE_INPUT)
        return dc_op_takes(&s->c.p, op, dc_ops[op].in[m->detail]);
    if (m->fault == DC_FAULT_CHANGES_INPUT)
        return s->tensor == dc_ops[op].in[m->detail];
    if (m->fault == DC_FAULT_DROPS_IF_ALIGNED)
        return s->wrong == 1 &&
               s->index == dc_problem_count(&s->c.p, dc_ops[op].out) - 1;
    if (checks_of(m) == 1u << DC_CHECK_CRASHED && side < 0)
        return s->past < 0 && s->death == m->fault;
    if (checks_of(m) == 1u << DC_CHECK_CRASHED)
        return side == s->past && t == s->tensor;
    /* a value that is wrong at once is another defect's, and a NaN is what
     * was there before the call */
    return m->fault == DC_FAULT_STALE_RESULT ? !isnan(s->got)
           : m->fault == DC_FAULT_ALTERNATES ||
                   m->fault == DC_FAULT_DROPS_THIRD_CALL
               ? !s->has_value
               : 1;
}

/* Would m have failed a case that passed?  Where that depends on data or on
 * addresses, it gets the benefit of the doubt; an empty tensor shows little. */
static int conduct_alarms(const dc_mutant *m, const dc_case *c, dc_op op)
{
    static const unsigned doubtful =
        1u << DC_FAULT_ALTERNATES | 1u << DC_FAULT_DROPS_IF_ALIGNED |
        1u << DC_FAULT_NEEDS_ALIGNMENT | 1u << DC_FAULT_STALE_PLAN |
        1u << DC_FAULT_DROPS_THIRD_CALL | 1u << DC_FAULT_STALE_RESULT;
    const dc_op_info *const info = &dc_ops[op];

    if (doubtful & 1u << m->fault ||
        (m->fault == DC_FAULT_STALE_INPUT &&
         (c->family != DC_INT || !dc_op_takes(&c->p, op, info->in[m->detail]))))
        return 0;
    for (int k = 0; k < info->takes; k++)
        if (dc_op_takes(&c->p, op, info->in[k]) &&
            dc_problem_count(&c->p, info->in[k]) == 0)
            return 0;
    return dc_problem_count(&c->p, info->out) > 0;
}

/* ---- by values ---- */

/* Did only numbers other than the case's show that something is wrong? */
static int of_identity(const dc_failure *y)
{
    return (y->checks &
            ~(1u << DC_CHECK_DIFFERENCE | 1u << DC_CHECK_ADJOINT)) == 0;
}

/* Is the NaN that m gives at this place what was there before the call?  Where
 * the data hold infinities and NaN that says little. */
static int is_poison(const dc_mutant *m, const scene *s, int64_t index)
{
    return s->c->family == DC_SPECIAL && !m->fault &&
           (m->sum & DC_NOT_CLEARED || unwritten(s, index));
}

/* How an explanation was come by. */
enum { BY_NOTHING, BY_RESULT, BY_POISON };

/* *excess grows by the elements that m makes wrong and the failure does not
 * have, or the other way round. */
static int explains(const dc_mutant *m, scene *s, const dc_failure *y,
                    int64_t *excess)
{
    const int exact = dc_data_exact(s->c->family, s->op);
    const double bound = exact ? 0 : y->bound;
    int64_t wrong;
    int64_t first;
    int64_t empty;
    dc_status status;

    if (!dc_mutant_alters(m, &s->c->p, s->op))
        return 0;
    if (m->fault)
        return conduct_explains(m, s->op, y);
    memset(s->wrong, POISON, s->bytes);
    status = dc_mutant_run(m, &s->c->p, s->op, s->tensors, s->wrong);
    if (status != DC_OK)
        return status == DC_INVALID && y->checks == 1u << DC_CHECK_EXTENT;
    compare(s, bound, &wrong, &first, &empty);
    if (of_identity(y))
        return wrong > 0;
    if (y->index < 0)
        return 0;
    if (!y->has_value)
        return empty == y->index;
    if (y->checks & 1u << DC_CHECK_WRITTEN && empty < 0)
        return 0;
    if (exact && (wrong != y->wrong || first != y->index))
        return 0;
    *excess += wrong > y->wrong ? wrong - y->wrong : y->wrong - wrong;
    if (!same_value(y->got, dc_format_get(s->c->p.dtype, s->wrong, y->index),
                    bound) ||
        same_value(dc_format_get(s->c->p.dtype, s->right, y->index),
                   dc_format_get(s->c->p.dtype, s->wrong, y->index), bound / 2))
        return BY_NOTHING;
    return is_poison(m, s, y->index) ? BY_POISON : BY_RESULT;
}

/* Would m have failed this case, which passed?  Only exact data can tell. */
static int alarms(const dc_mutant *m, scene *s)
{
    int64_t wrong;
    int64_t first;
    int64_t empty;

    if (!dc_mutant_alters(m, &s->c->p, s->op))
        return 0;
    if (m->fault)
        return conduct_alarms(m, s->c, s->op);
    if (!dc_data_exact(s->c->family, s->op))
        return 0;
    memset(s->wrong, POISON, s->bytes);
    if (dc_mutant_run(m, &s->c->p, s->op, s->tensors, s->wrong) != DC_OK)
        return 1;
    compare(s, 0, &wrong, &first, &empty);
    return wrong > 0;
}

/* ==== Suspects =========================================================== */

/* A suspect at work. */
typedef struct {
    dc_candidate s;
    int hit;       /* explains the failure that is looked at, ... */
    int ruled_out; /* ... 1: but would have shown more of it */
    int64_t sure;  /* failures that it explains by what it computes */
    int64_t excess;
} candidate;

/* Which suspects explain one failure?  What an identity noticed shows with
 * the numbers of one side at least, and not with those of the case. */
static dc_status try_failure(const dc_failure *y, dc_op op, candidate *list,
                             int n, dc_diagnosis *d)
{
    static const int sides[] = {0, 1, -1};
    const int last = of_identity(y) ? 3 : 1;
    dc_status status = DC_OK;

    for (int k = 0; k < n; k++)
        list[k].hit = list[k].ruled_out = 0;
    for (int side = 0; side < last && status == DC_OK; side++) {
        scene s;

        status = scene_open(&s, &y->c, op, sides[side]);
        for (int k = 0; k < n && status == DC_OK; k++) {
            if (last > 1 && side == 0)
                list[k].ruled_out =
                    !list[k].s.m->fault && alarms(list[k].s.m, &s);
            else
                list[k].hit |= explains(list[k].s.m, &s, y, &list[k].excess);
        }
        if (status == DC_OK)
            scene_close(&s);
    }
    for (int k = 0; k < n; k++)
        if (!list[k].ruled_out) {
            list[k].s.hits += list[k].hit != BY_NOTHING;
            list[k].sure += list[k].hit & BY_RESULT;
        }
    d->kept += status == DC_OK;
    return status == DC_NOMEM ? DC_NOMEM : DC_OK;
}

/* Which suspects would have failed one case that passed? */
static dc_status try_pass(const dc_case *c, dc_op op, candidate *list, int n,
                          dc_diagnosis *d)
{
    scene s;
    const dc_status status = scene_open(&s, c, op, 0);

    if (status != DC_OK)
        return status == DC_NOMEM ? DC_NOMEM : DC_OK;
    for (int k = 0; k < n; k++)
        list[k].s.alarms += alarms(list[k].s.m, &s);
    scene_close(&s);
    d->fine++;
    return DC_OK;
}

/* Tries suspects on about `most` of what was kept of either kind. */
static dc_status look(const dc_op_sample *seen, dc_op op, int64_t most,
                      int passes, candidate *list, int n, dc_diagnosis *d)
{
    const int64_t kept =
        seen->failed < DC_FAILED_KEPT ? seen->failed : DC_FAILED_KEPT;
    const int64_t fine =
        seen->passed < DC_PASSED_KEPT ? seen->passed : DC_PASSED_KEPT;
    dc_status status = DC_OK;

    for (int k = 0; k < n; k++)
        list[k].s.hits = list[k].s.alarms = list[k].sure = list[k].excess = 0;
    d->kept = d->fine = 0;
    for (int64_t f = 0; f < kept && status == DC_OK; f += 1 + kept / most)
        status = try_failure(&seen->failures[f], op, list, n, d);
    for (int64_t f = 0; passes && f < fine && status == DC_OK;
         f += 1 + fine / most)
        status = try_pass(&seen->passes[f], op, list, n, d);
    for (int k = 0; k < n; k++)
        if (list[k].sure == 0)
            list[k].s.hits = 0;
    return status;
}

/* Share of the failures that it explains, less that of the passing cases that
 * it would have failed. */
static double score(const dc_candidate *s, const dc_diagnosis *d)
{
    return (double)s->hits / (double)(d->kept ? d->kept : 1) -
           (double)s->alarms / (double)(d->fine ? d->fine : 1);
}

/* Does u account for more than v, or for as much with less else wrong? */
static int better(const candidate *u, const candidate *v, const dc_diagnosis *d)
{
    const double a = score(&u->s, d);
    const double b = score(&v->s, d);

    return a > b || (a == b && u->excess < v->excess);
}

/* The best first; among equals the order of the table. */
static void sort(candidate *list, int n, const dc_diagnosis *d)
{
    for (int k = 1; k < n; k++) {
        const candidate s = list[k];
        int at = k;

        for (; at > 0 && better(&s, &list[at - 1], d); at--)
            list[at] = list[at - 1];
        list[at] = s;
    }
}

static dc_status find_suspects(const dc_op_sample *seen, dc_op op,
                               const char *without, dc_diagnosis *d)
{
    candidate *const list = calloc((size_t)dc_mutants_count, sizeof *list);
    int n = 0;
    dc_status status = DC_OK;

    if (!list)
        return DC_NOMEM;
    for (int k = 0; k < dc_mutants_count; k++)
        if (dc_mutant_touches(&dc_mutants[k], op) &&
            (!without || strcmp(dc_mutants[k].id, without) != 0))
            list[n++].s.m = &dc_mutants[k];
    d->known = n;
    for (int l = 0; l < LOOKS && status == DC_OK; l++) {
        status = look(seen, op, looks[l].most, looks[l].passes, list, n, d);
        sort(list, n, d);
        while (n > 0 && (n > looks[l].keep || list[n - 1].s.hits == 0))
            n--;
    }
    for (int k = 0; k < n && d->n_suspects < DC_CANDIDATES; k++)
        if (list[k].s.hits > 0 && score(&list[k].s, d) > 0.3)
            d->suspects[d->n_suspects++] = list[k].s;
    d->explained = d->n_suspects > 0 &&
                   d->suspects[0].hits * 20 >= d->kept * 19 &&
                   d->suspects[0].alarms * 20 <= d->fine &&
                   d->suspects[0].alarms * 10 <= d->suspects[0].hits;
    free(list);
    return status;
}

char *dc_diagnose_fact(dc_diagnosis *d)
{
    return d->n_facts < DC_FACTS ? d->facts[d->n_facts++] : NULL;
}

dc_status dc_diagnose(const dc_failure_log *v, dc_op op, const char *without,
                      dc_endpoint *end, dc_diagnosis *d, dc_error *e)
{
    const dc_op_sample *const seen = &v->ops[op];
    dc_status status;

    memset(d, 0, sizeof *d);
    d->op = op;
    d->all = seen->failed;
    if (seen->failed == 0)
        return DC_OK;
    status = find_suspects(seen, op, without, d);
    if (status != DC_OK)
        return dc_error_set(e, status, NULL, -1, "out of memory");
    if (d->explained)
        return DC_OK;
    dc_diagnose_traits(seen, d);
    return end ? dc_diagnose_facts(seen, op, end, d, e) : DC_OK;
}

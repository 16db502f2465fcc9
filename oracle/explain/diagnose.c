/* SPDX-License-Identifier: MIT
 *
 * Every mutant of the operation is a candidate.  It gains by each failure that
 * it explains and loses by each passing case that it would have failed.
 */
#include "oracle/explain/diagnosis.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/explain/replay.h"

/* Rounds of elimination: the more cases a round tries, the fewer candidates
 * take part in it. */
static const struct {
    int64_t cases;  /* about how many failures and passing cases are tried */
    bool passing;   /* passing cases are tried at all */
    int candidates; /* how many remain after the round */
} rounds[] = {{8, false, 40}, {40, true, 6}, {DC_FAILED_KEPT + 1, true, 6}};
enum { ROUNDS = sizeof rounds / sizeof *rounds };

/* A candidate is named if its score is above this. */
static const double LEAST_SCORE = 0.3;

typedef struct {
    dc_candidate c;
    unsigned match;  /* dc_match of the failure that is tried */
    bool impossible; /* it would have failed that case by itself, too */
    int64_t sure;    /* failures that it explains by what it computes */
    int64_t excess;  /* elements that it makes wrong and the failures do not
                        have, or the reverse */
} trial;

typedef struct {
    const dc_op_sample *sample;
    dc_op op;
    trial *trials; /* best first */
    int n;
    dc_diagnosis *d;
} search;

/* Tries all candidates on one failure.  An identity compares results at the
 * inputs of two sides: a defect explains its failure on either side, but not
 * if the case's own result would have been wrong. */
static dc_status try_failure(search *s, const dc_failure *f)
{
    static const int sides[] = {0, 1, -1};
    const bool identity = dc_failure_log_identity_only(f);
    dc_status status = DC_OK;

    for (int k = 0; k < s->n; k++) {
        s->trials[k].match = DC_MATCH_NONE;
        s->trials[k].impossible = false;
    }
    for (int side = 0; side < (identity ? 3 : 1) && status == DC_OK; side++) {
        dc_replay r;

        status = dc_replay_open(&r, &f->c, s->op, sides[side]);
        for (int k = 0; k < s->n && status == DC_OK; k++) {
            trial *const t = &s->trials[k];

            if (identity && side == 0)
                t->impossible = !t->c.m->fault && dc_replay_fails(&r, t->c.m);
            else
                t->match |= dc_replay_explains(&r, t->c.m, f, &t->excess);
        }
        if (status == DC_OK)
            dc_replay_close(&r);
    }
    for (int k = 0; k < s->n; k++)
        if (!s->trials[k].impossible) {
            s->trials[k].c.hits += s->trials[k].match != DC_MATCH_NONE;
            s->trials[k].sure += s->trials[k].match & DC_MATCH_RESULT;
        }
    s->d->examined += status == DC_OK;
    return status == DC_NOMEM ? DC_NOMEM : DC_OK;
}

/* Tries all candidates on one case that passed. */
static dc_status try_pass(search *s, const dc_case *c)
{
    dc_replay r;
    const dc_status status = dc_replay_open(&r, c, s->op, 0);

    if (status != DC_OK)
        return status == DC_NOMEM ? DC_NOMEM : DC_OK;
    for (int k = 0; k < s->n; k++)
        s->trials[k].c.alarms += dc_replay_fails(&r, s->trials[k].c.m);
    dc_replay_close(&r);
    s->d->passing++;
    return DC_OK;
}

/* A structure that was refuted is no evidence for or against a candidate: it
 * showed at other numbers than the case's own. */
static bool can_replay(const dc_failure *f)
{
    return f->checks != 1u << DC_CHECK_STRUCTURE;
}

/* Tries all candidates on about `cases` failures, evenly picked, and on as
 * many passing cases.  One whose every hit may be chance loses them. */
static dc_status try_cases(search *s, int64_t cases, bool passing)
{
    const int64_t failures = s->sample->failures_kept;
    const int64_t passes = passing ? s->sample->passes_kept : 0;
    dc_status status = DC_OK;

    for (int k = 0; k < s->n; k++)
        s->trials[k] = (trial){.c = {.m = s->trials[k].c.m}};
    s->d->examined = s->d->passing = 0;
    for (int64_t f = 0; f < failures && status == DC_OK;
         f += 1 + failures / cases)
        if (can_replay(&s->sample->failures[f]))
            status = try_failure(s, &s->sample->failures[f]);
    for (int64_t f = 0; f < passes && status == DC_OK; f += 1 + passes / cases)
        status = try_pass(s, &s->sample->passes[f]);
    for (int k = 0; k < s->n; k++)
        if (s->trials[k].sure == 0)
            s->trials[k].c.hits = 0;
    return status;
}

/* Share of the failures that it explains, less that of the passing cases that
 * it would have failed. */
static double score(const dc_candidate *c, const dc_diagnosis *d)
{
    return (double)c->hits / (double)(d->examined ? d->examined : 1) -
           (double)c->alarms / (double)(d->passing ? d->passing : 1);
}

static bool is_better(const trial *u, const trial *v, const dc_diagnosis *d)
{
    const double a = score(&u->c, d);
    const double b = score(&v->c, d);

    return a > b || (a == b && u->excess < v->excess);
}

/* Best first, equal ones in the order of the table of mutants. */
static void sort(search *s)
{
    for (int k = 1; k < s->n; k++) {
        const trial moved = s->trials[k];
        int at = k;

        for (; at > 0 && is_better(&moved, &s->trials[at - 1], s->d); at--)
            s->trials[at] = s->trials[at - 1];
        s->trials[at] = moved;
    }
}

/* Does the candidate explain 19 of 20 failures, and would it have failed at
 * most one of 20 passing cases, and one per 10 failures that it explains? */
static bool is_explained(const dc_candidate *c, const dc_diagnosis *d)
{
    return c->hits * 20 >= d->examined * 19 && c->alarms * 20 <= d->passing &&
           c->alarms * 10 <= c->hits;
}

static dc_status find_candidates(search *s, const char *without)
{
    dc_diagnosis *const d = s->d;
    dc_status status = DC_OK;

    for (int k = 0; k < dc_mutants_count; k++)
        if (dc_mutant_touches(&dc_mutants[k], s->op) &&
            (!without || strcmp(dc_mutants[k].id, without) != 0))
            s->trials[s->n++].c.m = &dc_mutants[k];
    d->known = s->n;
    for (int r = 0; r < ROUNDS && status == DC_OK; r++) {
        status = try_cases(s, rounds[r].cases, rounds[r].passing);
        sort(s);
        while (s->n > 0 &&
               (s->n > rounds[r].candidates || s->trials[s->n - 1].c.hits == 0))
            s->n--;
    }
    for (int k = 0; k < s->n && d->n_candidates < DC_CANDIDATES; k++)
        if (s->trials[k].c.hits > 0 && score(&s->trials[k].c, d) > LEAST_SCORE)
            d->candidates[d->n_candidates++] = s->trials[k].c;
    d->explained = d->n_candidates > 0 && is_explained(&d->candidates[0], d);
    return status;
}

/* What the failures tell that no single defect does, if at least three do. */
static void find_cause(const dc_op_sample *s, dc_diagnosis *d)
{
    enum { FEWEST = 3 };
    static const char *const causes[] = {
        "it depends on the calls before, or on where the tensors lie: the same "
        "call made again, at other addresses, is right",
        "it depends on the calls before: the first of several equal calls is "
        "right, the next is not",
        "it depends on the calls before, or on chance: equal calls give "
        "different results",
    };
    enum { CAUSES = sizeof causes / sizeof *causes };
    int64_t values = 0;
    int64_t seen[CAUSES] = {0};
    int64_t guessed = 0;
    const char *guess = NULL; /* the most frequent one */
    int64_t most = 0;

    for (int64_t f = 0; f < s->failures_kept; f++) {
        const char *const own = s->failures[f].guess;
        int64_t same = 0;

        values += s->failures[f].has_value;
        seen[0] += s->failures[f].once;
        seen[1] += s->failures[f].later;
        seen[2] += s->failures[f].has_value &&
                   s->failures[f].checks >> DC_CHECK_REPEAT & 1;
        guessed += own[0] != 0;
        for (int64_t g = 0; own[0] && g < s->failures_kept; g++)
            same += !strcmp(s->failures[g].guess, own);
        guess = same > most ? own : guess;
        most = same > most ? same : most;
    }
    for (int k = CAUSES - 1; k >= 0 && values >= FEWEST; k--)
        if (seen[k] * 10 >= values * 9)
            snprintf(d->cause, sizeof d->cause, "%s", causes[k]);
    if (guessed >= FEWEST && guessed * 2 >= values)
        snprintf(d->cause, sizeof d->cause,
                 "lost precision: %" PRId64 " of %" PRId64
                 " have errors as of rounding, most of them %s",
                 guessed, values, guess);
}

/* Did no call give a result, or so much as the name of a tensor that it missed?
 * What every case fails by alike, as without a device, tells no defect from
 * another. */
static bool is_mute(const dc_op_sample *s)
{
    const unsigned silent =
        1u << DC_CHECK_STATUS | 1u << DC_CHECK_CRASHED | 1u << DC_CHECK_HUNG;

    if (s->passed || !s->failed)
        return false;
    for (int64_t f = 0; f < s->failures_kept; f++)
        if (s->failures[f].checks & ~silent ||
            s->failures[f].tensor != DC_TENSORS)
            return false;
    return true;
}

dc_status dc_diagnose(const dc_failure_log *log, dc_op op, const char *without,
                      dc_endpoint *end, dc_diagnosis *d, dc_error *e)
{
    search s = {.sample = &log->ops[op], .op = op, .d = d};
    dc_status status = DC_NOMEM;

    *d = (dc_diagnosis){.op = op, .failures = s.sample->failed};
    d->mute = is_mute(s.sample);
    if (s.sample->failed == 0 || d->mute)
        return DC_OK;
    s.trials = calloc((size_t)dc_mutants_count, sizeof *s.trials);
    if (s.trials)
        status = find_candidates(&s, without);
    free(s.trials);
    if (status != DC_OK)
        return dc_nomem(e);
    if (d->explained)
        return DC_OK;
    find_cause(s.sample, d);
    dc_diagnosis_add_traits(d, s.sample);
    return end ? dc_diagnosis_add_patterns(d, s.sample, op, end, e) : DC_OK;
}

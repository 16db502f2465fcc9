/* SPDX-License-Identifier: MIT
 *
 * Evidence, and the defects that would have left the same.  A defect explains
 * a failure when it makes the same first element wrong, as many elements
 * wrong, and gives the same value there; it is doubted for every passing case
 * that it would have failed.
 */
#include "diagnose.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../cases/data.h"
#include "../cases/random.h"

/* Failures and passing cases on which every defect is tried; the best of them
 * are then tried on everything that was kept. */
enum { FIRST_LOOK = 40, SECOND_LOOK = 6 };

/* What a poisoned element holds before the call: as guard.c does. */
enum { POISON = 0xff };

/* ==== Evidence =========================================================== */

static const char *const check_names[] = {
    "value",   "written", "inputs",
    "repeat",  "extent",  "status",
    "crashed", "hung",    "finite difference",
    "adjoint"};
enum { CHECKS = sizeof check_names / sizeof *check_names };
enum {
    VALUE,
    WRITTEN,
    INPUTS,
    REPEAT,
    EXTENT,
    STATUS,
    CRASHED,
    HUNG,
    DIFFER,
    ADJOINT
};

static unsigned bit_of(const char *check)
{
    for (int c = 0; c < CHECKS; c++)
        if (strcmp(check_names[c], check) == 0)
            return 1u << c;
    return 1u << CHECKS; /* one that no defect of ours is known by */
}

dc_status dc_evidence_open(dc_evidence *v)
{
    memset(v, 0, sizeof *v);
    for (int op = 0; op < DC_OPS; op++) {
        v->ops[op].failures =
            calloc(DC_FAILED_KEPT, sizeof *v->ops[op].failures);
        v->ops[op].passes = calloc(DC_PASSED_KEPT, sizeof *v->ops[op].passes);
        if (!v->ops[op].failures || !v->ops[op].passes) {
            dc_evidence_close(v);
            return DC_NOMEM;
        }
    }
    return DC_OK;
}

void dc_evidence_close(dc_evidence *v)
{
    for (int op = 0; op < DC_OPS; op++) {
        free(v->ops[op].failures);
        free(v->ops[op].passes);
    }
    memset(v, 0, sizeof *v);
}

/* The place of the next of a stream of which `room` are kept, each with the
 * same chance, or -1. */
static int64_t place(int64_t number, int64_t room)
{
    const int64_t at = number < room
                           ? number
                           : (int64_t)(dc_random_hash(17, (uint64_t)number) %
                                       (uint64_t)(number + 1));

    return at < room ? at : -1;
}

/* Does text begin with the whole word? */
static int is_word(const char *text, const char *word)
{
    const size_t n = strlen(word);

    return strncmp(text, word, n) == 0 && !isalnum((unsigned char)text[n]);
}

/* "access just past the end of w", "12 bytes before x" */
static void read_place(const char *text, dc_symptom *s)
{
    static const char *const words[] = {"before ", "past the end of "};

    for (int past = 0; past < 2; past++) {
        const char *const at = strstr(text, words[past]);

        for (int t = 0; at && t < DC_TENSORS; t++)
            if (is_word(at + strlen(words[past]), dc_tensor_names[t])) {
                s->past = past;
                s->tensor = (dc_tensor)t;
            }
    }
}

/* "died by SIGFPE", "exited with status 0" */
static void read_death(const char *text, dc_symptom *s)
{
    static const struct {
        const char *word;
        dc_conduct conduct;
    } rows[] = {{"SIGFPE", DC_TRAPS},
                {"SIGABRT", DC_ABORTS},
                {"exited with", DC_EXITS},
                {"SIGSEGV", DC_ALIGNED}};

    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        if (strstr(text, rows[r].word))
            s->death = rows[r].conduct;
}

static void read_finding(const dc_finding *f, dc_symptom *s)
{
    const unsigned bit = bit_of(f->check);

    s->checks |= bit;
    if (bit == 1u << CRASHED) {
        read_place(f->text, s);
        read_death(f->text, s);
    }
    if (bit == 1u << INPUTS) /* "the call changed its input w" */
        for (int t = 0; t < DC_TENSORS; t++)
            if (strcmp(strrchr(f->text, ' ') + 1, dc_tensor_names[t]) == 0)
                s->tensor = (dc_tensor)t;
    if (f->has_value) {
        s->has_value = 1;
        s->index = f->index;
        s->wrong = f->wrong;
        s->got = f->got;
        s->bound = f->bound;
    } else if (bit == 1u << WRITTEN && s->index < 0) {
        s->index = f->index;
    }
}

int dc_evidence_blames(const dc_result *r, int f, dc_op *op)
{
    const dc_finding *const at = &r->findings[f];
    const int identity =
        bit_of(at->check) & (1u << DIFFER | 1u << ADJOINT) ? 1 : 0;

    /* an identity names a gradient, but forward is asked with other numbers:
     * it is no news where something is wrong by itself */
    for (int g = 0; identity && g < r->n_findings; g++)
        if (!(bit_of(r->findings[g].check) & (1u << DIFFER | 1u << ADJOINT)))
            return 0;
    *op = identity ? DC_FORWARD : at->op;
    return r->by_op[at->op] >= DC_FAIL && strcmp(at->check, "grade") != 0;
}

void dc_evidence_add(dc_evidence *v, const dc_result *r)
{
    for (int op = 0; op < DC_OPS; op++) {
        dc_seen *const seen = &v->ops[op];
        dc_symptom s = {.c = r->item.c, .index = -1, .past = -1};
        dc_op blamed;
        int64_t at;

        for (int f = 0; f < r->n_findings; f++)
            if (dc_evidence_blames(r, f, &blamed) && (int)blamed == op)
                read_finding(&r->findings[f], &s);
        if (s.checks) {
            at = place(seen->failed++, DC_FAILED_KEPT);
            if (at >= 0)
                seen->failures[at] = s;
        } else if (r->asked[op] && r->by_op[op] == DC_PASS) {
            at = place(seen->passed++, DC_PASSED_KEPT);
            if (at >= 0)
                seen->passes[at] = r->item.c;
        }
    }
}

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

/* moved: with the numbers of a finite difference in place of the case's. */
static dc_status scene_open(scene *s, const dc_case *c, dc_op op, int moved)
{
    const int64_t size = dc_formats[c->p.dtype].size;
    int whole;

    *s = (scene){.c = c, .op = op};
    s->count = dc_problem_count(&c->p, dc_ops[op].out);
    s->bytes = (size_t)(s->count * size);
    s->right = malloc(s->bytes + 1);
    s->wrong = malloc(s->bytes + 1);
    whole = s->right && s->wrong;
    for (int t = 0; t < DC_TENSORS && whole; t++) {
        if (!dc_op_takes(&c->p, op, (dc_tensor)t))
            continue;
        s->own[t] =
            malloc((size_t)(dc_problem_count(&c->p, (dc_tensor)t) * size) + 1);
        s->tensors[t] = s->own[t];
        whole = s->own[t] &&
                (moved && t != DC_GY
                     ? dc_data_moved(c, (dc_tensor)t, 1, s->own[t])
                     : dc_data_fill(c, (dc_tensor)t, s->own[t])) == DC_OK;
    }
    if (whole && dc_mutant_run(NULL, &c->p, op, s->tensors, s->right) == DC_OK)
        return DC_OK;
    scene_close(s);
    return DC_NOMEM;
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

        if (fabs(a - b) <= bound)
            continue;
        if (*empty < 0 && unwritten(s, e))
            *empty = e;
        if ((*wrong)++ == 0)
            *first = e;
    }
}

/* Is got what m gives?  Exactly so on exact data. */
static int same_value(double got, double gives, double bound)
{
    if (isnan(got) || isnan(gives))
        return isnan(got) && isnan(gives);
    return got == gives || fabs(got - gives) <= 2 * bound;
}

/* ---- by conduct ---- */

static unsigned checks_of(const dc_mutant *m)
{
    if (m->conduct == DC_ANSWERS && m->detail == DC_INVALID)
        return 1u << EXTENT;
    if (m->conduct == DC_UNROLLS)
        return 1u << VALUE;
    return dc_conduct_checks[m->conduct] ? bit_of(dc_conduct_checks[m->conduct])
                                         : 0;
}

/* Which side of which tensor a conduct touches; -1: none. */
static int side_of(const dc_mutant *m, dc_op op, dc_tensor *t)
{
    const int reads =
        m->conduct == DC_READS_PAST || m->conduct == DC_READS_BEFORE;
    const int writes =
        m->conduct == DC_WRITES_PAST || m->conduct == DC_WRITES_BEFORE;

    *t = reads ? dc_ops[op].in[m->detail] : dc_ops[op].out;
    if (!reads && !writes)
        return -1;
    return m->conduct == DC_READS_PAST || m->conduct == DC_WRITES_PAST;
}

static int conduct_explains(const dc_mutant *m, dc_op op, const dc_symptom *s)
{
    dc_tensor t;
    const int side = side_of(m, op, &t);

    if (!(s->checks & checks_of(m)))
        return 0;
    if (m->conduct == DC_KEEPS_INPUT)
        return dc_op_takes(&s->c.p, op, dc_ops[op].in[m->detail]);
    if (m->conduct == DC_SPOILS)
        return s->tensor == dc_ops[op].in[m->detail];
    if (m->conduct == DC_UNROLLS)
        return s->wrong == 1 &&
               s->index == dc_problem_count(&s->c.p, dc_ops[op].out) - 1;
    if (checks_of(m) == 1u << CRASHED && side < 0)
        return s->past < 0 && s->death == m->conduct;
    if (checks_of(m) == 1u << CRASHED)
        return side == s->past && t == s->tensor;
    /* values that vary are another defect's */
    return m->conduct != DC_ALTERNATES || !s->has_value;
}

/* Would m have failed a case that passed?  Where that depends on data or on
 * addresses, it gets the benefit of the doubt. */
static int conduct_alarms(const dc_mutant *m)
{
    return m->conduct != DC_ALTERNATES && m->conduct != DC_UNROLLS &&
           m->conduct != DC_ALIGNED && m->conduct != DC_KEEPS_PLAN &&
           m->conduct != DC_KEEPS_INPUT;
}

/* ---- by values ---- */

/* Did only numbers other than the case's show that something is wrong? */
static int of_identity(const dc_symptom *y)
{
    return (y->checks & ~(1u << DIFFER | 1u << ADJOINT)) == 0;
}

static int explains(const dc_mutant *m, scene *s, const dc_symptom *y)
{
    const int exact = dc_data_exact(s->c->family, s->op);
    const double bound = exact ? 0 : y->bound;
    int64_t wrong;
    int64_t first;
    int64_t empty;
    dc_status status;

    if (!dc_mutant_alters(m, &s->c->p, s->op))
        return 0;
    if (m->conduct)
        return conduct_explains(m, s->op, y);
    memset(s->wrong, POISON, s->bytes);
    status = dc_mutant_run(m, &s->c->p, s->op, s->tensors, s->wrong);
    if (status != DC_OK)
        return status == DC_INVALID && y->checks == 1u << EXTENT;
    compare(s, bound, &wrong, &first, &empty);
    if (of_identity(y))
        return wrong > 0;
    if (y->index < 0)
        return 0;
    if (!y->has_value)
        return empty == y->index;
    if (y->checks & 1u << WRITTEN && empty < 0)
        return 0;
    if (exact && (wrong != y->wrong || first != y->index))
        return 0;
    return same_value(y->got, dc_format_get(s->c->p.dtype, s->wrong, y->index),
                      bound) &&
           !same_value(dc_format_get(s->c->p.dtype, s->right, y->index),
                       dc_format_get(s->c->p.dtype, s->wrong, y->index),
                       bound / 2);
}

/* Would m have failed this case, which passed?  Only exact data can tell. */
static int alarms(const dc_mutant *m, scene *s)
{
    int64_t wrong;
    int64_t first;
    int64_t empty;

    if (!dc_mutant_alters(m, &s->c->p, s->op))
        return 0;
    if (m->conduct)
        return conduct_alarms(m);
    if (!dc_data_exact(s->c->family, s->op))
        return 0;
    memset(s->wrong, POISON, s->bytes);
    if (dc_mutant_run(m, &s->c->p, s->op, s->tensors, s->wrong) != DC_OK)
        return 1;
    compare(s, 0, &wrong, &first, &empty);
    return wrong > 0;
}

/* ==== Suspects =========================================================== */

/* Tries suspects on every step-th of what was kept. */
static dc_status look(const dc_seen *seen, dc_op op, int64_t most,
                      dc_suspect *list, int n, dc_diagnosis *d)
{
    const int64_t kept =
        seen->failed < DC_FAILED_KEPT ? seen->failed : DC_FAILED_KEPT;
    const int64_t fine =
        seen->passed < DC_PASSED_KEPT ? seen->passed : DC_PASSED_KEPT;
    const int64_t steps[2] = {1 + (kept - 1) / most, 1 + (fine - 1) / most};
    scene s;

    for (int k = 0; k < n; k++)
        list[k].hits = list[k].alarms = 0;
    d->kept = d->fine = 0;
    for (int64_t f = 0; f < kept; f += steps[0], d->kept++) {
        if (scene_open(&s, &seen->failures[f].c, op,
                       of_identity(&seen->failures[f])) != DC_OK)
            return DC_NOMEM;
        for (int k = 0; k < n; k++)
            list[k].hits += explains(list[k].m, &s, &seen->failures[f]);
        scene_close(&s);
    }
    for (int64_t f = 0; f < fine; f += steps[1], d->fine++) {
        if (scene_open(&s, &seen->passes[f], op, 0) != DC_OK)
            return DC_NOMEM;
        for (int k = 0; k < n; k++)
            list[k].alarms += alarms(list[k].m, &s);
        scene_close(&s);
    }
    return DC_OK;
}

/* Share of the failures that it explains, less that of the passing cases that
 * it would have failed. */
static double score(const dc_suspect *s, const dc_diagnosis *d)
{
    return (double)s->hits / (double)(d->kept ? d->kept : 1) -
           (double)s->alarms / (double)(d->fine ? d->fine : 1);
}

/* The best first; among equals the order of the table. */
static void sort(dc_suspect *list, int n, const dc_diagnosis *d)
{
    for (int k = 1; k < n; k++) {
        const dc_suspect s = list[k];
        int at = k;

        for (; at > 0 && score(&list[at - 1], d) < score(&s, d); at--)
            list[at] = list[at - 1];
        list[at] = s;
    }
}

static dc_status find_suspects(const dc_seen *seen, dc_op op,
                               const char *without, dc_diagnosis *d)
{
    dc_suspect *const list = calloc((size_t)dc_mutants_count, sizeof *list);
    int n = 0;
    dc_status status;

    if (!list)
        return DC_NOMEM;
    for (int k = 0; k < dc_mutants_count; k++)
        if (dc_mutant_touches(&dc_mutants[k], op) &&
            (!without || strcmp(dc_mutants[k].id, without) != 0))
            list[n++].m = &dc_mutants[k];
    d->known = n;
    status = look(seen, op, FIRST_LOOK, list, n, d);
    sort(list, n, d);
    n = n < SECOND_LOOK ? n : SECOND_LOOK;
    if (status == DC_OK)
        status = look(seen, op, DC_FAILED_KEPT, list, n, d);
    sort(list, n, d);
    for (int k = 0; k < n && d->n_suspects < DC_SUSPECTS; k++)
        if (list[k].hits > 0 && score(&list[k], d) > 0.1)
            d->suspects[d->n_suspects++] = list[k];
    d->explained = d->n_suspects > 0 &&
                   d->suspects[0].hits * 20 >= d->kept * 19 &&
                   d->suspects[0].alarms * 20 <= d->fine;
    free(list);
    return status;
}

char *dc_diagnose_fact(dc_diagnosis *d)
{
    return d->n_facts < DC_FACTS ? d->facts[d->n_facts++] : NULL;
}

dc_status dc_diagnose(const dc_evidence *v, dc_op op, const char *without,
                      dc_endpoint *end, dc_diagnosis *d, dc_error *e)
{
    const dc_seen *const seen = &v->ops[op];
    dc_status status;

    memset(d, 0, sizeof *d);
    d->op = op;
    d->all = seen->failed;
    if (seen->failed == 0)
        return DC_OK;
    status = find_suspects(seen, op, without, d);
    if (status != DC_OK)
        return dc_error_set(e, status, NULL, -1, "out of memory");
    return d->explained ? DC_OK : dc_diagnose_facts(seen, op, end, d, e);
}

/* ==== For people ========================================================= */

static void print_suspect(const dc_diagnosis *d, const dc_suspect *s,
                          const char *before, FILE *to)
{
    fprintf(to, "%s%s (%s, class %s)\n", before, s->m->what, s->m->id,
            s->m->class_);
    fprintf(to, "      explains %" PRId64 " of %" PRId64 " findings", s->hits,
            d->kept);
    if (d->kept < d->all)
        fprintf(to, " (a sample of %" PRId64 ")", d->all);
    if (s->alarms)
        fprintf(to,
                ", but would also fail %" PRId64 " of %" PRId64
                " cases that pass",
                s->alarms, d->fine);
    if (s->m->report)
        fprintf(to, "; seen before in %s", s->m->report);
    fputc('\n', to);
}

void dc_diagnose_print(const dc_diagnosis *d, FILE *to)
{
    fprintf(to, "%s: ", dc_ops[d->op].name);
    if (d->explained) {
        print_suspect(d, &d->suspects[0], "looks like: ", to);
    } else {
        fprintf(to,
                "none of %d known defects explains the %" PRId64 " findings\n",
                d->known, d->all);
        for (int f = 0; f < d->n_facts; f++)
            fprintf(to, "    %s\n", d->facts[f]);
        if (d->n_suspects)
            print_suspect(d, &d->suspects[0], "    closest: ", to);
    }
    for (int k = 1; k < d->n_suspects; k++)
        fprintf(to, "    next: %s (%s), %" PRId64 " of %" PRId64 "%s\n",
                d->suspects[k].m->what, d->suspects[k].m->id,
                d->suspects[k].hits, d->kept,
                d->suspects[k].alarms ? ", and fails where it passes" : "");
}

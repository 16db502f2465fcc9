/* SPDX-License-Identifier: MIT
 *
 * Runs every mutant on the cases of a pack until one case exposes it.  Assumes
 * a consumer that compares as strictly as we do and fills its result buffers
 * with other values before each call.
 */
#include <errno.h>
#include <fts.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/pack/pack_onnx.h"
#include "oracle/truth/truth.h"
#include "oracle/mutants/mutant.h"
#include "oracle/verbs/verbs.h"
#include "ref/text.h"

typedef struct {
    bool *seen;    /* by mutant */
    bool *reached; /* by mutant: some case is as large as it begins */
    int64_t cases;
    int64_t skipped; /* foreign models that are no problem of ours */
    int64_t wrong;   /* golden results that the reference refutes */
    bool special;    /* some case has infinities or NaN */
    int ops;         /* bit 1 << op: operations that the pack has */
} audit;

/* Can a file of vectors expose m?  It cannot test illegal problems, memory
 * accesses or state that is kept between calls. */
static bool within_reach(const audit *a, const dc_mutant *m)
{
    if (m->needs & DC_NEEDS_ILLEGAL ||
        (m->needs & DC_NEEDS_SPECIAL && !a->special))
        return false;
    switch (m->fault) {
    case DC_FAULT_NONE:
    case DC_FAULT_TRAPS:
    case DC_FAULT_ABORTS:
    case DC_FAULT_EXITS:
    case DC_FAULT_HANGS:
    case DC_FAULT_WRONG_STATUS:
        return true;
    default:
        return false;
    }
}

/* Does a pack of cases of these sizes owe to expose m? */
static bool is_counted(const audit *a, int m)
{
    return within_reach(a, &dc_mutants[m]) &&
           (dc_mutants[m].least == 0 || a->reached[m]);
}

/* ==== One case ========================================================== */

/* Does this case expose what m does to op?  `result` is scratch. */
static bool exposes(dc_truth *t, const dc_mutant *m, dc_op op, void *result,
                    size_t bytes)
{
    dc_status status;

    if (!dc_mutant_touches(m, op))
        return false;
    if (m->fault != DC_FAULT_NONE)
        return dc_mutant_alters(m, &t->c.p, op);
    /* a large value in every type, so that unwritten elements are noticed */
    memset(result, 0x5a, bytes);
    status = dc_mutant_run(m, &t->c.p, op, t->tensors, result);
    if (status == DC_INVALID)
        return true;
    return status == DC_OK && dc_truth_compare(t, op, result).wrong > 0;
}

static dc_status audit_op(audit *a, dc_truth *t, dc_op op, const void *golden,
                          const char *name, dc_error *e)
{
    static const dc_arithmetic usual = {.accumulate = -1};
    const size_t bytes = dc_problem_bytes(&t->c.p, dc_ops[op].out);
    void *result = malloc(bytes + 1);
    dc_status status = result ? dc_truth_make(t, op, &usual, e) : dc_nomem(e);

    if (status == DC_OK && dc_truth_compare(t, op, golden).wrong > 0) {
        printf("wrong: %s: %s is refuted by the reference\n", name,
               dc_tensor_names[dc_ops[op].out]);
        a->wrong++;
    }
    for (int m = 0; m < dc_mutants_count && status == DC_OK; m++) {
        const dc_mutant *d = &dc_mutants[m];

        a->reached[m] |= dc_mutant_alters(d, &t->c.p, op);
        if (!a->seen[m] && is_counted(a, m))
            a->seen[m] = exposes(t, d, op, result, bytes);
    }
    a->ops |= 1 << op;
    free(result);
    return status;
}

static dc_status audit_case(audit *a, const dc_case *c,
                            const dc_pack_tensors *given, const char *name,
                            dc_error *e)
{
    dc_truth t;
    dc_status status = dc_truth_open_with(&t, c, given->data, e);

    if (status != DC_OK)
        return status;
    a->cases++;
    a->special = a->special || c->family == DC_SPECIAL;
    for (int op = 0; op < DC_OPS && status == DC_OK; op++)
        if (given->data[dc_ops[op].out])
            status = audit_op(a, &t, (dc_op)op, given->data[dc_ops[op].out],
                              name, e);
    dc_truth_close(&t);
    return status;
}

/* ==== Packs and trees =================================================== */

static dc_status audit_pack(audit *a, const char *dir, dc_error *e)
{
    dc_pack pack;
    dc_status status = dc_pack_open(&pack, dir, e);

    for (int64_t i = 0; i < pack.count && status == DC_OK; i++) {
        dc_pack_tensors given;

        status = dc_pack_load(&pack, i, &given, e);
        if (status != DC_OK)
            break;
        status =
            audit_case(a, &pack.entries[i].c, &given, pack.entries[i].id, e);
        dc_pack_release(&given);
    }
    dc_pack_close(&pack);
    return status;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Counts a model that is left out, and prints why unless it is of another
 * operator. */
static void skip(audit *a, const dc_error *why)
{
    char text[sizeof why->text];

    a->skipped++;
    if (why->field && strcmp(why->field, "op_type") == 0)
        return;
    dc_text_clean(why->text, text, sizeof text);
    printf("left out: %s\n", text);
}

/* Audits every directory below dir that has a model.onnx. */
static dc_status audit_tree(audit *a, const char *dir, dc_error *e)
{
    char *const roots[] = {(char *)(uintptr_t)dir, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    FTSENT *at;
    dc_status status = DC_OK;

    if (!tree)
        return dc_failed(e, "cannot read %.150s: %s", dir, strerror(errno));
    while (status == DC_OK && (at = fts_read(tree))) {
        dc_pack_tensors given;
        dc_case c = {.family = DC_REAL};

        if (at->fts_info != FTS_F || strcmp(at->fts_name, "model.onnx") != 0)
            continue;
        char *const home = strndup(at->fts_path, strlen(at->fts_path) - 11);
        status = home ? dc_pack_foreign(home, &given, e) : dc_nomem(e);
        if (status == DC_UNSUPPORTED) {
            skip(a, e);
            status = DC_OK;
        } else if (status == DC_OK) {
            c.p = given.p;
            status =
                given.data[DC_X] && given.data[DC_W] &&
                        (given.data[DC_B] || !c.p.has_bias) && given.data[DC_Y]
                    ? audit_case(a, &c, &given, home, e)
                    : dc_failed(e, "%.250s",
                                given.wrong[DC_Y][0]   ? given.wrong[DC_Y]
                                : given.wrong[DC_W][0] ? given.wrong[DC_W]
                                                       : given.wrong[DC_X]);
            dc_pack_release(&given);
        }
        free(home);
    }
    fts_close(tree);
    if (status == DC_OK && a->cases == 0)
        status = dc_invalid(e,
                            "%.150s holds neither a pack nor an ONNX test "
                            "of ConvTranspose",
                            dir);
    return status;
}

/* ==== The report ======================================================== */

/* Counts the defects within reach that alter an operation in ops (bits). */
static void count(const audit *a, int ops, int *seen, int *all)
{
    *seen = *all = 0;
    for (int m = 0; m < dc_mutants_count; m++)
        if (is_counted(a, m) && dc_mutants[m].ops & ops) {
            *all += 1;
            *seen += a->seen[m];
        }
}

static int report(const audit *a)
{
    int seen;
    int all;
    int beyond = 0;
    int larger = 0;

    for (int m = 0; m < dc_mutants_count; m++) {
        const dc_mutant *d = &dc_mutants[m];

        beyond += !within_reach(a, d);
        larger += within_reach(a, d) && !is_counted(a, m);
        if (is_counted(a, m) && !a->seen[m])
            printf("not seen: %s %s %s%s%s%s\n", d->id, d->class_, d->what,
                   d->report ? " (" : "", d->report ? d->report : "",
                   d->report ? ")" : "");
    }
    for (int op = 0; op < DC_OPS; op++) {
        count(a, 1 << op, &seen, &all);
        printf("%-11s %d of %d defects seen%s\n", dc_ops[op].name, seen, all,
               a->ops & 1 << op ? "" : " (the pack does not ask it)");
    }
    count(a, (1 << DC_OPS) - 1, &seen, &all);
    printf("deconform: audit: %" PRId64 " cases, %d of %d defects seen, "
           "%d beyond any file, %d beyond its sizes, %" PRId64
           " wrong vectors, %" PRId64 " models left out\n",
           a->cases, seen, all, beyond, larger, a->wrong, a->skipped);
    return seen == all && a->wrong == 0 ? DC_EXIT_CONFORMS : DC_EXIT_FAILS;
}

int dc_audit_run(const char *dir, dc_error *e)
{
    audit a = {0};
    char index[4200];
    dc_status status;
    int code = DC_EXIT_FAULT;

    snprintf(index, sizeof index, "%s/pack.json", dir);
    a.seen = calloc((size_t)dc_mutants_count + 1, sizeof *a.seen);
    a.reached = calloc((size_t)dc_mutants_count + 1, sizeof *a.reached);
    if (!a.seen || !a.reached)
        status = dc_nomem(e);
    else if (access(dir, R_OK) != 0)
        status = dc_failed(e, "cannot read %.150s: %s", dir, strerror(errno));
    else
        status = access(index, F_OK) == 0 ? audit_pack(&a, dir, e)
                                          : audit_tree(&a, dir, e);
    if (status == DC_OK)
        code = report(&a);
    free(a.seen);
    free(a.reached);
    return code;
}

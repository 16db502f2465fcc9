/* SPDX-License-Identifier: MIT
 *
 * From findings to failures, and sampling them.
 */
#include "oracle/explain/failure_log.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cases/random.h"

/* Reservoir sampling: the slot for the next item, or -1 to drop it, so that
 * each of the *seen items is kept with the same probability. */
static int64_t sample_slot(int64_t *seen, int64_t *kept, int64_t capacity)
{
    const int64_t number = (*seen)++;
    int64_t slot;

    if (*kept < capacity)
        return (*kept)++;
    slot = (int64_t)(dc_random_hash(17, (uint64_t)number) %
                     (uint64_t)(number + 1));
    return slot < capacity ? slot : -1;
}

/* The fault that ends a process as the finding says. */
static dc_fault death_of(const dc_finding *f)
{
    if (f->exited)
        return DC_FAULT_EXITS;
    switch (f->signal) {
    case SIGFPE:
        return DC_FAULT_TRAPS;
    case SIGABRT:
        return DC_FAULT_ABORTS;
    case SIGSEGV:
        return DC_FAULT_NEEDS_ALIGNMENT;
    default:
        return DC_FAULT_NONE;
    }
}

/* The guess about an accumulator in a finding's text (hypothesis.c). */
static void copy_guess(const char *text, char guess[DC_GUESS_TEXT])
{
    const char *const from = strstr(text, "as if the accumulator");
    const int length = from ? (int)strcspn(from, ",") : 0;

    snprintf(guess, DC_GUESS_TEXT, "%.*s", length, from ? from : "");
}

static void add_finding(const dc_finding *f, dc_failure *s)
{
    s->checks |= 1u << f->check;
    if (f->check == DC_CHECK_CRASHED || f->check == DC_CHECK_INPUTS ||
        f->check == DC_CHECK_OUTSIDE || f->check == DC_CHECK_LATE_WRITE) {
        s->tensor = f->tensor;
        s->side = f->side;
    }
    if (f->check == DC_CHECK_CRASHED)
        s->death = death_of(f);
    if (f->has_value) {
        s->has_value = true;
        s->index = f->index;
        s->wrong = f->wrong;
        s->got = f->got;
        s->sum = f->sum;
        s->once = f->once;
        s->later = f->later;
        copy_guess(f->text, s->guess);
        s->bound = f->bound;
    } else if (f->check == DC_CHECK_WRITTEN && s->index < 0) {
        s->index = f->index;
    }
}

bool dc_failure_log_blames(const dc_result *r, int f, dc_op *op)
{
    const dc_finding *const at = &r->findings[f];
    const bool identity = dc_check_is_identity(at->check);

    /* An identity compares a gradient with forward at other numbers: it adds
     * nothing if the results of the case are wrong by themselves. */
    for (int g = 0; identity && g < r->n_findings; g++)
        if (!dc_check_is_identity(r->findings[g].check))
            return false;
    *op = identity ? DC_FORWARD : at->op;
    return r->by_op[at->op] >= DC_FAIL && !dc_check_is_grade(at->check) &&
           !at->earlier;
}

bool dc_failure_log_identity_only(const dc_failure *f)
{
    for (int c = 0; c < DC_CHECKS; c++)
        if (f->checks >> c & 1 && !dc_check_is_identity((dc_check)c))
            return false;
    return true;
}

void dc_failure_log_add(dc_failure_log *log, const dc_result *r)
{
    if (r->item.kind != DC_ITEM_CASE)
        return;
    for (int op = 0; op < DC_OPS; op++) {
        dc_op_sample *const s = &log->ops[op];
        dc_failure failure = {
            .c = r->item.c, .index = -1, .tensor = DC_TENSORS};
        dc_op blamed;
        int64_t slot;

        for (int f = 0; f < r->n_findings; f++)
            if (dc_failure_log_blames(r, f, &blamed) && (int)blamed == op)
                add_finding(&r->findings[f], &failure);
        if (failure.checks) {
            slot = sample_slot(&s->failed, &s->failures_kept, DC_FAILED_KEPT);
            if (slot >= 0)
                s->failures[slot] = failure;
        } else if (r->requested[op] && r->by_op[op] == DC_PASS) {
            slot = sample_slot(&s->passed, &s->passes_kept, DC_PASSED_KEPT);
            if (slot >= 0)
                s->passes[slot] = r->item.c;
        }
    }
}

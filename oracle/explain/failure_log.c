/* SPDX-License-Identifier: MIT
 *
 * From findings to symptoms, and an even sample of them.
 */
#include "oracle/explain/failure_log.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cases/random.h"

dc_status dc_failure_log_open(dc_failure_log *v)
{
    memset(v, 0, sizeof *v);
    for (int op = 0; op < DC_OPS; op++) {
        v->ops[op].failures =
            calloc(DC_FAILED_KEPT, sizeof *v->ops[op].failures);
        v->ops[op].passes = calloc(DC_PASSED_KEPT, sizeof *v->ops[op].passes);
        if (!v->ops[op].failures || !v->ops[op].passes) {
            dc_failure_log_close(v);
            return DC_NOMEM;
        }
    }
    return DC_OK;
}

void dc_failure_log_close(dc_failure_log *v)
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
static void read_place(const char *text, dc_failure *s)
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
static void read_death(const char *text, dc_failure *s)
{
    static const struct {
        const char *word;
        dc_fault conduct;
    } rows[] = {{"SIGFPE", DC_FAULT_TRAPS},
                {"SIGABRT", DC_FAULT_ABORTS},
                {"exited with", DC_FAULT_EXITS},
                {"SIGSEGV", DC_FAULT_NEEDS_ALIGNMENT}};

    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        if (strstr(text, rows[r].word))
            s->death = rows[r].conduct;
}

static void read_finding(const dc_finding *f, dc_failure *s)
{
    const unsigned bit = 1u << f->check;

    s->checks |= bit;
    if (bit == 1u << DC_CHECK_CRASHED) {
        read_place(f->text, s);
        read_death(f->text, s);
    }
    if (bit == 1u << DC_CHECK_INPUTS)
        s->tensor = f->tensor;
    if (f->has_value) {
        s->has_value = 1;
        s->index = f->index;
        s->wrong = f->wrong;
        s->got = f->got;
        s->bound = f->bound;
    } else if (bit == 1u << DC_CHECK_WRITTEN && s->index < 0) {
        s->index = f->index;
    }
}

int dc_failure_log_blames(const dc_result *r, int f, dc_op *op)
{
    const dc_finding *const at = &r->findings[f];
    const bool identity = dc_check_is_identity(at->check);

    /* an identity names a gradient, but forward is asked with other numbers:
     * it is no news where something is wrong by itself */
    for (int g = 0; identity && g < r->n_findings; g++)
        if (!dc_check_is_identity(r->findings[g].check))
            return 0;
    *op = identity ? DC_FORWARD : at->op;
    return r->by_op[at->op] >= DC_FAIL && at->check != DC_CHECK_GRADE;
}

void dc_failure_log_add(dc_failure_log *v, const dc_result *r)
{
    if (r->item.kind != DC_ITEM_CASE)
        return; /* a question that is no case explains itself */
    for (int op = 0; op < DC_OPS; op++) {
        dc_op_sample *const seen = &v->ops[op];
        dc_failure s = {.c = r->item.c, .index = -1, .past = -1};
        dc_op blamed;
        int64_t at;

        for (int f = 0; f < r->n_findings; f++)
            if (dc_failure_log_blames(r, f, &blamed) && (int)blamed == op)
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

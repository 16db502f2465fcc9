/* SPDX-License-Identifier: MIT
 *
 * Collects the findings of one case, and prints the command line that
 * reproduces one.
 */
#include "oracle/judge/result.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cases/catalog/sequences.h"
#include "ref/format.h"

const char *const dc_verdict_names[DC_VERDICTS] = {"unsupported", "pass",
                                                   "fail", "crashed", "hung"};

int dc_result_bin(double ratio)
{
    int bin = 1;

    if (ratio == 0)
        return 0;
    if (!(ratio <= 1))
        return DC_BINS - 1;
    while (bin < DC_BINS - 2 && ratio > ldexp(1, bin - DC_BINS + 2))
        bin++;
    return bin;
}

void dc_result_raise(dc_result *r, dc_op op, dc_verdict verdict)
{
    if (r->by_op[op] < verdict)
        r->by_op[op] = verdict;
    if (r->verdict < verdict)
        r->verdict = verdict;
}

dc_finding *dc_result_find(dc_result *r, dc_op op, dc_verdict verdict,
                           dc_check check, const char *format, ...)
{
    dc_finding *f;
    va_list args;

    dc_result_raise(r, op, verdict);
    if (r->n_findings == DC_FINDINGS_MAX)
        return NULL;
    f = &r->findings[r->n_findings++];
    *f = (dc_finding){.op = op, .check = check, .tensor = DC_TENSORS};
    va_start(args, format);
    vsnprintf(f->text, sizeof f->text, format, args);
    va_end(args);
    return f;
}

/* ==== What the call showed ============================================== */

/* Copies how the call ended from `a` to f, which may be NULL. */
static void set_answer(dc_finding *f, const dc_answer *a)
{
    if (!f)
        return;
    f->status = a->status;
    f->signal = a->signal;
    f->exited = a->exited;
    f->side = a->side;
    f->tensor = a->tensor;
    f->omitted = a->omitted;
    memcpy(f->said, a->said, sizeof f->said);
}

dc_verdict dc_result_verdict(dc_outcome outcome)
{
    static const dc_verdict verdicts[] = {
        [DC_ANSWERED] = DC_FAIL, [DC_CRASHED] = DC_CRASH, [DC_HUNG] = DC_HANG};

    return verdicts[outcome];
}

bool dc_result_lost(dc_result *r, dc_op op, const dc_answer *a)
{
    /* the process died of our protection, not of a mistake that ends it */
    const bool locked = a->side == DC_SIDE_INSIDE;
    const dc_verdict verdict = locked ? DC_FAIL : dc_result_verdict(a->outcome);
    char threads[DC_ENDPOINT_OVERLAP];

    if (a->outcome == DC_ANSWERED)
        return false;
    dc_endpoint_overlap(&a->overlap, threads);
    set_answer(dc_result_find(r, op, verdict,
                              *threads             ? DC_CHECK_REENTRANT
                              : locked             ? DC_CHECK_INPUTS
                              : verdict == DC_HANG ? DC_CHECK_HUNG
                                                   : DC_CHECK_CRASHED,
                              "%s%s", a->reason, threads),
               a);
    return true;
}

void dc_result_status(dc_result *r, dc_op op, const dc_answer *a)
{
    set_answer(dc_result_find(r, op, DC_FAIL,
                              a->status == DC_INVALID ? DC_CHECK_EXTENT
                                                      : DC_CHECK_STATUS,
                              "a legal problem was answered %s%s%s",
                              dc_status_name(a->status),
                              a->reason[0] ? ": " : "", a->reason),
               a);
}

void dc_result_inputs(dc_result *r, dc_op op, const dc_answer *a)
{
    char threads[DC_ENDPOINT_OVERLAP];

    dc_endpoint_overlap(&a->overlap, threads);
    if (a->tensor != DC_TENSORS)
        set_answer(dc_result_find(r, op, DC_FAIL, DC_CHECK_INPUTS,
                                  "the call changed its input %s%s",
                                  dc_tensor_names[a->tensor], threads),
                   a);
}

void dc_result_outside(dc_result *r, dc_op op, const dc_answer *a)
{
    const dc_stray *const s = &a->stray;
    char where[DC_ENDPOINT_PLACE];
    char threads[DC_ENDPOINT_OVERLAP];
    dc_finding *f;

    if (!s->side)
        return;
    dc_endpoint_place(s, where);
    dc_endpoint_overlap(&a->overlap, threads);
    f = dc_result_find(r, op, DC_FAIL, DC_CHECK_OUTSIDE,
                       "the call wrote %s%s: 0x%02x became 0x%02x", where,
                       threads, (unsigned)s->old, (unsigned)s->now);
    if (!f)
        return;
    f->tensor = s->tensor;
    f->side = s->side;
}

void dc_result_reentrant(dc_result *r, dc_op op, const dc_problem *p,
                         const dc_answer *a, bool nondeterministic)
{
    const dc_overlap *const o = &a->overlap;
    const char *const out = dc_tensor_names[dc_ops[op].out];
    const char *const than =
        o->kind == DC_OVERLAP_SECOND ? "in the first" : "alone";
    char threads[DC_ENDPOINT_OVERLAP];

    dc_endpoint_overlap(o, threads);
    if (o->kind && o->status != DC_OK)
        dc_result_find(r, op, DC_FAIL, DC_CHECK_REENTRANT, "answered %s%s%s",
                       dc_status_name(o->status), threads,
                       o->other ? " (to the second)" : "");
    else if (o->kind && o->element >= 0 && o->other && !nondeterministic)
        dc_result_find(r, op, DC_FAIL, DC_CHECK_REENTRANT,
                       "the second's %s has other bits%s, than alone, from its "
                       "element %lld on",
                       out, threads, (long long)o->element);
    else if (o->kind && o->element >= 0 && !nondeterministic)
        dc_finding_element(
            dc_result_find(r, op, DC_FAIL, DC_CHECK_REENTRANT,
                           "an element of %s has other bits%s%s "
                           "than %s",
                           out, threads,
                           o->kind == DC_OVERLAP_RELATED ? "," : "", than),
            p, o->element);
}

/* ==== Positions ========================================================= */

void dc_result_split(int64_t index, const int64_t *shape, int axes,
                     int64_t at[5])
{
    for (int a = axes - 1; a >= 0; a--) {
        at[a] = index % shape[a];
        index /= shape[a];
    }
}

int dc_result_locate(const dc_problem *p, dc_tensor t, int64_t index,
                     int64_t at[5])
{
    int64_t shape[5];
    const int axes = dc_problem_shape(p, t, shape);

    dc_result_split(index, shape, axes, at);
    return axes;
}

void dc_result_list(const int64_t *at, int axes, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "[");

    for (int a = 0; a < axes && used < size; a++)
        used += (size_t)snprintf(text + used, size - used, "%s%" PRId64,
                                 a ? "," : "", at[a]);
    if (used < size)
        snprintf(text + used, size - used, "]");
}

void dc_finding_element(dc_finding *f, const dc_problem *p, int64_t index)
{
    if (!f)
        return;
    f->index = index;
    f->axes = dc_result_locate(p, dc_ops[f->op].out, index, f->at);
}

double dc_result_sum(int dtype, const void *result, int64_t count)
{
    enum { WEIGHTS = 97 };
    double sum = 0;

    for (int64_t e = 0; e < count; e++) {
        const double v = dc_format_get(dtype, result, e);

        sum += isfinite(v) ? v * (double)(1 + e % WEIGHTS) : 0;
    }
    return sum;
}

void dc_finding_position(const dc_finding *f, char *text, size_t size)
{
    char list[128];

    dc_result_list(f->at, f->axes, list, sizeof list);
    snprintf(text, size, "%s%s", dc_tensor_names[dc_ops[f->op].out], list);
}

/* ==== The command that reproduces a finding ============================== */

void dc_result_quote(const char *word, char *text, size_t size)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+";
    size_t at = 0;

    if (*word && word[strspn(word, safe)] == 0) {
        snprintf(text, size, "%s", word);
        return;
    }
    text[at++] = '\'';
    for (; *word && at + 24 < size; word++) {
        const unsigned char c = (unsigned char)*word;

        /* a terminal must not obey what the shell is to see */
        if ((c < ' ' && c != '\n') || c == 0x7f)
            at += (size_t)snprintf(text + at, size - at,
                                   "'\"$(printf '\\%03o')\"'", c);
        else if (c == '\'')
            at += (size_t)snprintf(text + at, size - at, "'\\''");
        else
            text[at++] = *word;
    }
    text[at++] = '\'';
    text[at] = 0;
}

/* op's first finding, or NULL. */
static const dc_finding *first_of(const dc_result *r, dc_op op)
{
    for (int f = 0; f < r->n_findings; f++)
        if (r->findings[f].op == op)
            return &r->findings[f];
    return NULL;
}

/* The storage type in which a scenario was asked, as an option; "" if its name
 * says enough. */
static const char *type_option(const dc_item *item, char text[32])
{
    text[0] = 0;
    if (item->kind != DC_ITEM_CASE &&
        !(item->kind == DC_ITEM_SEQUENCE && dc_sequences[item->row].types))
        snprintf(text, 32, " --dtype %s", dc_formats[item->c.p.dtype].name);
    return text;
}

void dc_result_command(const dc_result *r, dc_op op, const dc_run *run,
                       char *text, size_t size)
{
    const dc_finding *const first = first_of(r, op);
    const dc_check check = first ? first->check : DC_CHECKS;
    const bool all =
        dc_check_needs_all_ops(check) || r->item.kind == DC_ITEM_SEQUENCE ||
        (r->item.kind == DC_ITEM_REFUSAL && check == DC_CHECK_ALTERNATION);
    char impl[12288];
    char name[DC_CASE_MAX];
    char type[32];
    int at;

    dc_result_quote(run->impl, impl, sizeof impl);
    dc_item_print(&r->item, name);
    at = snprintf(text, size, "%s %s %s%s", run->program,
                  run->how ? run->how : "verify --impl", impl, run->options);
    if (at < 0 || (size_t)at >= size)
        return;
    if (run->whole && (dc_check_is_of_run(check) || (first && first->earlier)))
        snprintf(text + at, size - (size_t)at, "%s", run->whole);
    else
        snprintf(text + at, size - (size_t)at, "%s%s%s --case %s",
                 all ? "" : " --op ", all ? "" : dc_ops[op].name,
                 type_option(&r->item, type), name);
}

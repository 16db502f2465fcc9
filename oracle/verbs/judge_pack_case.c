/* SPDX-License-Identifier: MIT
 *
 * Judges the answers to one case.  The files come from outside and may hold
 * anything: they are read with care, and a mistake in one is a finding that
 * names the file.
 */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cases/pack/pack_internal.h"
#include "ref/format.h"
#include "ref/text.h"
#include "oracle/base/clock.h"
#include "oracle/truth/truth.h"
#include "oracle/verbs/judge_pack.h"

enum { PATH = 4300, REFUSED_MAX = 64 << 20 };

/* One case, its files and its result. */
typedef struct {
    const dc_judge_pack *a;
    const dc_pack_entry *entry;
    const char *path;       /* of the answer */
    bool due[DC_OPS];       /* operations that must be answered */
    dc_pack_tensors golden; /* inputs and results of the pack */
    dc_pack_tensors answer;
    dc_result *result;
} answered;

/* ==== One operation ===================================================== */

static bool all_nan(const dc_truth *t, dc_op op, const void *got)
{
    for (int64_t i = 0; i < t->count[op]; i++)
        if (!isnan(dc_format_get(t->c.p.dtype, got, i)))
            return false;
    return t->count[op] > 0;
}

/* DC_FAILED if a golden value of the pack is not that of the reference: then
 * the pack has an erratum and nothing can be judged by it. */
static dc_status check_golden(const dc_truth *t, dc_op op, const answered *w,
                              dc_error *e)
{
    const dc_tensor out = dc_ops[op].out;

    for (int64_t i = 0; i < t->count[op]; i++) {
        const double got = dc_format_get(t->c.p.dtype, w->golden.data[out], i);
        const double want = t->accepted[op][i].want;

        if (got != want && !(isnan(got) && isnan(want)))
            return dc_failed(e,
                             "the pack's %s of %s is not the reference's "
                             "at element %lld: see ERRATA.md, or make the "
                             "pack again",
                             dc_tensor_names[out], w->entry->id, (long long)i);
    }
    return DC_OK;
}

static dc_status judge_op(answered *w, dc_truth *t, dc_op op, dc_error *e)
{
    const dc_tensor out = dc_ops[op].out;
    const void *got = w->answer.data[out];
    dc_result *const r = w->result;
    bool wrong;
    dc_status status;

    if (!got && w->answer.wrong[out][0]) {
        dc_result_find(r, op, DC_FAIL, DC_CHECK_ANSWER, "%s",
                       w->answer.wrong[out]);
        return DC_OK;
    }
    if (!got) {
        dc_result_find(r, op, DC_FAIL, DC_CHECK_ANSWER,
                       "%.150s has no tensor %s", w->path,
                       dc_tensor_names[out]);
        return DC_OK;
    }
    r->by_op[op] = DC_PASS;
    if (r->verdict < DC_PASS)
        r->verdict = DC_PASS;
    status = dc_truth_make(t, op, &w->a->judge.arithmetic, e);
    if (status == DC_OK)
        status = check_golden(t, op, w, e);
    if (status != DC_OK)
        return status;
    if (all_nan(t, op, got) &&
        !dc_bound_accepts(&t->accepted[op][0], (double)NAN))
        dc_result_find(r, op, DC_FAIL, DC_CHECK_WRITTEN,
                       "every element of %s is NaN: was it ever computed?",
                       dc_tensor_names[out]);
    return dc_judge_result(&w->a->judge, t, op, got, r, &wrong, e);
}

/* ==== One case ========================================================== */

/* Do the answers declare this operation as unsupported? */
static bool is_refused(const dc_judge_pack *a, const char *id, int op,
                       dc_result *r)
{
    for (int64_t k = 0; k < a->n_refused; k++)
        if (a->refused[k].ops & 1 << op && strcmp(a->refused[k].id, id) == 0) {
            snprintf(r->reason, sizeof r->reason, "%s", a->refused[k].reason);
            return true;
        }
    return false;
}

/* Adds a finding for each operation that is due, or for the first alone. */
static void fail_due(answered *w, const char *text, bool first)
{
    for (int op = 0; op < DC_OPS; op++)
        if (w->due[op]) {
            dc_result_find(w->result, (dc_op)op, DC_FAIL, DC_CHECK_ANSWER, "%s",
                           text);
            if (first)
                return;
        }
}

static dc_status judge_answer(answered *w, dc_error *e)
{
    int want = 0;
    dc_truth t;
    dc_error why;
    dc_status status;

    for (int op = 0; op < DC_OPS; op++)
        if (w->due[op])
            want |= 1 << dc_ops[op].out;
    status = w->a->pack->format->read(w->path, want, &w->answer, &why);
    if (status == DC_NOMEM)
        return dc_nomem(e);
    if (status != DC_OK) {
        fail_due(w, why.text, false);
        return DC_OK;
    }
    status = dc_truth_open_with(&t, &w->entry->c, w->golden.data, e);
    if (status != DC_OK)
        return status;
    for (int op = 0; op < DC_OPS && status == DC_OK; op++)
        if (w->due[op])
            status = judge_op(w, &t, (dc_op)op, e);
    dc_truth_close(&t);
    if (status == DC_OK && w->answer.extra[0])
        fail_due(w, w->answer.extra, true);
    return status;
}

dc_status dc_judge_pack_case(const dc_judge_pack *a, dc_result *r, dc_error *e)
{
    const dc_pack_entry *entry = &a->pack->entries[r->number];
    const double start = dc_clock_now();
    char path[PATH];
    answered w = {.a = a,
                  .entry = entry,
                  .path = path,
                  .answer = {.p = entry->c.p},
                  .result = r};
    bool any = false;
    dc_status status = dc_pack_load(a->pack, r->number, &w.golden, e);

    if (status != DC_OK)
        return status;
    snprintf(path, sizeof path, "%s/%s%s", a->dir, entry->id,
             a->pack->format->suffix);
    r->item.c = entry->c;
    for (int op = 0; op < DC_OPS; op++) {
        r->requested[op] =
            a->judge.ops[op] && a->pack->format->tensors & 1 << dc_ops[op].out;
        w.due[op] = r->requested[op] && !is_refused(a, entry->id, op, r);
        any = any || w.due[op];
    }
    if (any)
        status = judge_answer(&w, e);
    dc_pack_release(&w.golden);
    dc_pack_release(&w.answer);
    r->seconds = dc_clock_now() - start;
    return status;
}

/* ==== The directory of answers ========================================== */

/* Parses one line of `unsupported`: ID [operation] reason. */
static void read_line(char *line, dc_refused *to)
{
    char *rest = NULL;
    const char *id = strtok_r(line, " \t\r", &rest);
    const char *text = rest ? rest : "";

    memset(to, 0, sizeof *to);
    to->ops = (1 << DC_OPS) - 1;
    snprintf(to->id, sizeof to->id, "%s", id ? id : "");
    text += strspn(text, " \t");
    for (int op = 0; op < DC_OPS; op++) {
        const size_t length = strlen(dc_ops[op].name);

        if (strncmp(text, dc_ops[op].name, length) == 0 &&
            strchr(" \t\r", text[length])) {
            to->ops = 1 << op;
            text += length;
            break;
        }
    }
    text += strspn(text, " \t");
    snprintf(to->reason, sizeof to->reason, "%s",
             *text ? text : "the answers say unsupported");
}

dc_status dc_judge_pack_refused(dc_judge_pack *a, dc_error *e)
{
    char path[PATH];
    char *bytes;
    size_t size;
    int64_t lines = 1;
    char *rest = NULL;
    dc_status status;

    snprintf(path, sizeof path, "%s/unsupported", a->dir);
    status = dc_pack_read_file(path, REFUSED_MAX, &bytes, &size, e);
    if (status != DC_OK)
        return errno == ENOENT ? DC_OK : status;
    bytes[size] = 0;
    for (size_t k = 0; k < size; k++)
        lines += bytes[k] == '\n';
    a->refused = calloc((size_t)lines, sizeof *a->refused);
    if (!a->refused)
        status = dc_nomem(e);
    for (char *line = strtok_r(bytes, "\n", &rest); line && a->refused;
         line = strtok_r(NULL, "\n", &rest))
        read_line(line, &a->refused[a->n_refused++]);
    free(bytes);
    return status;
}

static int by_text(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* Is this a file that may be among the answers without being one? */
static bool tolerated(const char *name)
{
    static const char *const others[] = {"unsupported", "pack.json",
                                         "cases.jsonl", "SHA256SUMS",
                                         "README",      "README.md"};

    for (size_t k = 0; k < sizeof others / sizeof *others; k++)
        if (strcmp(name, others[k]) == 0)
            return true;
    return name[0] == '.';
}

/* Sets id to the case that a file of this name answers, or to "". */
static void id_of(const char *name, const char *suffix, char id[DC_PACK_ID])
{
    const size_t length = strlen(name);
    const size_t tail = strlen(suffix);

    id[0] = 0;
    if (length > tail && length - tail < DC_PACK_ID &&
        strcmp(name + length - tail, suffix) == 0) {
        memcpy(id, name, length - tail);
        id[length - tail] = 0;
    }
}

dc_status dc_judge_pack_extra(const dc_judge_pack *a, dc_error *e)
{
    const dc_pack *pack = a->pack;
    const char **ids = malloc((size_t)(pack->count + 1) * sizeof *ids);
    dc_status status = ids ? DC_OK : dc_nomem(e);
    DIR *dir = opendir(a->dir);
    struct dirent *at;
    char first[256] = "";
    int64_t extra = 0;
    int64_t answers = a->n_refused;

    for (int64_t i = 0; ids && i < pack->count; i++)
        ids[i] = pack->entries[i].id;
    if (ids)
        qsort(ids, (size_t)pack->count, sizeof *ids, by_text);
    while (ids && dir && (at = readdir(dir))) {
        char id[DC_PACK_ID];
        const char *key = id;

        id_of(at->d_name, pack->format->suffix, id);
        if (bsearch(&key, ids, (size_t)pack->count, sizeof *ids, by_text)) {
            answers++;
            continue;
        }
        if (tolerated(at->d_name))
            continue;
        if (extra++ == 0 || strcmp(at->d_name, first) < 0)
            snprintf(first, sizeof first, "%s", at->d_name);
    }
    if (!dir)
        status =
            dc_failed(e, "cannot read %.150s: %s", a->dir, strerror(errno));
    else
        closedir(dir);
    free(ids);
    if (status != DC_OK)
        return status;
    if (answers == 0 && pack->count > 0)
        return dc_failed(e,
                         "%.120s answers no case of this pack: the answer to "
                         "%s is expected in %.60s/%s%s",
                         a->dir, pack->entries[0].id, a->dir,
                         pack->entries[0].id, pack->format->suffix);
    dc_text_clean_name(first, strlen(first), first, sizeof first);
    return extra ? dc_invalid(e,
                              "%.90s/%.60s answers no case of this pack "
                              "(%lld such names)",
                              a->dir, first, (long long)extra)
                 : DC_OK;
}

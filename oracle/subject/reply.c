/* SPDX-License-Identifier: MIT
 *
 * Writes and reads replies.  The reader trusts nothing: a reply that does not
 * fit the request is garbage, and one sentence says why.
 */
#include "oracle/subject/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"
#include "ref/text.h"

/* Words of the key "status". */
static const char *const statuses[] = {[DC_OK] = "ok",
                                       [DC_UNSUPPORTED] = "unsupported",
                                       [DC_INVALID] = "invalid",
                                       [DC_NOMEM] = "nomem", /* our host only */
                                       [DC_FAILED] = "error"};
enum { STATUSES = sizeof statuses / sizeof *statuses };

const char *const dc_reply_sides[] = {[DC_SIDE_NONE] = "none",
                                      [DC_SIDE_BEFORE] = "before",
                                      [DC_SIDE_PAST] = "past",
                                      [DC_SIDE_INSIDE] = "inside"};
enum { SIDES = sizeof dc_reply_sides / sizeof *dc_reply_sides };

const char *const dc_reply_overlaps[DC_OVERLAPS] = {
    [DC_OVERLAP_NONE] = "none",
    [DC_OVERLAP_SECOND] = "second",
    [DC_OVERLAP_SAME] = "same",
    [DC_OVERLAP_RELATED] = "related"};

/* The index of a word in a table; count if it is not there (or NULL). */
static int find(const char *word, const char *const *table, int count)
{
    int i = 0;

    while (i < count && (!word || strcmp(table[i], word)))
        i++;
    return i;
}

static dc_tensor find_tensor(const json_t *word)
{
    return (dc_tensor)find(json_string_value(word), dc_tensor_names,
                           DC_TENSORS);
}

/* In the place of a tensor: the structure that describes the problem. */
#define PROBLEM "problem"

const char *dc_reply_tensor(dc_tensor t)
{
    return t == DC_TENSORS ? PROBLEM : dc_tensor_names[t];
}

/* ==== Writing ============================================================ */

/* late: NULL if there is none. */
static dc_status write_reason(char **line, int64_t id, const char *status,
                              const char *text, json_t *late)
{
    char reason[256];

    /* a path in it may hold bytes that are not UTF-8 */
    dc_text_clean_line(text, strlen(text), reason, sizeof reason);
    return dc_wire_line(line, json_pack("{s:I, s:s, s:s, s:o*}", "id",
                                        (json_int_t)id, "status", status,
                                        "reason", reason, "late", late));
}

/* NULL, which json_pack leaves out, if there is none. */
static json_t *write_stray(const dc_stray *s)
{
    if (!s->side)
        return NULL;
    return json_pack("{s:s, s:s, s:I, s:i, s:i}", "tensor",
                     dc_reply_tensor(s->tensor), "side",
                     dc_reply_sides[s->side], "bytes", (json_int_t)s->bytes,
                     "old", s->old, "now", s->now);
}

/* NULL if there is nothing to say. */
static json_t *write_overlap(const dc_overlap *o)
{
    if (!o->kind)
        return NULL;
    return json_pack("{s:s, s:i, s:b, s:I, s:i}", "kind",
                     dc_reply_overlaps[o->kind], "related", o->related, "other",
                     (int)o->other, "element", (json_int_t)o->element, "status",
                     (int)o->status);
}

static json_t *write_late(const dc_late_write *late)
{
    json_t *const j = write_stray(&late->at);

    if (j)
        json_object_update_new(j, json_pack("{s:I, s:I}", "was_bits",
                                            (json_int_t)late->was, "now_bits",
                                            (json_int_t)late->now));
    return j;
}

dc_status dc_reply_write(char **line, const dc_request *request,
                         const dc_answer *answer, const dc_error *e,
                         bool spoilt)
{
    json_t *tensors;

    if (e)
        return write_reason(line, request->id, spoilt ? "spoilt" : "fault",
                            e->text, NULL);
    if (answer->status != DC_OK)
        return write_reason(line, request->id, statuses[answer->status],
                            answer->status == DC_NOMEM && !*answer->reason
                                ? "out of memory"
                                : answer->reason,
                            write_late(&answer->late));
    tensors = json_array();
    for (int r = 0; r < answer->runs; r++)
        json_array_append_new(
            tensors, dc_wire_tensor(&request->p, dc_ops[request->op].out));
    return dc_wire_line(
        line,
        json_pack(
            "{s:I, s:s, s:I, s:I, s:I, s:I, s:i, s:s?, s:o*, s:o*, s:o*, s:o}",
            "id", (json_int_t)request->id, "status", "ok", "unwritten",
            (json_int_t)answer->unwritten, "added", (json_int_t)answer->added,
            "repeat", (json_int_t)answer->repeat, "left",
            (json_int_t)answer->left, "calls", answer->calls, "changed",
            answer->tensor == DC_TENSORS ? NULL
                                         : dc_tensor_names[answer->tensor],
            "stray", write_stray(&answer->stray), "late",
            write_late(&answer->late), "overlap",
            write_overlap(&answer->overlap), "tensors", tensors));
}

dc_status dc_reply_write_hello(char **line, int64_t id, const dc_impl *impl,
                               const dc_error *e)
{
    char name[DC_HELLO_TEXT] = "";
    char version[DC_HELLO_TEXT] = "";

    if (e)
        return write_reason(line, id, "error", e->text, NULL);
    dc_text_clean_line(impl->name, strlen(impl->name), name, sizeof name);
    if (impl->version)
        dc_text_clean_line(impl->version, strlen(impl->version), version,
                           sizeof version);
    return dc_wire_line(line, json_pack("{s:I, s:s, s:s, s:s}", "id",
                                        (json_int_t)id, "status", "ok", "name",
                                        name, "version", version));
}

/* ==== Reading ============================================================ */

static dc_status garbage(dc_error *e, const char *why)
{
    return dc_failed(e, "answered garbage: %s", why);
}

/* The same, about a value of the reply: "answered garbage: no known status:
 * \"done\"". */
static dc_status garbage_value(dc_error *e, const char *why, const json_t *j)
{
    char *const value =
        j ? json_dumps(j, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    char begin[64] = "";

    if (value)
        dc_text_clean_line(value, strlen(value), begin, sizeof begin);
    free(value);
    return dc_failed(e, "answered garbage: %s%s%s", why, value ? ": " : "",
                     begin);
}

/* The JSON object with the right id, or NULL with the reason in e. */
static json_t *load(const char *line, size_t length, int64_t id, dc_error *e)
{
    json_t *j = json_loadb(line, length, 0, NULL);
    const json_t *got = json_object_get(j, "id");
    char begin[48];

    if (!json_is_object(j)) {
        dc_text_clean_line(line, length, begin, sizeof begin);
        dc_failed(e, "answered garbage: no JSON object: \"%s\"", begin);
    } else if (!json_is_integer(got)) {
        garbage_value(e, "no integer id", got);
    } else if (json_integer_value(got) != id) {
        dc_failed(e, "answered garbage: id %lld to request %lld",
                  (long long)json_integer_value(got), (long long)id);
    } else {
        return j;
    }
    json_decref(j);
    return NULL;
}

/* Text of j, if that is a string, as one clean line. */
static void read_text(char *to, size_t size, const json_t *j)
{
    dc_text_clean_line(json_is_string(j) ? json_string_value(j) : "",
                       json_string_length(j), to, size);
}

dc_status dc_reply_read_hello(const char *line, size_t length, int64_t id,
                              dc_hello *hello, dc_error *e)
{
    json_t *j = load(line, length, id, e);
    const json_t *list = json_object_get(j, "declares");
    const char *status = json_string_value(json_object_get(j, "status"));
    char reason[160];
    char one[DC_HELLO_TEXT];
    dc_status answer = DC_OK;

    memset(hello, 0, sizeof *hello);
    if (!j)
        return DC_FAILED;
    read_text(hello->name, sizeof hello->name, json_object_get(j, "name"));
    read_text(hello->version, sizeof hello->version,
              json_object_get(j, "version"));
    read_text(hello->declares, sizeof hello->declares, list);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const size_t n = strlen(hello->declares);

        read_text(one, sizeof one, json_array_get(list, i));
        snprintf(hello->declares + n, sizeof hello->declares - n, "%s%s",
                 n ? "," : "", one);
    }
    hello->supports = json_is_true(json_object_get(j, "supports"));
    read_text(reason, sizeof reason, json_object_get(j, "reason"));
    if (!status || strcmp(status, "ok"))
        answer = *reason ? dc_failed(e, "%s", reason)
                         : garbage_value(e, "hello is not ok",
                                         json_object_get(j, "status"));
    else if (!*hello->name)
        answer = garbage(e, "hello says no name");
    json_decref(j);
    return answer;
}

/* The shape of a tensor, and how many bytes follow for it: at most 16 times the
 * expected bytes, or 1 MiB if that is more. */
static dc_status read_tensor(const json_t *tensor, const dc_request *request,
                             dc_reply *reply, dc_error *e)
{
    const dc_problem *p = &request->p;
    const json_t *name = json_object_get(tensor, "name");
    const json_t *list = json_object_get(tensor, "shape");
    const dc_tensor out = dc_ops[request->op].out;
    const int axes = (int)json_array_size(list);
    int64_t bytes = dc_formats[p->dtype].size;
    int64_t most = (int64_t)dc_problem_bytes(p, out);
    int64_t want[5];
    int64_t got[5] = {0};

    if (find_tensor(name) != out)
        return garbage_value(e,
                             json_is_string(name)
                                 ? "a tensor that was not asked for"
                                 : "a tensor without a name",
                             name);
    if (!json_is_array(list) || json_array_size(list) > 5)
        return garbage_value(e, "a tensor without a shape of up to 5 axes",
                             list);
    if (__builtin_mul_overflow(most, 16, &most))
        most = INT64_MAX;
    most = most > 1 << 20 ? most : 1 << 20;
    for (int a = 0; a < axes; a++) {
        const json_t *extent = json_array_get(list, (size_t)a);

        got[a] = json_integer_value(extent);
        if (!json_is_integer(extent) || got[a] < 0 ||
            __builtin_mul_overflow(bytes, got[a], &bytes) || bytes > most)
            return garbage_value(e, "an absurd shape", list);
    }
    if (axes != dc_problem_shape(p, out, want) ||
        memcmp(got, want, (size_t)axes * sizeof want[0])) {
        reply->answer.shape_axes = axes;
        memcpy(reply->answer.shape, got, sizeof got);
    }
    reply->bytes[reply->tensors++] = bytes;
    return DC_OK;
}

static dc_status read_tensors(const json_t *list, const dc_request *request,
                              bool hosted, dc_reply *reply, dc_error *e)
{
    const bool ok = reply->answer.status == DC_OK;
    const size_t most = !ok ? 0 : hosted ? 2 : 1;
    dc_status status = DC_OK;

    if (request->kind == DC_REQUEST_REFUSE || /* it has no shapes */
        request->kind == DC_REQUEST_SUPPORTS ||
        request->kind == DC_REQUEST_SETTLE)
        return DC_OK;
    if (json_array_size(list) > most)
        return dc_failed(e, "answered garbage: too many tensors: %zu, not %zu",
                         json_array_size(list), most);
    if (ok && !json_array_size(list))
        return dc_failed(e, "answered garbage: no tensor: %s is wanted",
                         dc_tensor_names[dc_ops[request->op].out]);
    for (size_t i = 0; i < json_array_size(list) && status == DC_OK; i++)
        status = read_tensor(json_array_get(list, i), request, reply, e);
    return status;
}

static int64_t read_index(const json_t *j, const char *key)
{
    const json_t *value = json_object_get(j, key);

    return json_is_integer(value) ? json_integer_value(value) : -1;
}

/* Reads what write_stray wrote, or the same keys of a process that dies.  False
 * if that names no place. */
static bool read_stray(const json_t *j, dc_stray *s)
{
    const json_t *tensor = json_object_get(j, "tensor");
    const int side = find(json_string_value(json_object_get(j, "side")),
                          dc_reply_sides, SIDES);

    *s = (dc_stray){.tensor = find_tensor(tensor)};
    if (side == SIDES || !json_is_string(tensor) ||
        (s->tensor == DC_TENSORS && strcmp(json_string_value(tensor), PROBLEM)))
        return false;
    s->side = (dc_side)side;
    s->bytes = json_integer_value(json_object_get(j, "bytes"));
    s->old = (int)json_integer_value(json_object_get(j, "old"));
    s->now = (int)json_integer_value(json_object_get(j, "now"));
    return s->side != DC_SIDE_NONE;
}

/* Reads what write_overlap wrote.  A process that dies writes the same keys,
 * but neither element nor status. */
static void read_overlap(const json_t *j, dc_overlap *o)
{
    const int kind = find(json_string_value(json_object_get(j, "kind")),
                          dc_reply_overlaps, DC_OVERLAPS);
    const json_int_t related =
        json_integer_value(json_object_get(j, "related"));
    const json_int_t status = json_integer_value(json_object_get(j, "status"));

    if (kind == DC_OVERLAPS)
        return;
    o->kind = (dc_overlap_kind)kind;
    o->related = related > 0 && related < DC_RELATED ? (int)related : 0;
    o->other = json_is_true(json_object_get(j, "other"));
    o->element = read_index(j, "element");
    o->status = status > 0 && status <= DC_FAILED ? (dc_status)status : DC_OK;
}

static void read_late(const json_t *j, dc_late_write *late)
{
    *late = (dc_late_write){.was = 0};
    if (!read_stray(j, &late->at))
        return;
    late->was = (uint64_t)json_integer_value(json_object_get(j, "was_bits"));
    late->now = (uint64_t)json_integer_value(json_object_get(j, "now_bits"));
}

/* Where the access was that ended the host: "access 4 bytes past the end of
 * w", or the host's own words if it was next to no tensor. */
static void read_access(const json_t *j, dc_answer *a)
{
    char where[DC_ENDPOINT_PLACE];
    dc_stray place;

    if (!read_stray(j, &place)) {
        read_text(a->reason, sizeof a->reason, json_object_get(j, "reason"));
        return;
    }
    a->tensor = place.tensor;
    a->side = place.side;
    dc_endpoint_place(&place, where);
    if (place.side != DC_SIDE_INSIDE)
        snprintf(a->reason, sizeof a->reason, "access %s", where);
    else if (place.tensor == DC_TENSORS)
        snprintf(a->reason, sizeof a->reason, "write to %s", where);
    else
        snprintf(a->reason, sizeof a->reason, "write to %s, an input", where);
}

dc_status dc_reply_read(const char *line, size_t length,
                        const dc_request *request, bool hosted, dc_reply *reply,
                        dc_error *e)
{
    json_t *j = load(line, length, request->id, e);
    const json_t *said = json_object_get(j, "status");
    const json_t *reason = json_object_get(j, "reason");
    const char *word = json_string_value(said);
    const int known = find(word, statuses, STATUSES);
    dc_answer *answer = &reply->answer;
    dc_status status = DC_OK;

    *reply = (dc_reply){.answer = dc_endpoint_blank()};
    answer->calls = 1;
    if (!j)
        return DC_FAILED;
    reply->spoilt = hosted && word && !strcmp(word, "spoilt");
    if (reply->spoilt || (hosted && word && !strcmp(word, "fault"))) {
        read_text(reply->fault, sizeof reply->fault, reason);
    } else if (hosted && word && !strcmp(word, "died")) {
        reply->died = true;
        read_access(j, answer);
    } else if (known == STATUSES || (known == DC_NOMEM && !hosted)) {
        status = garbage_value(e, said ? "no known status" : "no status", said);
    } else {
        answer->status = (dc_status)known;
        read_text(answer->reason, sizeof answer->reason, reason);
        status = read_tensors(json_object_get(j, "tensors"), request, hosted,
                              reply, e);
    }
    if (hosted && !reply->died) {
        answer->unwritten = read_index(j, "unwritten");
        answer->added = read_index(j, "added");
        answer->repeat = read_index(j, "repeat");
        answer->left = (unsigned)json_integer_value(json_object_get(j, "left"));
        answer->calls = (int)json_integer_value(json_object_get(j, "calls"));
        answer->tensor = find_tensor(json_object_get(j, "changed"));
        read_stray(json_object_get(j, "stray"), &answer->stray);
        read_late(json_object_get(j, "late"), &answer->late);
    }
    if (hosted)
        read_overlap(json_object_get(j, "overlap"), &answer->overlap);
    answer->seconds = json_number_value(json_object_get(j, "seconds"));
    json_decref(j);
    return status;
}

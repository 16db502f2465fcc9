/* SPDX-License-Identifier: MIT
 *
 * Writing and reading answers.  The reader believes nothing: what does not fit
 * what was asked is garbage, named in one sentence.
 */
#include "oracle/subject/reply.h"

#include <string.h>

#include "ref/format.h"
#include "oracle/subject/process.h"
#include "oracle/subject/wire.h"

/* Words of the key "status". */
static const char *const statuses[] = {[DC_OK] = "ok",
                                       [DC_UNSUPPORTED] = "unsupported",
                                       [DC_INVALID] = "invalid",
                                       [DC_NOMEM] = "nomem", /* our host only */
                                       [DC_FAILED] = "error"};
enum { STATUSES = sizeof statuses / sizeof *statuses };

const char *const dc_reply_sides[] = {[DC_SIDE_NONE] = "none",
                                      [DC_SIDE_BEFORE] = "before",
                                      [DC_SIDE_PAST] = "past"};
enum { SIDES = sizeof dc_reply_sides / sizeof *dc_reply_sides };

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

/* ==== Writing ============================================================ */

static dc_status refusal(char **line, int64_t id, const char *word,
                         const char *text)
{
    char reason[256];

    /* A path in it may hold bytes that are no UTF-8. */
    dc_process_plain(reason, sizeof reason, text, strlen(text));
    return dc_wire_line(line, json_pack("{s:I, s:s, s:s}", "id", (json_int_t)id,
                                        "status", word, "reason", reason));
}

dc_status dc_reply_answer(char **line, const dc_request *asked,
                          const dc_answer *answer, const dc_error *e)
{
    json_t *tensors;

    if (e)
        return refusal(line, asked->id, "fault", e->text);
    if (answer->status != DC_OK)
        return refusal(line, asked->id, statuses[answer->status],
                       answer->status == DC_NOMEM && !*answer->reason
                           ? "out of memory"
                           : answer->reason);
    tensors = json_array();
    for (int r = 0; r < answer->runs; r++)
        json_array_append_new(tensors,
                              dc_wire_tensor(&asked->p, dc_ops[asked->op].out));
    return dc_wire_line(line, json_pack("{s:I, s:s, s:I, s:I, s:s?, s:o}", "id",
                                        (json_int_t)asked->id, "status", "ok",
                                        "unwritten",
                                        (json_int_t)answer->unwritten, "repeat",
                                        (json_int_t)answer->repeat, "changed",
                                        answer->tensor == DC_TENSORS
                                            ? NULL
                                            : dc_tensor_names[answer->tensor],
                                        "tensors", tensors));
}

dc_status dc_reply_hello(char **line, int64_t id, const dc_impl *impl,
                         const dc_error *e)
{
    char name[DC_REPLY_TEXT] = "";
    char version[DC_REPLY_TEXT] = "";

    if (e)
        return refusal(line, id, "error", e->text);
    dc_process_plain(name, sizeof name, impl->name, strlen(impl->name));
    if (impl->version)
        dc_process_plain(version, sizeof version, impl->version,
                         strlen(impl->version));
    return dc_wire_line(line, json_pack("{s:I, s:s, s:s, s:s}", "id",
                                        (json_int_t)id, "status", "ok", "name",
                                        name, "version", version));
}

/* ==== Reading ============================================================ */

static dc_status garbage(dc_error *e, const char *what)
{
    return dc_error_set(e, DC_FAILED, NULL, -1, "answered garbage: %s", what);
}

/* The object with the right id, or NULL with the reason in e. */
static json_t *load(const char *line, size_t length, int64_t id, dc_error *e)
{
    json_t *j = json_loadb(line, length, 0, NULL);
    const json_t *got = json_object_get(j, "id");
    char begin[48];

    if (!json_is_object(j)) {
        dc_process_plain(begin, sizeof begin, line, length);
        dc_error_set(e, DC_FAILED, NULL, -1,
                     "answered garbage: no JSON object: \"%s\"", begin);
    } else if (!json_is_integer(got)) {
        garbage(e, "no integer id");
    } else if (json_integer_value(got) != id) {
        dc_error_set(e, DC_FAILED, NULL, -1,
                     "answered garbage: id %lld to request %lld",
                     (long long)json_integer_value(got), (long long)id);
    } else {
        return j;
    }
    json_decref(j);
    return NULL;
}

static void plain(char *to, size_t size, const json_t *text)
{
    dc_process_plain(to, size,
                     json_is_string(text) ? json_string_value(text) : "",
                     json_string_length(text));
}

dc_status dc_reply_greeted(const char *line, size_t length, int64_t id,
                           dc_hello *hello, dc_error *e)
{
    json_t *j = load(line, length, id, e);
    const json_t *list = json_object_get(j, "declares");
    const char *status = json_string_value(json_object_get(j, "status"));
    char reason[160];
    char one[DC_REPLY_TEXT];
    dc_status answer = DC_OK;

    memset(hello, 0, sizeof *hello);
    if (!j)
        return DC_FAILED;
    plain(hello->name, sizeof hello->name, json_object_get(j, "name"));
    plain(hello->version, sizeof hello->version, json_object_get(j, "version"));
    plain(hello->declares, sizeof hello->declares, list);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const size_t n = strlen(hello->declares);

        plain(one, sizeof one, json_array_get(list, i));
        snprintf(hello->declares + n, sizeof hello->declares - n, "%s%s",
                 n ? "," : "", one);
    }
    plain(reason, sizeof reason, json_object_get(j, "reason"));
    if (!status || strcmp(status, "ok"))
        answer = *reason ? dc_error_set(e, DC_FAILED, NULL, -1, "%s", reason)
                         : garbage(e, "hello is not ok");
    else if (!*hello->name)
        answer = garbage(e, "hello says no name");
    json_decref(j);
    return answer;
}

/* The shape of an answered tensor, and how many bytes follow for it.  At most
 * 16 times what was expected, or 1 MiB, is taken in. */
static dc_status read_tensor(const json_t *tensor, dc_expected *awaited,
                             dc_answer *answer, dc_error *e)
{
    const json_t *name = json_object_get(tensor, "name");
    const json_t *list = json_object_get(tensor, "shape");
    const dc_tensor out = dc_ops[awaited->op].out;
    const int64_t size = dc_formats[awaited->p->dtype].size;
    const int axes = (int)json_array_size(list);
    int64_t want[5];
    int64_t got[5] = {0};
    const int want_axes = dc_problem_shape(awaited->p, out, want);
    int64_t most = dc_problem_count(awaited->p, out);
    int64_t bytes = size;

    if (find_tensor(name) != out)
        return garbage(e, json_is_string(name)
                              ? "a tensor that was not asked for"
                              : "a tensor without a name");
    if (!json_is_array(list) || json_array_size(list) > 5)
        return garbage(e, "a tensor without a shape of up to 5 axes");
    if (__builtin_mul_overflow(most, 16 * size, &most))
        most = INT64_MAX;
    most = most > 1 << 20 ? most : 1 << 20;
    for (int a = 0; a < axes; a++) {
        const json_t *extent = json_array_get(list, (size_t)a);

        got[a] = json_integer_value(extent);
        if (!json_is_integer(extent) || got[a] < 0 ||
            __builtin_mul_overflow(bytes, got[a], &bytes) || bytes > most)
            return garbage(e, "an absurd shape");
    }
    if (axes != want_axes || memcmp(got, want, (size_t)axes * sizeof want[0])) {
        answer->shape_axes = axes;
        memcpy(answer->shape, got, sizeof got);
    }
    awaited->bytes[awaited->tensors++] = bytes;
    return DC_OK;
}

static dc_status read_tensors(const json_t *list, dc_expected *awaited,
                              dc_answer *answer, dc_error *e)
{
    const size_t most = answer->status != DC_OK ? 0 : awaited->hosted ? 2 : 1;

    if (json_array_size(list) > most)
        return garbage(e, "too many tensors");
    if (answer->status == DC_OK && !json_array_size(list))
        return garbage(e, "no tensor");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const dc_status status =
            read_tensor(json_array_get(list, i), awaited, answer, e);

        if (status != DC_OK)
            return status;
    }
    return DC_OK;
}

static int64_t position(const json_t *j, const char *key)
{
    const json_t *value = json_object_get(j, key);

    return json_is_integer(value) ? json_integer_value(value) : -1;
}

dc_status dc_reply_read(const char *line, size_t length, dc_expected *awaited,
                        dc_answer *answer, dc_error *e)
{
    json_t *j = load(line, length, awaited->id, e);
    const char *word = json_string_value(json_object_get(j, "status"));
    const json_t *reason = json_object_get(j, "reason");
    dc_status status = DC_OK;
    const int known = find(word, statuses, STATUSES);

    awaited->tensors = 0;
    awaited->fault[0] = 0;
    awaited->died = false;
    if (!j)
        return DC_FAILED;
    if (awaited->hosted && word && !strcmp(word, "fault")) {
        plain(awaited->fault, sizeof awaited->fault, reason);
    } else if (awaited->hosted && word && !strcmp(word, "died")) {
        awaited->died = true;
        plain(answer->reason, sizeof answer->reason, reason);
        answer->side =
            (dc_side)(find(json_string_value(json_object_get(j, "side")),
                           dc_reply_sides, SIDES) %
                      SIDES);
    } else if (known == STATUSES || (known == DC_NOMEM && !awaited->hosted)) {
        status = garbage(e, "no known status");
    } else {
        answer->status = (dc_status)known;
        plain(answer->reason, sizeof answer->reason, reason);
        status = awaited->refusal ? DC_OK
                                  : read_tensors(json_object_get(j, "tensors"),
                                                 awaited, answer, e);
    }
    if (awaited->hosted) {
        answer->unwritten = position(j, "unwritten");
        answer->repeat = position(j, "repeat");
        answer->tensor = find_tensor(
            json_object_get(j, awaited->died ? "tensor" : "changed"));
    }
    answer->seconds = json_number_value(json_object_get(j, "seconds"));
    json_decref(j);
    return status;
}

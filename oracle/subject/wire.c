/* SPDX-License-Identifier: MIT
 *
 * Writes and reads requests; one table of the problem's fields serves both
 * directions.
 */
#include "oracle/subject/wire.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"

typedef enum { SMALL, NUMBER, AXES } field_type; /* int32_t, int64_t, [3] */

/* The fields of dc_problem in its order, without `size` and `dtype`. */
static const struct {
    const char *name;
    size_t at;
    field_type type;
} fields[] = {
    {"rank", offsetof(dc_problem, rank), SMALL},
    {"unbatched", offsetof(dc_problem, unbatched), SMALL},
    {"has_bias", offsetof(dc_problem, has_bias), SMALL},
    {"n", offsetof(dc_problem, n), NUMBER},
    {"ci", offsetof(dc_problem, ci), NUMBER},
    {"co", offsetof(dc_problem, co), NUMBER},
    {"g", offsetof(dc_problem, g), NUMBER},
    {"i", offsetof(dc_problem, i), AXES},
    {"k", offsetof(dc_problem, k), AXES},
    {"s", offsetof(dc_problem, s), AXES},
    {"d", offsetof(dc_problem, d), AXES},
    {"pb", offsetof(dc_problem, pb), AXES},
    {"pe", offsetof(dc_problem, pe), AXES},
    {"op", offsetof(dc_problem, op), AXES},
    {"o", offsetof(dc_problem, o), AXES},
};
enum { FIELDS = sizeof fields / sizeof *fields };

/* Words of the key "ask"; no tensor bytes follow such a request. */
static const char *const ask_words[DC_REQUESTS] = {
    [DC_REQUEST_REFUSE] = "refuse",
    [DC_REQUEST_SUPPORTS] = "supports",
    [DC_REQUEST_LARGE] = "large",
    [DC_REQUEST_SETTLE] = "settle"};

/* ==== Writing ============================================================ */

dc_status dc_wire_line(char **line, json_t *j)
{
    const size_t flags = JSON_COMPACT | JSON_ENSURE_ASCII;
    const size_t size = j ? json_dumpb(j, NULL, 0, flags) : 0;

    *line = size ? malloc(size + 2) : NULL;
    if (*line) {
        json_dumpb(j, *line, size, flags);
        memcpy(*line + size, "\n", 2);
    }
    json_decref(j);
    return *line ? DC_OK : DC_NOMEM;
}

static json_t *from_numbers(const int64_t *at, int count)
{
    json_t *list = json_array();

    for (int i = 0; i < count; i++)
        json_array_append_new(list, json_integer(at[i]));
    return list;
}

/* "f32", or "dtype7" for a number that is no type. */
static json_t *from_dtype(int32_t dtype)
{
    return dtype >= 0 && dtype < DC_FORMATS
               ? json_string(dc_formats[dtype].name)
               : json_sprintf("dtype%d", (int)dtype);
}

/* Entries of an axis field: the rank, even if that is illegal, within the
 * array's bounds. */
static int axes_of(const dc_problem *p)
{
    return p->rank < 0 ? 0 : p->rank > 3 ? 3 : p->rank;
}

static json_t *from_problem(const dc_problem *p)
{
    json_t *j = json_object();

    for (int f = 0; f < FIELDS; f++) {
        const void *at = (const char *)p + fields[f].at;

        json_object_set_new(
            j, fields[f].name,
            fields[f].type == AXES     ? from_numbers(at, axes_of(p))
            : fields[f].type == NUMBER ? json_integer(*(const int64_t *)at)
                                       : json_integer(*(const int32_t *)at));
        if (f == 0)
            json_object_set_new(j, "dtype", from_dtype(p->dtype));
    }
    return j;
}

json_t *dc_wire_tensor(const dc_problem *p, dc_tensor t)
{
    int64_t shape[5];
    const int axes = dc_problem_shape(p, t, shape);

    return json_pack("{s:s, s:o}", "name", dc_tensor_names[t], "shape",
                     from_numbers(shape, axes));
}

dc_status dc_wire_write(char **line, const dc_request *request)
{
    const dc_problem *p = &request->p;
    const dc_op_info *info = &dc_ops[request->op];
    json_t *tensors = json_array();
    json_t *const reentrant = request->reentrant ? json_true() : NULL;

    if (request->kind == DC_REQUEST_HELLO)
        return dc_wire_line(line, json_pack("{s:i, s:I, s:s, s:o}", "deconform",
                                            1, "id", (json_int_t)request->id,
                                            "op", "hello", "tensors", tensors));
    for (int a = 0; a < info->takes; a++)
        if (request->kind == DC_REQUEST_CALL &&
            dc_op_takes(p, request->op, info->in[a]))
            json_array_append_new(tensors, dc_wire_tensor(p, info->in[a]));
    return dc_wire_line(
        line, json_pack("{s:i, s:I, s:s, s:s*, s:s*, s:o*, s:o, s:o, s:o}",
                        "deconform", 1, "id", (json_int_t)request->id, "op",
                        info->name, "ask", ask_words[request->kind], "case",
                        *request->token ? request->token : NULL, "reentrant",
                        reentrant, "dtype", from_dtype(p->dtype), "problem",
                        from_problem(p), "tensors", tensors));
}

dc_status dc_wire_send(dc_process *process, const dc_request *request,
                       const char *line, const void *const *tensors,
                       dc_error *e)
{
    const dc_problem *p = &request->p;
    const dc_op_info *info = &dc_ops[request->op];
    dc_chunk chunks[DC_PROCESS_CHUNKS] = {{line, (int64_t)strlen(line)}};
    int count = 1;

    for (int a = 0; tensors && a < info->takes; a++) {
        const dc_tensor t = info->in[a];
        const int64_t bytes = (int64_t)dc_problem_bytes(p, t);

        if (!dc_op_takes(p, request->op, t))
            continue;
        if (bytes && !tensors[t])
            return dc_failed(e, "%s needs %s", info->name, dc_tensor_names[t]);
        chunks[count++] = (dc_chunk){tensors[t], bytes};
    }
    dc_process_send(process, chunks, count);
    return DC_OK;
}

/* ==== Reading ============================================================ */

static dc_status not_a_request(dc_error *e, const char *why)
{
    return dc_failed(e, "no request: %s", why);
}

/* A problem; `legal`: it must be legal. */
static dc_status to_problem(const json_t *j, bool legal, dc_problem *p,
                            dc_error *e)
{
    const char *dtype = json_string_value(json_object_get(j, "dtype"));
    int number;

    memset(p, 0, sizeof *p);
    p->size = sizeof *p;
    p->dtype = dtype ? dc_format_find(dtype, strlen(dtype)) : -1;
    if (!legal && dtype && sscanf(dtype, "dtype%d", &number) == 1)
        p->dtype = number;
    for (int f = 0; f < FIELDS; f++) {
        const json_t *value = json_object_get(j, fields[f].name);
        const bool axes = fields[f].type == AXES;
        char *at = (char *)p + fields[f].at;

        if (axes &&
            json_array_size(value) != (size_t)(legal ? p->rank : axes_of(p)))
            return not_a_request(e, fields[f].name);
        for (int a = 0; a < (axes ? axes_of(p) : 1); a++) {
            const json_t *one = axes ? json_array_get(value, (size_t)a) : value;
            const int64_t v = json_integer_value(one);

            if (!json_is_integer(one))
                return not_a_request(e, fields[f].name);
            if (fields[f].type == SMALL)
                *(int32_t *)(void *)at = (int32_t)v;
            else
                ((int64_t *)(void *)at)[a] = v;
        }
    }
    return legal ? dc_problem_check(p, e) : DC_OK;
}

dc_status dc_wire_read(const char *line, size_t length, dc_request *request,
                       dc_error *e)
{
    json_t *j = json_loadb(line, length, 0, NULL);
    const char *op = json_string_value(json_object_get(j, "op"));
    const char *ask = json_string_value(json_object_get(j, "ask"));
    const json_t *id = json_object_get(j, "id");
    dc_status status = DC_OK;

    *request = (dc_request){.id = json_integer_value(id),
                            .kind = DC_REQUEST_CALL,
                            .op = DC_OPS,
                            .reentrant =
                                json_is_true(json_object_get(j, "reentrant"))};
    for (int o = 0; op && o < DC_OPS; o++)
        if (!strcmp(dc_ops[o].name, op))
            request->op = (dc_op)o;
    for (int k = 0; ask && k < DC_REQUESTS; k++)
        if (ask_words[k] && !strcmp(ask_words[k], ask))
            request->kind = (dc_request_kind)k;
    if (op && !strcmp(op, "hello"))
        request->kind = DC_REQUEST_HELLO;
    if (!json_is_integer(id))
        status = not_a_request(e, "no id");
    else if (request->kind != DC_REQUEST_HELLO && request->op == DC_OPS)
        status = not_a_request(e, "no known op");
    else if (request->kind != DC_REQUEST_HELLO)
        status = to_problem(json_object_get(j, "problem"),
                            request->kind != DC_REQUEST_REFUSE, &request->p, e);
    json_decref(j);
    return status;
}

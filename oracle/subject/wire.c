/* SPDX-License-Identifier: MIT
 *
 * Writing and reading requests.  One table of the problem's fields serves both
 * directions.
 */
#include "oracle/subject/wire.h"

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"

/* The fields of dc_problem, `size` and `dtype` left out, in its order. */
static const struct {
    const char *name;
    size_t at;
    int kind; /* 32: int32_t, 64: int64_t, 3: int64_t per axis */
} fields[] = {
    {"rank", offsetof(dc_problem, rank), 32},
    {"unbatched", offsetof(dc_problem, unbatched), 32},
    {"has_bias", offsetof(dc_problem, has_bias), 32},
    {"n", offsetof(dc_problem, n), 64},
    {"ci", offsetof(dc_problem, ci), 64},
    {"co", offsetof(dc_problem, co), 64},
    {"g", offsetof(dc_problem, g), 64},
    {"i", offsetof(dc_problem, i), 3},
    {"k", offsetof(dc_problem, k), 3},
    {"s", offsetof(dc_problem, s), 3},
    {"d", offsetof(dc_problem, d), 3},
    {"pb", offsetof(dc_problem, pb), 3},
    {"pe", offsetof(dc_problem, pe), 3},
    {"op", offsetof(dc_problem, op), 3},
    {"o", offsetof(dc_problem, o), 3},
};
enum { FIELDS = sizeof fields / sizeof *fields };

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
    char text[24];

    if (dtype >= 0 && dtype < DC_FORMATS)
        return json_string(dc_formats[dtype].name);
    snprintf(text, sizeof text, "dtype%d", (int)dtype);
    return json_string(text);
}

/* An illegal rank has as many entries as an axis field holds at most. */
static int axes_of(const dc_problem *p)
{
    return p->rank < 0 ? 0 : p->rank > 3 ? 3 : p->rank;
}

static json_t *from_problem(const dc_problem *p)
{
    json_t *j = json_object();

    for (int f = 0; f < FIELDS; f++) {
        const char *at = (const char *)p + fields[f].at;
        int64_t v[3] = {0};

        if (fields[f].kind == 32) {
            int32_t small;

            memcpy(&small, at, sizeof small);
            v[0] = small;
        } else {
            memcpy(v, at, fields[f].kind == 3 ? sizeof v : sizeof v[0]);
        }
        json_object_set_new(j, fields[f].name,
                            fields[f].kind == 3 ? from_numbers(v, axes_of(p))
                                                : json_integer(v[0]));
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

dc_status dc_wire_request(char **line, int64_t id, const dc_case *c, dc_op op)
{
    char text[DC_CASE_MAX];
    json_t *tensors = json_array();

    if (!c)
        return dc_wire_line(line, json_pack("{s:i, s:I, s:s, s:o}", "deconform",
                                            1, "id", (json_int_t)id, "op",
                                            "hello", "tensors", tensors));
    for (int a = 0; a < dc_ops[op].takes; a++)
        if (dc_op_takes(&c->p, op, dc_ops[op].in[a]))
            json_array_append_new(tensors,
                                  dc_wire_tensor(&c->p, dc_ops[op].in[a]));
    dc_case_print(c, text);
    return dc_wire_line(
        line, json_pack("{s:i, s:I, s:s, s:s, s:s, s:o, s:o}", "deconform", 1,
                        "id", (json_int_t)id, "op", dc_ops[op].name, "case",
                        text, "dtype", dc_formats[c->p.dtype].name, "problem",
                        from_problem(&c->p), "tensors", tensors));
}

dc_status dc_wire_raw(char **line, int64_t id, const char *token,
                      const char *ask, const dc_problem *p, dc_op op)
{
    return dc_wire_line(line,
                        json_pack("{s:i, s:I, s:s, s:s, s:s, s:o, s:o, s:[]}",
                                  "deconform", 1, "id", (json_int_t)id, "op",
                                  dc_ops[op].name, "ask", ask, "case", token,
                                  "dtype", from_dtype(p->dtype), "problem",
                                  from_problem(p), "tensors"));
}

/* ==== Reading ============================================================ */

static dc_status not_a_request(dc_error *e, const char *what)
{
    return dc_error_set(e, DC_FAILED, NULL, -1, "no request: %s", what);
}

/* any: the problem may be illegal. */
static dc_status to_problem(const json_t *j, int any, dc_problem *p,
                            dc_error *e)
{
    int dtype;
    const char *dtype_text = json_string_value(json_object_get(j, "dtype"));

    memset(p, 0, sizeof *p);
    p->size = sizeof *p;
    p->dtype = dtype_text ? dc_format_find(dtype_text, strlen(dtype_text)) : -1;
    for (int f = 0; f < FIELDS; f++) {
        const json_t *value = json_object_get(j, fields[f].name);
        const int axes = fields[f].kind == 3;
        int64_t v[3] = {0};

        if (axes &&
            json_array_size(value) != (size_t)(any ? axes_of(p) : p->rank))
            return not_a_request(e, fields[f].name);
        for (int a = 0; a < (axes ? axes_of(p) : 1); a++) {
            const json_t *one = axes ? json_array_get(value, (size_t)a) : value;

            if (!json_is_integer(one))
                return not_a_request(e, fields[f].name);
            v[a] = json_integer_value(one);
        }
        if (fields[f].kind == 32) {
            const int32_t small = (int32_t)v[0];

            memcpy((char *)p + fields[f].at, &small, sizeof small);
        } else {
            memcpy((char *)p + fields[f].at, v, axes ? sizeof v : sizeof v[0]);
        }
    }
    if (any && dtype_text && sscanf(dtype_text, "dtype%d", &dtype) == 1)
        p->dtype = dtype;
    return any ? DC_OK : dc_problem_check(p, e);
}

dc_status dc_wire_asked(const char *line, size_t length, dc_request *asked,
                        dc_error *e)
{
    json_t *j = json_loadb(line, length, 0, NULL);
    const char *op = json_string_value(json_object_get(j, "op"));
    const char *ask = json_string_value(json_object_get(j, "ask"));
    const json_t *id = json_object_get(j, "id");
    dc_status status = DC_OK;

    memset(asked, 0, sizeof *asked);
    asked->op = DC_OPS;
    for (int o = 0; op && o < DC_OPS; o++)
        if (!strcmp(dc_ops[o].name, op))
            asked->op = (dc_op)o;
    asked->hello = op && !strcmp(op, "hello");
    asked->refuse = ask && !strcmp(ask, DC_WIRE_REFUSE);
    asked->large = ask && !strcmp(ask, DC_WIRE_LARGE);
    asked->id = json_integer_value(id);
    if (!json_is_integer(id))
        status = not_a_request(e, "no id");
    else if (asked->op == DC_OPS && !asked->hello)
        status = not_a_request(e, "no known op");
    else if (!asked->hello)
        status = to_problem(json_object_get(j, "problem"), asked->refuse,
                            &asked->p, e);
    json_decref(j);
    return status;
}

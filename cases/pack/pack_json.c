/* SPDX-License-Identifier: MIT
 *
 * The format json: one file a case, every number as its bit pattern and as a
 * hexadecimal constant.  pack.schema.json describes it.  An answer needs one
 * of the two.
 */
#include "cases/pack/pack_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"

/* An element as bits and as a constant, with quotes and commas, and as much
 * again for those who indent. */
enum { BYTES_EACH = 160 };

/* ==== Writing =========================================================== */

static void put_numbers(dc_pack_text *to, const dc_problem *p, dc_tensor t,
                        const void *values)
{
    const int digits = dc_formats[p->dtype].size * 2;
    const int64_t count = dc_problem_count(p, t);
    char hex[DC_PACK_HEX];

    dc_pack_say(to, "\"bits\":[");
    for (int64_t i = 0; i < count; i++)
        dc_pack_say(to, "%s\"%0*" PRIx64 "\"", i ? "," : "", digits,
                    dc_format_bits(p->dtype, values, i));
    dc_pack_say(to, "],\n\"hex\":[");
    for (int64_t i = 0; i < count; i++) {
        dc_pack_hex(dc_format_get(p->dtype, values, i), hex);
        dc_pack_say(to, "%s\"%s\"", i ? "," : "", hex);
    }
    dc_pack_say(to, "]");
}

dc_status dc_pack_json_write(const dc_pack_case *c, dc_pack_sink *to,
                             dc_error *e)
{
    const dc_problem *p = &c->c.p;
    char path[DC_PACK_PATH];
    char name[DC_CASE_MAX];
    dc_pack_text text = {0};
    int first = 1;

    dc_case_print(&c->c, name);
    dc_pack_say(&text,
                "{\"deconform_tensors\":%d,\n\"id\":\"%s\",\n"
                "\"case\":\"%s\",\n\"dtype\":\"%s\",\n\"tensors\":{\n",
                DC_PACK_VERSION, c->id, name, dc_formats[p->dtype].name);
    for (int t = 0; t < DC_TENSORS; t++) {
        int64_t shape[5];
        const int axes = dc_problem_shape(p, (dc_tensor)t, shape);

        if (!c->tensors[t])
            continue;
        dc_pack_say(&text, "%s\"%s\":{\"shape\":[", first ? "" : ",\n",
                    dc_tensor_names[t]);
        for (int a = 0; a < axes; a++)
            dc_pack_say(&text, "%s%lld", a ? "," : "", (long long)shape[a]);
        dc_pack_say(&text, "],\n");
        put_numbers(&text, p, (dc_tensor)t, c->tensors[t]);
        dc_pack_say(&text, "}");
        first = 0;
    }
    dc_pack_say(&text, "}}\n");
    dc_pack_path(c, ".json", path);
    return dc_pack_put_text(to, path, &text, e);
}

/* ==== Reading =========================================================== */

void dc_pack_json_shape(const json_t *shape, dc_pack_found *found)
{
    found->axes = json_is_array(shape) ? (int)json_array_size(shape) : -1;
    for (int a = 0; a < found->axes && a < 5; a++) {
        const json_t *extent = json_array_get(shape, (size_t)a);

        found->shape[a] =
            json_is_integer(extent) ? json_integer_value(extent) : -1;
    }
}

/* "3f800000", all of it, in the width of the type. */
static int read_bits(int dtype, const char *text, void *room, int64_t i)
{
    const int size = dc_formats[dtype].size;
    char *end;
    uint64_t bits;
    char *at = (char *)room + i * size;

    if (!text || strlen(text) != (size_t)size * 2 ||
        strspn(text, "0123456789abcdefABCDEF") != strlen(text))
        return 0;
    bits = strtoull(text, &end, 16);
    if (size == 8) {
        memcpy(at, &bits, 8);
    } else if (size == 4) {
        const uint32_t b = (uint32_t)bits;
        memcpy(at, &b, 4);
    } else {
        const uint16_t b = (uint16_t)bits;
        memcpy(at, &b, 2);
    }
    return 1;
}

/* A hexadecimal constant that is a value of the type; "nan" and "inf" too. */
static int read_hex(int dtype, const char *text, void *room, int64_t i)
{
    char *end;
    double v;

    if (!text || !*text)
        return 0;
    v = strtod(text, &end);
    if (*end || (v == v && dc_format_round(dtype, v) != v))
        return 0;
    dc_format_set(dtype, room, i, v);
    return 1;
}

static void read_tensor(const char *file, const char *name, const json_t *j,
                        const char *dtype, int want, dc_pack_tensors *to)
{
    static const struct {
        const char *key;
        int (*read)(int dtype, const char *text, void *room, int64_t i);
    } forms[] = {{"bits", read_bits}, {"hex", read_hex}};
    const char *own = json_string_value(json_object_get(j, "dtype"));
    dc_pack_found found = {.file = file,
                           .name = name,
                           .name_size = (int)strlen(name),
                           .dtype = own     ? own
                                    : dtype ? dtype
                                            : "?"};
    const dc_tensor t = dc_pack_tensor(name, found.name_size);
    const int form = !json_is_array(json_object_get(j, "bits"));
    const json_t *list = json_object_get(j, forms[form].key);
    void *room;

    found.right_dtype = strcmp(found.dtype, dc_formats[to->p.dtype].name) == 0;
    dc_pack_json_shape(json_object_get(j, "shape"), &found);
    room = dc_pack_room(to, want, &found);
    if (!room)
        return;
    const int64_t count = dc_problem_count(&to->p, t);
    if (!json_is_array(list) || (int64_t)json_array_size(list) != count) {
        dc_pack_spoil(to, room,
                      "%.100s: %.20s needs an array `bits` or `hex` of %lld "
                      "strings",
                      file, name, (long long)count);
        return;
    }
    for (int64_t i = 0; i < count; i++)
        if (!forms[form].read(
                to->p.dtype, json_string_value(json_array_get(list, (size_t)i)),
                room, i)) {
            dc_pack_spoil(to, room, "%.100s: element %lld of %.20s is no %s",
                          file, (long long)i, name,
                          dc_formats[to->p.dtype].name);
            return;
        }
}

dc_status dc_pack_json_read(const char *base, int want, dc_pack_tensors *to,
                            dc_error *e)
{
    char *bytes;
    size_t size;
    json_error_t why;
    json_t *all;
    json_t *tensors;
    const char *name;
    json_t *j;
    dc_status status = dc_pack_slurp(
        base, dc_pack_most(&to->p, (1 << DC_TENSORS) - 1, BYTES_EACH), &bytes,
        &size, e);

    if (status != DC_OK)
        return status;
    all = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &why);
    free(bytes);
    tensors = json_object_get(all, "tensors");
    if (!all)
        status = dc_error_set(e, DC_FAILED, NULL, -1,
                              "%.110s is no JSON: %.80s (line %d)", base,
                              why.text, why.line);
    else if (!json_is_object(tensors))
        status = dc_error_set(e, DC_FAILED, NULL, -1,
                              "%.150s has no object `tensors`", base);
    else
        json_object_foreach(tensors, name, j) read_tensor(
            base, name, j, json_string_value(json_object_get(all, "dtype")),
            want, to);
    json_decref(all);
    return status;
}

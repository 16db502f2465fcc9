/* SPDX-License-Identifier: MIT
 *
 * The format json: one file per case, every number as its bit pattern and as a
 * hexadecimal constant.  An answer needs only one of the two.  pack.schema.json
 * describes the format.
 */
#include "cases/pack/pack_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"

/* ==== Writing =========================================================== */

static void put_numbers(dc_pack_text *to, const dc_problem *p, dc_tensor t,
                        const void *values)
{
    const int digits = dc_formats[p->dtype].size * 2;
    const int64_t count = dc_problem_count(p, t);
    char hex[DC_PACK_HEX];

    dc_pack_print(to, "\"bits\":[");
    for (int64_t i = 0; i < count; i++)
        dc_pack_print(to, "%s\"%0*" PRIx64 "\"", i ? "," : "", digits,
                      dc_format_bits(p->dtype, values, i));
    dc_pack_print(to, "],\n\"hex\":[");
    for (int64_t i = 0; i < count; i++) {
        dc_pack_hex(dc_format_get(p->dtype, values, i), hex);
        dc_pack_print(to, "%s\"%s\"", i ? "," : "", hex);
    }
    dc_pack_print(to, "]");
}

dc_status dc_pack_json_write(const dc_pack_case *c, dc_pack_sink *to,
                             dc_error *e)
{
    const dc_problem *p = &c->c.p;
    char path[DC_PACK_PATH];
    char name[DC_CASE_MAX];
    dc_pack_text text = {0};
    bool first = true;

    dc_case_print(&c->c, name);
    dc_pack_print(&text,
                  "{\"deconform_tensors\":%d,\n\"id\":\"%s\",\n"
                  "\"case\":\"%s\",\n\"dtype\":\"%s\",\n\"tensors\":{\n",
                  DC_PACK_VERSION, c->id, name, dc_formats[p->dtype].name);
    for (int t = 0; t < DC_TENSORS; t++) {
        if (!c->tensors[t])
            continue;
        dc_pack_print(&text, "%s\"%s\":{\"shape\":", first ? "" : ",\n",
                      dc_tensor_names[t]);
        dc_pack_print_shape(&text, p, (dc_tensor)t);
        dc_pack_print(&text, ",\n");
        put_numbers(&text, p, (dc_tensor)t, c->tensors[t]);
        dc_pack_print(&text, "}");
        first = false;
    }
    dc_pack_print(&text, "}}\n");
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

/* Reads a bit pattern with all digits of the type, as "3f800000". */
static bool read_bits(int dtype, const char *text, void *values, int64_t i)
{
    const size_t digits = (size_t)dc_formats[dtype].size * 2;

    if (!text || strlen(text) != digits ||
        strspn(text, "0123456789abcdefABCDEF") != digits)
        return false;
    dc_format_set_bits(dtype, values, i, strtoull(text, NULL, 16));
    return true;
}

/* Reads a constant, which must be a value of the type; also "nan", "inf". */
static bool read_hex(int dtype, const char *text, void *values, int64_t i)
{
    char *end;
    double v;

    if (!text || !*text)
        return false;
    v = strtod(text, &end);
    if (*end || (v == v && dc_format_round(dtype, v) != v))
        return false;
    dc_format_set(dtype, values, i, v);
    return true;
}

static void read_tensor(const char *file, const char *name, const json_t *j,
                        const char *dtype, dc_tensor_set want,
                        dc_pack_tensors *to)
{
    static const struct {
        const char *key;
        bool (*read)(int dtype, const char *text, void *values, int64_t i);
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
    void *buffer;

    found.right_dtype = strcmp(found.dtype, dc_formats[to->p.dtype].name) == 0;
    dc_pack_json_shape(json_object_get(j, "shape"), &found);
    buffer = dc_pack_accept(to, want, &found);
    if (!buffer)
        return;
    const int64_t count = dc_problem_count(&to->p, t);
    if (!json_is_array(list) || (int64_t)json_array_size(list) != count) {
        dc_pack_reject(to, t,
                       "%.100s: %.20s needs an array `bits` or `hex` of %lld "
                       "strings",
                       file, name, (long long)count);
        return;
    }
    for (int64_t i = 0; i < count; i++)
        if (!forms[form].read(
                to->p.dtype, json_string_value(json_array_get(list, (size_t)i)),
                buffer, i)) {
            dc_pack_reject(to, t, "%.100s: element %lld of %.20s is no %s",
                           file, (long long)i, name,
                           dc_formats[to->p.dtype].name);
            return;
        }
}

dc_status dc_pack_json_read(const char *base, dc_tensor_set want,
                            dc_pack_tensors *to, dc_error *e)
{
    char *bytes;
    size_t size;
    json_error_t why;
    json_t *all;
    json_t *tensors;
    const char *name;
    json_t *j;
    dc_status status = dc_pack_read_file(
        base, dc_pack_bytes_max(&to->p, DC_PACK_ALL, DC_PACK_BYTES_EACH),
        &bytes, &size, e);

    if (status != DC_OK)
        return status;
    all = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &why);
    free(bytes);
    tensors = json_object_get(all, "tensors");
    if (!all)
        status = dc_failed(e, "%.110s is no JSON: %.80s (line %d)", base,
                           why.text, why.line);
    else if (!json_is_object(tensors))
        status = dc_failed(e, "%.150s has no object `tensors`", base);
    else
        json_object_foreach(tensors, name, j)
        {
            read_tensor(base, name, j,
                        json_string_value(json_object_get(all, "dtype")), want,
                        to);
        }
    json_decref(all);
    return status;
}

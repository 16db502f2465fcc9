/* SPDX-License-Identifier: MIT
 *
 * The format safetensors: one file a case, eight bytes of length, a header
 * in JSON, and the numbers in one block.
 */
#include "cases/pack/pack_internal.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"

static const char *const dtypes[DC_FORMATS] = {"F64", "F32", "F16", "BF16"};
enum { LENGTH = 8, HEADER_MAX = 1 << 20 };

/* ==== Writing =========================================================== */

static void put_tensor_line(dc_pack_text *to, const dc_problem *p, dc_tensor t,
                            int64_t *at)
{
    int64_t shape[5];
    const int axes = dc_problem_shape(p, t, shape);
    const int64_t end = *at + (int64_t)dc_problem_bytes(p, t);

    dc_pack_say(to, ",\"%s\":{\"dtype\":\"%s\",\"shape\":[", dc_tensor_names[t],
                dtypes[p->dtype]);
    for (int a = 0; a < axes; a++)
        dc_pack_say(to, "%s%lld", a ? "," : "", (long long)shape[a]);
    dc_pack_say(to, "],\"data_offsets\":[%lld,%lld]}", (long long)*at,
                (long long)end);
    *at = end;
}

dc_status dc_pack_safetensors_write(const dc_pack_case *c, dc_pack_sink *to,
                                    dc_error *e)
{
    const dc_problem *p = &c->c.p;
    char path[DC_PACK_PATH];
    char name[DC_CASE_MAX];
    dc_pack_text header = {0};
    dc_pack_text file = {0};
    unsigned char length[LENGTH];
    int64_t at = 0;

    dc_case_print(&c->c, name);
    dc_pack_say(&header,
                "{\"__metadata__\":{\"deconform\":\"%d\",\"id\":\"%s\","
                "\"case\":\"%s\"}",
                DC_PACK_VERSION, c->id, name);
    for (int t = 0; t < DC_TENSORS; t++)
        if (c->tensors[t])
            put_tensor_line(&header, p, (dc_tensor)t, &at);
    dc_pack_say(&header, "}");
    while (header.size % LENGTH && !header.failed)
        dc_pack_add(&header, " ", 1); /* the numbers begin aligned */
    for (int k = 0; k < LENGTH; k++)
        length[k] = (unsigned char)(header.size >> 8 * k & 255);
    dc_pack_add(&file, length, LENGTH);
    dc_pack_add(&file, header.bytes, header.size);
    for (int t = 0; t < DC_TENSORS; t++) {
        const size_t bytes = dc_problem_bytes(p, (dc_tensor)t);
        char *numbers = c->tensors[t] ? malloc(bytes + 1) : NULL;

        if (!c->tensors[t])
            continue;
        if (numbers) {
            dc_pack_little(p->dtype, c->tensors[t], numbers,
                           dc_problem_count(p, (dc_tensor)t));
            dc_pack_add(&file, numbers, bytes);
        }
        file.failed |= !numbers || header.failed;
        free(numbers);
    }
    free(header.bytes);
    dc_pack_path(c, ".safetensors", path);
    return dc_pack_put_text(to, path, &file, e);
}

/* ==== Reading =========================================================== */

/* Two offsets within the block of numbers. */
static int read_offsets(const json_t *pair, size_t block, int64_t at[2])
{
    if (!json_is_array(pair) || json_array_size(pair) != 2)
        return 0;
    for (size_t k = 0; k < 2; k++) {
        const json_t *number = json_array_get(pair, k);

        if (!json_is_integer(number))
            return 0;
        at[k] = json_integer_value(number);
    }
    return at[0] >= 0 && at[0] <= at[1] && (uint64_t)at[1] <= block;
}

static void read_tensor(const char *file, const char *name, const json_t *j,
                        const char *numbers, size_t block, int want,
                        dc_pack_tensors *to)
{
    const char *dtype = json_string_value(json_object_get(j, "dtype"));
    dc_pack_found found = {.file = file,
                           .name = name,
                           .name_size = (int)strlen(name),
                           .dtype = dtype ? dtype : "?"};
    int64_t at[2];
    void *room;
    const dc_tensor t = dc_pack_tensor(name, found.name_size);

    found.right_dtype = dtype && strcmp(dtype, dtypes[to->p.dtype]) == 0;
    dc_pack_json_shape(json_object_get(j, "shape"), &found);
    room = dc_pack_room(to, want, &found);
    if (!room)
        return;
    const size_t bytes = dc_problem_bytes(&to->p, t);
    if (!read_offsets(json_object_get(j, "data_offsets"), block, at) ||
        (uint64_t)(at[1] - at[0]) != bytes)
        dc_pack_spoil(to, room,
                      "%.100s: the offsets of %.20s are outside the file or "
                      "do not fit its shape",
                      file, name);
    else
        dc_pack_little(to->p.dtype, numbers + at[0], room,
                       dc_problem_count(&to->p, t));
}

dc_status dc_pack_safetensors_read(const char *base, int want,
                                   dc_pack_tensors *to, dc_error *e)
{
    char *bytes;
    size_t size;
    uint64_t length = 0;
    json_error_t why;
    json_t *header;
    const char *name;
    json_t *j;
    dc_status status = dc_pack_slurp(base,
                                     dc_pack_most(&to->p, (1 << DC_TENSORS) - 1,
                                                  dc_formats[to->p.dtype].size),
                                     &bytes, &size, e);

    if (status != DC_OK)
        return status;
    for (int k = 0; k < LENGTH && size >= LENGTH; k++)
        length |= (uint64_t)(unsigned char)bytes[k] << 8 * k;
    if (size < LENGTH || length > HEADER_MAX || length > size - LENGTH) {
        free(bytes);
        return dc_error_set(e, DC_FAILED, NULL, -1,
                            "%.150s is cut off, or no safetensors file", base);
    }
    header = json_loadb(bytes + LENGTH, length, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(header))
        status = dc_error_set(e, DC_FAILED, NULL, -1,
                              "%.120s: the header is no JSON object: %.80s",
                              base, header ? "" : why.text);
    else
        json_object_foreach(header, name,
                            j) if (strcmp(name, "__metadata__") != 0)
            read_tensor(base, name, j, bytes + LENGTH + length,
                        size - LENGTH - length, want, to);
    json_decref(header);
    free(bytes);
    return status;
}

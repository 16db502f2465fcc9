/* SPDX-License-Identifier: MIT
 *
 * The format safetensors: one file per case with the length of the header in
 * eight bytes, the header in JSON, and the data in one block.
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
    const int64_t end = *at + (int64_t)dc_problem_bytes(p, t);

    dc_pack_print(to,
                  ",\"%s\":{\"dtype\":\"%s\",\"shape\":", dc_tensor_names[t],
                  dtypes[p->dtype]);
    dc_pack_print_shape(to, p, t);
    dc_pack_print(to, ",\"data_offsets\":[%lld,%lld]}", (long long)*at,
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
    dc_pack_print(&header,
                  "{\"__metadata__\":{\"deconform\":\"%d\",\"id\":\"%s\","
                  "\"case\":\"%s\"}",
                  DC_PACK_VERSION, c->id, name);
    for (int t = 0; t < DC_TENSORS; t++)
        if (c->tensors[t])
            put_tensor_line(&header, p, (dc_tensor)t, &at);
    dc_pack_print(&header, "}");
    while (header.size % LENGTH && !header.failed)
        dc_pack_add(&header, " ", 1); /* so that the data are aligned */
    for (int k = 0; k < LENGTH; k++)
        length[k] = (unsigned char)(header.size >> 8 * k & 255);
    dc_pack_add(&file, length, LENGTH);
    dc_pack_add(&file, header.bytes, header.size);
    for (int t = 0; t < DC_TENSORS; t++)
        if (c->tensors[t])
            dc_pack_add_tensor(&file, p, (dc_tensor)t, c->tensors[t]);
    file.failed |= header.failed;
    free(header.bytes);
    dc_pack_path(c, ".safetensors", path);
    return dc_pack_put_text(to, path, &file, e);
}

/* ==== Reading =========================================================== */

/* Reads the offsets of a tensor's begin and end in the block of data. */
static bool read_offsets(json_t *pair, size_t block, int64_t at[2])
{
    json_int_t begin;
    json_int_t end;

    if (json_unpack(pair, "[II!]", &begin, &end) != 0)
        return false;
    at[0] = begin;
    at[1] = end;
    return begin >= 0 && begin <= end && (uint64_t)end <= block;
}

static void read_tensor(const char *file, const char *name, const json_t *j,
                        const char *data, size_t block, dc_tensor_set want,
                        dc_pack_tensors *to)
{
    const char *dtype = json_string_value(json_object_get(j, "dtype"));
    dc_pack_found found = {.file = file,
                           .name = name,
                           .name_size = (int)strlen(name),
                           .dtype = dtype ? dtype : "?"};
    int64_t at[2];
    void *buffer;
    const dc_tensor t = dc_pack_tensor(name, found.name_size);

    found.right_dtype = dtype && strcmp(dtype, dtypes[to->p.dtype]) == 0;
    dc_pack_json_shape(json_object_get(j, "shape"), &found);
    buffer = dc_pack_accept(to, want, &found);
    if (!buffer)
        return;
    if (!read_offsets(json_object_get(j, "data_offsets"), block, at) ||
        (size_t)(at[1] - at[0]) != dc_problem_bytes(&to->p, t))
        dc_pack_reject(to, t,
                       "%.100s: the offsets of %.20s are outside the file or "
                       "do not fit its shape",
                       file, name);
    else
        dc_pack_little(to->p.dtype, data + at[0], buffer,
                       dc_problem_count(&to->p, t));
}

dc_status dc_pack_safetensors_read(const char *base, dc_tensor_set want,
                                   dc_pack_tensors *to, dc_error *e)
{
    char *bytes;
    size_t size;
    uint64_t length = 0;
    json_error_t why;
    json_t *header;
    const char *name;
    json_t *j;
    dc_status status = dc_pack_read_file(
        base,
        dc_pack_bytes_max(&to->p, DC_PACK_ALL, dc_formats[to->p.dtype].size),
        &bytes, &size, e);

    if (status != DC_OK)
        return status;
    for (int k = 0; k < LENGTH && size >= LENGTH; k++)
        length |= (uint64_t)(unsigned char)bytes[k] << 8 * k;
    if (size < LENGTH || length > HEADER_MAX || length > size - LENGTH) {
        free(bytes);
        return dc_failed(e, "%.150s is cut off, or no safetensors file", base);
    }
    header = json_loadb(bytes + LENGTH, length, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(header))
        status = dc_failed(e, "%.120s: the header is no JSON object: %.80s",
                           base, header ? "" : why.text);
    else
        json_object_foreach(header, name, j)
        {
            if (strcmp(name, "__metadata__") != 0)
                read_tensor(base, name, j, bytes + LENGTH + length,
                            size - LENGTH - length, want, to);
        }
    json_decref(header);
    free(bytes);
    return status;
}

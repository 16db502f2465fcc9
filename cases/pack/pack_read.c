/* SPDX-License-Identifier: MIT
 *
 * Reading a pack back without trusting it: its index, and the tensors of a
 * case.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cases/pack/pack_internal.h"

enum {
    PATH = 4300,
    ABOUT_MAX = 1 << 20,  /* bytes of pack.json */
    LENGTH_MAX = 1 << 22, /* bytes of a line of cases.jsonl */
    CASES_MAX = 1 << 20,
    INDEX_MAX = 1 << 29 /* bytes of cases.jsonl and of SHA256SUMS */
};

/* An id becomes part of paths, so only its own letters and digits may occur. */
static bool good_id(const char *id)
{
    return id && *id && strlen(id) < DC_PACK_ID &&
           strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(id);
}

/* Reads the path of a file, which must stay below tensors/, and its
 * checksum. */
static bool read_file(const json_t *j, dc_pack_file *to)
{
    const char *path = json_string_value(json_object_get(j, "path"));
    const char *sum = json_string_value(json_object_get(j, "sha256"));

    return path && sum && strncmp(path, "tensors/", 8) == 0 &&
           !strstr(path, "..") &&
           (size_t)snprintf(to->path, sizeof to->path, "%s", path) <
               sizeof to->path &&
           (size_t)snprintf(to->sha256, sizeof to->sha256, "%s", sum) <
               sizeof to->sha256;
}

static dc_status read_entry(const json_t *j, int64_t line, dc_pack_entry *to,
                            dc_error *e)
{
    const char *id = json_string_value(json_object_get(j, "id"));
    const char *name = json_string_value(json_object_get(j, "case"));
    const json_t *files = json_object_get(j, "files");
    dc_error why;

    memset(to, 0, sizeof *to);
    if (!good_id(id) || !name || !json_is_array(files) ||
        json_array_size(files) > DC_PACK_FILES)
        return dc_failed(
            e, "cases.jsonl, line %lld: id, case and files are required",
            (long long)line);
    snprintf(to->id, sizeof to->id, "%s", id);
    if (dc_case_parse(name, &to->c, &why) != DC_OK)
        return dc_failed(e, "cases.jsonl, line %lld: %.180s", (long long)line,
                         why.text);
    for (size_t f = 0; f < json_array_size(files); f++)
        if (!read_file(json_array_get(files, f), &to->files[to->n_files++]))
            return dc_failed(e,
                             "cases.jsonl, line %lld: a path does not stay "
                             "below tensors/, or has no sha256",
                             (long long)line);
    return DC_OK;
}

static dc_status read_entries(dc_pack *pack, const char *bytes, size_t size,
                              dc_error *e)
{
    int64_t line = 0;
    size_t at = 0;

    for (size_t k = 0; k < size; k++)
        line += bytes[k] == '\n';
    if (line > CASES_MAX)
        return dc_failed(e, "cases.jsonl has more than %d lines", CASES_MAX);
    pack->entries = calloc((size_t)line + 1, sizeof *pack->entries);
    if (!pack->entries)
        return dc_nomem(e);
    for (line = 1; at < size; line++) {
        const char *end = memchr(bytes + at, '\n', size - at);
        const size_t length = end ? (size_t)(end - bytes) - at : size - at;
        json_t *j = end && length <= LENGTH_MAX
                        ? json_loadb(bytes + at, length, 0, NULL)
                        : NULL;
        dc_status status;

        if (!j)
            return dc_failed(e, "cases.jsonl, line %lld is cut off or no JSON",
                             (long long)line);
        status = read_entry(j, line, &pack->entries[pack->count], e);
        json_decref(j);
        if (status != DC_OK)
            return status;
        pack->count++;
        at += length + 1;
    }
    return pack->count ? DC_OK : dc_failed(e, "cases.jsonl holds no case");
}

static dc_status read_about(dc_pack *pack, const char *bytes, size_t size,
                            dc_error *e)
{
    json_t *j = json_loadb(bytes, size, 0, NULL);
    const json_t *version = json_object_get(j, "deconform_pack");
    const char *format = json_string_value(json_object_get(j, "format"));
    dc_status status = DC_OK;

    if (!json_is_integer(version))
        status = dc_failed(e, "%.150s/pack.json does not describe a pack",
                           pack->root);
    else if (json_integer_value(version) != DC_PACK_VERSION)
        status = dc_failed(
            e, "%.120s/pack.json: layout %lld is not known, this is for %d",
            pack->root, (long long)json_integer_value(version),
            DC_PACK_VERSION);
    else if (!format || !(pack->format = dc_pack_find(format)))
        status = dc_failed(e, "%.120s/pack.json: the format %.40s is not known",
                           pack->root, format ? format : "?");
    pack->seed = (uint64_t)json_integer_value(json_object_get(j, "seed"));
    json_decref(j);
    return status;
}

/* Compares a file of the index with its line in `sums` and reads it. */
static dc_status read_part(dc_pack *pack, const char *name, int64_t most,
                           const char *sums,
                           dc_status (*read)(dc_pack *pack, const char *bytes,
                                             size_t size, dc_error *e),
                           dc_error *e)
{
    char path[PATH];
    char sum[65];
    char line[128];
    const char *at;
    char *bytes;
    size_t size;
    dc_status status;

    snprintf(path, sizeof path, "%s/%s", pack->root, name);
    status = dc_pack_read_file(path, most, &bytes, &size, e);
    if (status != DC_OK)
        return status;
    dc_pack_sha256(bytes, size, sum);
    snprintf(line, sizeof line, "%s  %s\n", sum, name);
    at = strstr(sums, line);
    status = at && (at == sums || at[-1] == '\n')
                 ? read(pack, bytes, size, e)
                 : dc_failed(e, "%.150s does not match its line in SHA256SUMS",
                             path);
    free(bytes);
    return status;
}

dc_status dc_pack_open(dc_pack *pack, const char *root, dc_error *e)
{
    char path[PATH];
    char *sums;
    size_t size;
    dc_status status;

    memset(pack, 0, sizeof *pack);
    pack->root = root;
    snprintf(path, sizeof path, "%s/SHA256SUMS", root);
    status = dc_pack_read_file(path, INDEX_MAX, &sums, &size, e);
    if (status != DC_OK)
        return status;
    sums[size] = 0; /* the buffer has space for it */
    status = read_part(pack, "pack.json", ABOUT_MAX, sums, read_about, e);
    if (status == DC_OK)
        status =
            read_part(pack, "cases.jsonl", INDEX_MAX, sums, read_entries, e);
    if (status == DC_OK)
        status = dc_pack_check(pack, sums, e);
    free(sums);
    if (status != DC_OK)
        dc_pack_close(pack);
    return status;
}

void dc_pack_close(dc_pack *pack)
{
    free(pack->entries);
    pack->entries = NULL;
    pack->count = 0;
}

static dc_status check_files(const dc_pack *pack, const dc_pack_entry *entry,
                             dc_error *e)
{
    const int64_t most =
        dc_pack_bytes_max(&entry->c.p, DC_PACK_ALL, DC_PACK_BYTES_EACH);

    for (int f = 0; f < entry->n_files; f++) {
        char path[PATH];
        char sum[65];
        char *bytes;
        size_t size;
        dc_status status;

        snprintf(path, sizeof path, "%s/%s", pack->root, entry->files[f].path);
        status = dc_pack_read_file(path, most, &bytes, &size, e);
        if (status != DC_OK)
            return status;
        dc_pack_sha256(bytes, size, sum);
        free(bytes);
        if (strcmp(sum, entry->files[f].sha256) != 0)
            return dc_failed(e, "%.150s does not match its checksum", path);
    }
    return DC_OK;
}

dc_status dc_pack_load(const dc_pack *pack, int64_t index, dc_pack_tensors *to,
                       dc_error *e)
{
    const dc_pack_entry *entry = &pack->entries[index];
    const dc_pack_format *format = pack->format;
    char path[PATH];
    dc_status status;

    memset(to, 0, sizeof *to);
    to->p = entry->c.p;
    if (!format->read)
        return dc_error_set(e, DC_UNSUPPORTED, NULL, -1,
                            "a pack in the format %s cannot be read back; the "
                            "same cases in json have the same ids",
                            format->name);
    status = check_files(pack, entry, e);
    if (status != DC_OK)
        return status;
    snprintf(path, sizeof path, "%s/tensors/%s%s", pack->root, entry->id,
             format->suffix);
    status = format->read(path, format->tensors, to, e);
    for (int t = 0; t < DC_TENSORS && status == DC_OK; t++) {
        if (!(format->tensors & 1 << t) || (t == DC_B && !to->p.has_bias) ||
            to->data[t])
            continue;
        status = to->wrong[t][0] ? dc_failed(e, "%.220s", to->wrong[t])
                                 : dc_failed(e, "%.150s has no tensor %s", path,
                                             dc_tensor_names[t]);
    }
    if (status != DC_OK)
        dc_pack_release(to);
    return status;
}

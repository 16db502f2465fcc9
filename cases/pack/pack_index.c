/* SPDX-License-Identifier: MIT
 *
 * What does a pack say of itself?  pack.json, cases.jsonl with one line a
 * case, and SHA256SUMS; how they are written, and read back with care.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"
#include "cases/pack/pack_internal.h"

enum {
    PATH = 4300,
    ABOUT_MAX = 1 << 20,  /* bytes of pack.json */
    LENGTH_MAX = 1 << 22, /* bytes of a line of cases.jsonl */
    CASES_MAX = 1 << 20,
    INDEX_MAX = 1 << 29 /* bytes of cases.jsonl and of SHA256SUMS */
};

static const char bf16_note[] =
    "bf16 values are the upper 16 bits of binary32; in npz they are uint16";

/* ==== Writing =========================================================== */

static int add_bytes(const char *bytes, size_t size, void *to)
{
    dc_pack_add(to, bytes, size);
    return 0;
}

/* j as JSON and a newline; takes j.  The text itself remembers what failed:
 * json_dumps may forget a key when memory runs out. */
static void put_json(dc_pack_text *to, json_t *j, size_t flags)
{
    to->failed |= json_dump_callback(j, add_bytes, to, flags) != 0;
    dc_pack_add(to, "\n", 1);
    json_decref(j);
}

/* Both take the value.  One that memory did not suffice for fails the text:
 * a line with something left out would still be JSON. */
static void append(dc_pack_text *to, json_t *list, json_t *value)
{
    to->failed |= json_array_append_new(list, value) != 0;
}

static void set(dc_pack_text *to, json_t *object, const char *key,
                json_t *value)
{
    to->failed |= json_object_set_new(object, key, value) != 0;
}

static json_t *problem(dc_pack_text *to, const dc_problem *p)
{
    json_t *j = json_pack(
        "{s:i, s:s, s:i, s:i, s:I, s:I, s:I, s:I}", "rank", (int)p->rank,
        "dtype", dc_formats[p->dtype].name, "unbatched", (int)p->unbatched,
        "has_bias", (int)p->has_bias, "n", (json_int_t)p->n, "ci",
        (json_int_t)p->ci, "co", (json_int_t)p->co, "g", (json_int_t)p->g);
    const struct {
        const char *name;
        const int64_t *at;
    } rows[] = {
        {"i", p->i},   {"k", p->k},   {"s", p->s},   {"d", p->d},
        {"pb", p->pb}, {"pe", p->pe}, {"op", p->op}, {"o", p->o},
    };

    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        json_t *list = json_array();

        for (int a = 0; a < p->rank; a++)
            append(to, list, json_integer(rows[k].at[a]));
        set(to, j, rows[k].name, list);
    }
    return j;
}

/* The numbers of the elements that have several legal answers, by tensor. */
static json_t *open_elements(dc_pack_text *to, const dc_pack_case *c)
{
    json_t *j = json_object();

    for (int t = 0; t < DC_TENSORS; t++) {
        json_t *list = c->n_open[t] ? json_array() : NULL;

        for (int64_t k = 0; k < c->n_open[t]; k++)
            append(to, list, json_integer(c->open[t][k]));
        if (c->n_open[t])
            set(to, j, dc_tensor_names[t], list);
    }
    return j;
}

static void put_case(dc_pack_text *to, const dc_pack_case *c,
                     const dc_pack_sink *sink)
{
    char name[DC_CASE_MAX];
    json_t *labels = json_array();
    json_t *tensors = json_array();
    json_t *files = json_array();
    json_t *j;

    dc_case_print(&c->c, name);
    for (int k = 0; k < c->n_labels; k++)
        append(to, labels,
               json_pack("{s:s, s:s}", "name", c->labels[k].name, "hunts",
                         c->labels[k].hunts));
    for (int t = 0; t < DC_TENSORS; t++)
        if (c->tensors[t])
            append(to, tensors, json_string(dc_tensor_names[t]));
    for (int f = 0; f < sink->count; f++)
        append(to, files,
               json_pack("{s:s, s:s}", "path", sink->files[f].path, "sha256",
                         sink->files[f].sha256));
    j = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "id", c->id, "case",
                  name, "family", dc_family_names[c->c.family], "problem",
                  problem(to, &c->c.p), "labels", labels, "tensors", tensors,
                  "files", files);
    if (c->variant)
        set(to, j, "variant", json_string(c->variant));
    if (c->c.family == DC_SPECIAL)
        set(to, j, "open", open_elements(to, c));
    put_json(to, j, JSON_COMPACT);
}

static json_t *reasons(dc_pack_text *to, const dc_pack_reason *why)
{
    json_t *j = json_object();

    for (; why->text[0]; why++)
        set(to, j, why->text, json_integer(why->count));
    return j;
}

static void put_about(dc_pack_text *to, const dc_pack_about *a)
{
    json_t *settled = json_object();
    json_t *j;

    for (int k = 0; a->rungs[k]; k++)
        set(to, settled, a->rungs[k], json_integer(a->settled[k]));
    j = json_pack("{s:i, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:o, s:s}",
                  "deconform_pack", DC_PACK_VERSION, "generator", a->generator,
                  "format", a->format, "tier", a->tier, "dtypes", a->dtypes,
                  "seed", (json_int_t)a->seed, "cases", (json_int_t)a->cases,
                  "left_out", (json_int_t)a->left_out, "settled", settled,
                  "bf16", bf16_note);
    if (a->match)
        set(to, j, "match", json_string(a->match));
    if (a->left_out)
        set(to, j, "why_left_out", reasons(to, a->why));
    put_json(to, j, JSON_INDENT(2));
}

static void put_sums(dc_pack_text *to, const dc_pack_sink *sink)
{
    for (int f = 0; f < sink->count; f++)
        dc_pack_say(to, "%s  %s\n", sink->files[f].sha256, sink->files[f].path);
}

dc_status dc_pack_index(const dc_pack_about *about, const dc_pack_case *cases,
                        const dc_pack_sink *sinks, dc_pack_sink *extra,
                        dc_error *e)
{
    dc_pack_text text = {0};
    dc_pack_text lines = {0};
    dc_pack_text sums = {0};
    dc_pack_sink own = {.root = extra->root};
    dc_status status;

    put_about(&text, about);
    for (int64_t i = 0; i < about->cases; i++) {
        put_case(&lines, &cases[i], &sinks[i]);
        put_sums(&sums, &sinks[i]);
    }
    status = dc_pack_put_text(extra, "pack.json", &text, e);
    if (status == DC_OK)
        status = dc_pack_put_text(extra, "cases.jsonl", &lines, e);
    put_sums(&sums, extra);
    if (status == DC_OK)
        status = dc_pack_put_text(&own, "SHA256SUMS", &sums, e);
    free(text.bytes);
    free(lines.bytes);
    free(sums.bytes);
    return status;
}

/* ==== Reading =========================================================== */

/* Reads root/name and compares it with its line of the sums. */
static dc_status read_checked(const char *root, const char *name, int64_t most,
                              const char *sums, char **bytes, size_t *size,
                              dc_error *e)
{
    char path[PATH];
    char sum[65];
    char line[128];
    const char *at;
    dc_status status;

    snprintf(path, sizeof path, "%s/%s", root, name);
    status = dc_pack_slurp(path, most, bytes, size, e);
    if (status != DC_OK)
        return status;
    dc_pack_sha256(*bytes, *size, sum);
    snprintf(line, sizeof line, "%s  %s\n", sum, name);
    at = strstr(sums, line);
    if (at && (at == sums || at[-1] == '\n'))
        return DC_OK;
    free(*bytes);
    *bytes = NULL;
    return dc_error_set(e, DC_FAILED, NULL, -1,
                        "%.150s does not match its line in SHA256SUMS", path);
}

/* An id is used in paths: letters of ids alone, and a length. */
static int good_id(const char *id)
{
    return id && *id && strlen(id) < DC_PACK_ID &&
           strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(id);
}

static int copy_text(const json_t *j, char *to, size_t room)
{
    const char *text = json_string_value(j);

    if (!text || strlen(text) >= room)
        return 0;
    memcpy(to, text, strlen(text) + 1);
    return 1;
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
        return dc_error_set(e, DC_FAILED, NULL, -1,
                            "cases.jsonl, line %lld: id, case and files are "
                            "due",
                            (long long)line);
    snprintf(to->id, sizeof to->id, "%s", id);
    if (dc_case_parse(name, &to->c, &why) != DC_OK)
        return dc_error_set(e, DC_FAILED, NULL, -1,
                            "cases.jsonl, line %lld: %.180s", (long long)line,
                            why.text);
    for (size_t f = 0; f < json_array_size(files); f++) {
        const json_t *file = json_array_get(files, f);
        dc_pack_file *own = &to->files[to->n_files++];

        if (!copy_text(json_object_get(file, "path"), own->path,
                       sizeof own->path) ||
            !copy_text(json_object_get(file, "sha256"), own->sha256,
                       sizeof own->sha256) ||
            strncmp(own->path, "tensors/", 8) != 0 || strstr(own->path, ".."))
            return dc_error_set(e, DC_FAILED, NULL, -1,
                                "cases.jsonl, line %lld: a path does not stay "
                                "below tensors/, or has no sha256",
                                (long long)line);
    }
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
        return dc_error_set(e, DC_FAILED, NULL, -1,
                            "cases.jsonl has more than %d lines", CASES_MAX);
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
            return dc_error_set(e, DC_FAILED, NULL, -1,
                                "cases.jsonl, line %lld is cut off or no JSON",
                                (long long)line);
        status = read_entry(j, line, &pack->entries[pack->count], e);
        json_decref(j);
        if (status != DC_OK)
            return status;
        pack->count++;
        at += length + 1;
    }
    return pack->count ? DC_OK
                       : dc_error_set(e, DC_FAILED, NULL, -1,
                                      "cases.jsonl holds no case");
}

static dc_status read_about(dc_pack *pack, const char *bytes, size_t size,
                            dc_error *e)
{
    json_t *j = json_loadb(bytes, size, 0, NULL);
    const json_t *version = json_object_get(j, "deconform_pack");
    const char *format = json_string_value(json_object_get(j, "format"));
    dc_status status = DC_OK;

    if (!json_is_integer(version))
        status = dc_error_set(e, DC_FAILED, NULL, -1,
                              "%.150s/pack.json does not describe a pack",
                              pack->root);
    else if (json_integer_value(version) != DC_PACK_VERSION)
        status =
            dc_error_set(e, DC_FAILED, NULL, -1,
                         "%.120s/pack.json: layout %lld is not known, "
                         "this is for %d",
                         pack->root, (long long)json_integer_value(version),
                         DC_PACK_VERSION);
    else if (!format || !(pack->format = dc_pack_find(format)))
        status = dc_error_set(e, DC_FAILED, NULL, -1,
                              "%.120s/pack.json: the format %.40s is not known",
                              pack->root, format ? format : "?");
    pack->seed = (uint64_t)json_integer_value(json_object_get(j, "seed"));
    json_decref(j);
    return status;
}

dc_status dc_pack_open(dc_pack *pack, const char *root, dc_error *e)
{
    char path[PATH];
    char *sums;
    char *bytes;
    size_t size;
    dc_status status;

    memset(pack, 0, sizeof *pack);
    pack->root = root;
    snprintf(path, sizeof path, "%s/SHA256SUMS", root);
    status = dc_pack_slurp(path, INDEX_MAX, &sums, &size, e);
    if (status != DC_OK)
        return status;
    sums[size] = 0; /* dc_pack_slurp leaves room */
    status = read_checked(root, "pack.json", ABOUT_MAX, sums, &bytes, &size, e);
    if (status == DC_OK) {
        status = read_about(pack, bytes, size, e);
        free(bytes);
    }
    if (status == DC_OK)
        status = read_checked(root, "cases.jsonl", INDEX_MAX, sums, &bytes,
                              &size, e);
    if (status == DC_OK) {
        status = read_entries(pack, bytes, size, e);
        free(bytes);
    }
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
    for (int f = 0; f < entry->n_files; f++) {
        char sum[65];
        char *bytes;
        size_t size;

        snprintf(path, sizeof path, "%s/%s", pack->root, entry->files[f].path);
        status = dc_pack_slurp(path,
                               dc_pack_most(&to->p, (1 << DC_TENSORS) - 1, 160),
                               &bytes, &size, e);
        if (status != DC_OK)
            return status;
        dc_pack_sha256(bytes, size, sum);
        free(bytes);
        if (strcmp(sum, entry->files[f].sha256) != 0)
            return dc_error_set(e, DC_FAILED, NULL, -1,
                                "%.150s does not match its checksum", path);
    }
    snprintf(path, sizeof path, "%s/tensors/%s%s", pack->root, entry->id,
             format->suffix);
    status = format->read(path, format->tensors, to, e);
    for (int t = 0; t < DC_TENSORS && status == DC_OK; t++) {
        if (!(format->tensors & 1 << t) || (t == DC_B && !to->p.has_bias) ||
            to->data[t])
            continue;
        status = to->wrong[t][0] ? dc_error_set(e, DC_FAILED, NULL, -1,
                                                "%.220s", to->wrong[t])
                                 : dc_error_set(e, DC_FAILED, NULL, -1,
                                                "%.150s has no tensor %s", path,
                                                dc_tensor_names[t]);
    }
    if (status != DC_OK)
        dc_pack_release(to);
    return status;
}

/* SPDX-License-Identifier: MIT
 *
 * Does the index of a pack agree with itself?  Ids are those of their cases,
 * each case has files of its own, and SHA256SUMS has the same files with the
 * same checksums.
 */
#include <stdlib.h>
#include <string.h>

#include "cases/pack/pack_internal.h"
#include "ref/text.h"

enum { SUM = 64, BEGIN = SUM + 2 /* of the path, after two blanks */ };

/* A line of SHA256SUMS: the checksum begins at path - BEGIN. */
typedef struct {
    const char *path; /* up to a newline */
    size_t length;
    bool used; /* a case has this file */
} sum_line;

typedef struct {
    sum_line *lines;
    size_t count;
} sum_list;

static int by_path(const void *left, const void *right)
{
    const sum_line *const a = left;
    const sum_line *const b = right;
    const size_t shorter = a->length < b->length ? a->length : b->length;
    const int order = memcmp(a->path, b->path, shorter);

    return order ? order : (a->length > b->length) - (a->length < b->length);
}

static dc_status wrong_path(const sum_line *l, const char *what, dc_error *e)
{
    char path[DC_PACK_PATH];

    dc_text_clean_name(l->path, l->length, path, sizeof path);
    return dc_failed(e, "SHA256SUMS %s %.120s", what, path);
}

/* Splits SHA256SUMS into lines and sorts them. */
static dc_status read_list(const char *sums, sum_list *list, dc_error *e)
{
    for (const char *at = sums; *at; at++)
        list->count += *at == '\n';
    list->lines = calloc(list->count + 1, sizeof *list->lines);
    if (!list->lines)
        return dc_nomem(e);
    for (size_t k = 0; *sums; k++) {
        const char *const end = strchr(sums, '\n');

        if (!end || (size_t)(end - sums) <= BEGIN ||
            strspn(sums, "0123456789abcdef") != SUM ||
            strncmp(sums + SUM, "  ", 2) != 0)
            return dc_failed(e,
                             "SHA256SUMS, line %zu is no checksum with a "
                             "path",
                             k + 1);
        list->lines[k].path = sums + BEGIN;
        list->lines[k].length = (size_t)(end - sums) - BEGIN;
        sums = end + 1;
    }
    qsort(list->lines, list->count, sizeof *list->lines, by_path);
    for (size_t k = 1; k < list->count; k++)
        if (by_path(&list->lines[k - 1], &list->lines[k]) == 0)
            return wrong_path(&list->lines[k], "names twice", e);
    return DC_OK;
}

/* A file of a case must be in the list. */
static dc_status check_file(const dc_pack_file *file, const sum_list *list,
                            dc_error *e)
{
    const sum_line key = {file->path, strlen(file->path), false};
    sum_line *const found =
        bsearch(&key, list->lines, list->count, sizeof key, by_path);

    if (!found || strlen(file->sha256) != SUM ||
        memcmp(found->path - BEGIN, file->sha256, SUM) != 0)
        return wrong_path(&key, "and cases.jsonl do not agree on", e);
    found->used = true;
    return DC_OK;
}

/* The id is that of the case, with any variant, and the files are its own. */
static dc_status check_entry(const dc_pack_entry *entry,
                             const dc_pack_format *format, dc_error *e)
{
    dc_pack_case c = {.c = entry->c};
    char own[DC_PACK_PATH];
    size_t length;

    dc_pack_identify(&c);
    length = strlen(c.id);
    if (strncmp(entry->id, c.id, length) != 0 ||
        (entry->id[length] && entry->id[length] != '_'))
        return dc_failed(e, "cases.jsonl: %s is not the id of its case, %s",
                         entry->id, c.id);
    if (entry->n_files == 0)
        return dc_failed(e, "cases.jsonl: %s has no files", entry->id);
    snprintf(own, sizeof own, "tensors/%s%s", entry->id,
             *format->suffix ? format->suffix : "/");
    for (int f = 0; f < entry->n_files; f++)
        if (strncmp(entry->files[f].path, own, strlen(own)) != 0)
            return dc_failed(e, "cases.jsonl: %s has a file that is not %s",
                             entry->id, own);
    return DC_OK;
}

static int by_id(const void *left, const void *right)
{
    const dc_pack_entry *const *const a = left;
    const dc_pack_entry *const *const b = right;

    return strcmp((*a)->id, (*b)->id);
}

static dc_status check_twins(const dc_pack *pack, dc_error *e)
{
    const dc_pack_entry **const sorted =
        calloc((size_t)pack->count + 1, sizeof *sorted);
    dc_status status = DC_OK;

    if (!sorted)
        return dc_nomem(e);
    for (int64_t k = 0; k < pack->count; k++)
        sorted[k] = &pack->entries[k];
    qsort(sorted, (size_t)pack->count, sizeof *sorted, by_id);
    for (int64_t k = 1; k < pack->count && status == DC_OK; k++)
        if (by_id(&sorted[k - 1], &sorted[k]) == 0)
            status =
                dc_failed(e, "cases.jsonl: %s is there twice", sorted[k]->id);
    free(sorted);
    return status;
}

dc_status dc_pack_check(const dc_pack *pack, const char *sums, dc_error *e)
{
    sum_list list = {0};
    dc_status status = read_list(sums, &list, e);

    for (int64_t k = 0; k < pack->count && status == DC_OK; k++) {
        const dc_pack_entry *entry = &pack->entries[k];

        status = check_entry(entry, pack->format, e);
        for (int f = 0; f < entry->n_files && status == DC_OK; f++)
            status = check_file(&entry->files[f], &list, e);
    }
    for (size_t k = 0; k < list.count && status == DC_OK; k++)
        if (!list.lines[k].used &&
            strncmp(list.lines[k].path, "tensors/", 8) == 0)
            status =
                wrong_path(&list.lines[k], "names a file that no case has:", e);
    if (status == DC_OK)
        status = check_twins(pack, e);
    free(list.lines);
    return status;
}

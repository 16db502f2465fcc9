/* SPDX-License-Identifier: MIT
 *
 * The index of a pack: pack.json, cases.jsonl with one line per case, and
 * SHA256SUMS.
 */
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "cases/pack/pack_internal.h"
#include "ref/format.h"

static const char bf16_note[] =
    "bf16 values are the upper 16 bits of binary32; in npz they are uint16";

static int add_bytes(const char *bytes, size_t size, void *to)
{
    dc_pack_add(to, bytes, size);
    return 0;
}

/* Writes j and a line feed, and releases j.  A callback instead of json_dumps,
 * which may leave out a key if memory runs out. */
static void put_json(dc_pack_text *to, json_t *j, size_t flags)
{
    to->failed |= json_dump_callback(j, add_bytes, to, flags) != 0;
    dc_pack_add(to, "\n", 1);
    json_decref(j);
}

/* append and set own the value.  A value that is missing for lack of memory
 * fails the text, because a line without it would still be valid JSON. */
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

/* By tensor, the indices of the elements that have several legal values. */
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

static void put_about(dc_pack_text *to, const dc_pack_about *a)
{
    json_t *settled = json_object();
    json_t *why = a->left_out ? json_object() : NULL;
    json_t *j;

    for (int k = 0; a->left_out && a->why[k].text[0]; k++)
        set(to, why, a->why[k].text, json_integer(a->why[k].count));
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
        set(to, j, "why_left_out", why);
    put_json(to, j, JSON_INDENT(2));
}

static void put_sums(dc_pack_text *to, const dc_pack_sink *sink)
{
    for (int f = 0; f < sink->count; f++)
        dc_pack_print(to, "%s  %s\n", sink->files[f].sha256,
                      sink->files[f].path);
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

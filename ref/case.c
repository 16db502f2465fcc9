/* SPDX-License-Identifier: MIT
 *
 * Case strings: parse and print, from one table of keys.
 */
#include "ref/case.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"

const char *const dc_family_names[DC_FAMILIES] = {
    "int", "probe", "short", "real", "cancel", "wide", "special"};

/* A key and the field of dc_problem that it sets. */
typedef struct {
    const char *name;
    size_t offset;
    bool per_axis; /* int64_t[3] instead of one number */
    bool flag;     /* int32_t, 0 or 1, instead of int64_t */
    int64_t preset;
} key;

/* In the order in which they are printed. */
static const key keys[] = {
    {"u", offsetof(dc_problem, unbatched), false, true, 0},
    {"n", offsetof(dc_problem, n), false, false, 1},
    {"ci", offsetof(dc_problem, ci), false, false, 1},
    {"co", offsetof(dc_problem, co), false, false, 1},
    {"g", offsetof(dc_problem, g), false, false, 1},
    {"i", offsetof(dc_problem, i), true, false, 0},
    {"k", offsetof(dc_problem, k), true, false, 0},
    {"s", offsetof(dc_problem, s), true, false, 1},
    {"d", offsetof(dc_problem, d), true, false, 1},
    {"pb", offsetof(dc_problem, pb), true, false, 0},
    {"pe", offsetof(dc_problem, pe), true, false, 0},
    {"op", offsetof(dc_problem, op), true, false, 0},
    {"b", offsetof(dc_problem, has_bias), false, true, 0},
};
enum {
    KEYS = sizeof keys / sizeof *keys,
    TOKEN_MAX = 80, /* three 20-digit numbers and their separators */
};

/* What was typed so far. */
typedef struct {
    int64_t value[KEYS][3];
    int count[KEYS]; /* numbers of this key; 0: not typed */
    bool has_dtype, has_family, has_seed;
    dc_case *c;
    dc_error *e;
} reader;

static int find_key(const char *name, size_t length)
{
    for (int k = 0; k < KEYS; k++)
        if (strlen(keys[k].name) == length &&
            memcmp(keys[k].name, name, length) == 0)
            return k;
    return -1;
}

static dc_status fault(const reader *r, const char *token, const char *what)
{
    return dc_invalid(r->e, "case string: %s in '%.40s'", what, token);
}

/* ==== Reading =========================================================== */

/* Numbers separated by x: at most three, each a full int64_t. */
static dc_status read_numbers(reader *r, const char *token, const char *text,
                              int64_t value[3], int *count)
{
    for (*count = 0;; text++) {
        const char *digits = text + (*text == '-');
        char *end;

        if (*digits < '0' || *digits > '9')
            return fault(r, token, "a number is missing");
        if (*count == 3)
            return fault(r, token, "more than three axes");
        errno = 0;
        value[(*count)++] = strtoll(text, &end, 10);
        if (errno)
            return fault(r, token, "a number does not fit 64 bits");
        if (!*end)
            return DC_OK;
        if (*end != 'x')
            return fault(r, token, "an unexpected character");
        text = end;
    }
}

static dc_status once(reader *r, const char *token, bool *seen)
{
    if (*seen)
        return fault(r, token, "a repeated key");
    *seen = true;
    return DC_OK;
}

/* Reads a storage type or a family; false if the token is neither. */
static bool read_word(reader *r, const char *token, dc_status *status)
{
    const int dtype = dc_format_find(token, strlen(token));

    if (dtype >= 0) {
        r->c->p.dtype = dtype;
        *status = once(r, token, &r->has_dtype);
        return true;
    }
    for (int f = 0; f < DC_FAMILIES; f++)
        if (strcmp(token, dc_family_names[f]) == 0) {
            r->c->family = (dc_family)f;
            *status = once(r, token, &r->has_family);
            return true;
        }
    return false;
}

static dc_status read_seed(reader *r, const char *token)
{
    char *end;

    errno = 0;
    if (token[1] < '0' || token[1] > '9')
        return fault(r, token, "a number is missing");
    r->c->seed = strtoull(token + 1, &end, 10);
    if (errno)
        return fault(r, token, "a number does not fit 64 bits");
    if (*end)
        return fault(r, token, "an unexpected character");
    return once(r, token, &r->has_seed);
}

static dc_status read_token(reader *r, const char *token)
{
    const size_t letters = strspn(token, "abcdefghijklmnopqrstuvwxyz");
    int64_t value[3];
    dc_status status = DC_OK;
    int count;
    int k;

    if (read_word(r, token, &status))
        return status;
    if (letters == 1 && token[0] == 'r')
        return read_seed(r, token);
    const bool both = letters == 1 && token[0] == 'p';
    k = both ? find_key("pb", 2) : find_key(token, letters);
    if (k < 0)
        return fault(r, token, letters ? "an unknown key" : "no key");
    status = read_numbers(r, token, token + letters, value, &count);
    if (status != DC_OK)
        return status;
    if (!keys[k].per_axis && count > 1)
        return fault(r, token, "more than one number");
    for (int last = both ? find_key("pe", 2) : k; k <= last; k++) {
        if (r->count[k])
            return fault(r, token, "a repeated key");
        r->count[k] = count;
        memcpy(r->value[k], value, sizeof value);
    }
    return DC_OK;
}

/* Sets the fields of the problem, one number for all axes if only one was
 * typed. */
static dc_status assign(const reader *r)
{
    dc_problem *p = &r->c->p;
    const int rank = r->count[find_key("i", 1)];

    for (const char *need = "i\0k\0"; *need; need += 2)
        if (!r->count[find_key(need, 1)])
            return dc_error_set(r->e, DC_INVALID, *need == 'i' ? "i" : "k", -1,
                                "case string: %s is required", need);
    p->rank = rank;
    for (int k = 0; k < KEYS; k++) {
        char *field = (char *)p + keys[k].offset;
        const int count = r->count[k];

        if (count > 1 && count != rank)
            return dc_error_set(r->e, DC_INVALID, keys[k].name, -1,
                                "case string: %s has %d numbers where i has %d",
                                keys[k].name, count, rank);
        for (int a = 0; a < (keys[k].per_axis ? rank : 1); a++) {
            const int64_t v = count == 0   ? keys[k].preset
                              : count == 1 ? r->value[k][0]
                                           : r->value[k][a];
            if (!keys[k].flag)
                ((int64_t *)(void *)field)[a] = v;
            else if (v == 0 || v == 1)
                *(int32_t *)(void *)field = (int32_t)v;
            else
                return dc_error_set(r->e, DC_INVALID, keys[k].name, -1,
                                    "case string: %s must be 0 or 1",
                                    keys[k].name);
        }
    }
    return DC_OK;
}

dc_status dc_case_parse(const char *text, dc_case *c, dc_error *e)
{
    reader r = {.c = c, .e = e};
    dc_status status = DC_OK;

    memset(c, 0, sizeof *c);
    c->p.dtype = DC_F32;
    c->family = DC_INT;
    while (status == DC_OK) {
        const size_t length = strcspn(text, "_");
        char token[TOKEN_MAX];

        if (length == 0)
            return fault(&r, text, "an empty token");
        if (length >= sizeof token)
            return fault(&r, text, "a token that is too long");
        memcpy(token, text, length);
        token[length] = 0;
        status = read_token(&r, token);
        if (!text[length])
            break;
        text += length + 1;
    }
    if (status == DC_OK)
        status = assign(&r);
    return status == DC_OK ? dc_problem_complete(&c->p, e) : status;
}

/* ==== Printing ========================================================== */

int dc_case_print(const dc_case *c, char text[DC_CASE_MAX])
{
    const dc_problem *p = &c->p;
    int at = 0;

    for (int k = 0; k < KEYS; k++) {
        const char *field = (const char *)p + keys[k].offset;
        const int64_t *wide = (const int64_t *)(const void *)field;
        const int64_t first =
            keys[k].flag ? *(const int32_t *)(const void *)field : wide[0];

        if (keys[k].name[0] == 'u' && !first)
            continue;
        at += snprintf(text + at, (size_t)(DC_CASE_MAX - at), "%s%s%" PRId64,
                       at ? "_" : "", keys[k].name, first);
        for (int a = 1; keys[k].per_axis && a < p->rank; a++)
            at += snprintf(text + at, (size_t)(DC_CASE_MAX - at), "x%" PRId64,
                           wide[a]);
    }
    at += snprintf(text + at, (size_t)(DC_CASE_MAX - at), "_%s_%s_r%" PRIu64,
                   dc_formats[p->dtype].name, dc_family_names[c->family],
                   c->seed);
    return at;
}

/* SPDX-License-Identifier: MIT
 *
 * Readers of option values.
 */
#include "oracle/base/option.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"

dc_status dc_option_bad(const dc_option *o, const char *value, const char *want,
                        dc_error *e)
{
    return dc_invalid(e, "--%s %.60s: %s", o->name, value, want);
}

dc_status dc_option_flag(const dc_option *o, const char *value, void *to,
                         dc_error *e)
{
    (void)o, (void)value, (void)e;
    *(bool *)to = true;
    return DC_OK;
}

dc_status dc_option_text(const dc_option *o, const char *value, void *to,
                         dc_error *e)
{
    (void)o, (void)e;
    *(const char **)to = value;
    return DC_OK;
}

/* ==== Numbers =========================================================== */

bool dc_option_number(const char *text, size_t length, uint64_t least,
                      uint64_t most, uint64_t *number)
{
    char *end;

    errno = 0;
    if (*text < '0' || *text > '9')
        return false;
    *number = strtoull(text, &end, 10);
    return end == text + length && !errno && *number >= least &&
           *number <= most;
}

dc_status dc_option_whole(const dc_option *o, const char *value, void *to,
                          dc_error *e)
{
    uint64_t number;
    char want[64];

    if (dc_option_number(value, strlen(value), (uint64_t)o->least,
                         (uint64_t)o->most, &number)) {
        *(int *)to = (int)number;
        return DC_OK;
    }
    snprintf(want, sizeof want, "a number of %.0f..%.0f", o->least, o->most);
    return dc_option_bad(o, value, want, e);
}

dc_status dc_option_seconds(const dc_option *o, const char *value, void *to,
                            dc_error *e)
{
    char *end;
    const double seconds = strtod(value, &end);
    char want[64];

    if (end > value && !*end && seconds >= o->least && seconds <= o->most) {
        *(double *)to = seconds;
        return DC_OK;
    }
    snprintf(want, sizeof want, "seconds between %g and %g", o->least, o->most);
    return dc_option_bad(o, value, want, e);
}

dc_status dc_option_count(const dc_option *o, const char *value, void *to,
                          dc_error *e)
{
    uint64_t number;

    if (!dc_option_number(value, strlen(value), 0, INT64_MAX, &number))
        return dc_option_bad(o, value, "a whole number", e);
    *(int64_t *)to = (int64_t)number;
    return DC_OK;
}

dc_status dc_option_seed(const dc_option *o, const char *value, void *to,
                         dc_error *e)
{
    return dc_option_number(value, strlen(value), 0, INT64_MAX, to)
               ? DC_OK
               : dc_option_bad(o, value, "a whole number below 2^63", e);
}

/* ==== Names ============================================================= */

/* Returns the next word of a comma-separated list, or NULL at its end.  The
 * empty list has one empty word. */
static const char *next_word(const char **list, size_t *length)
{
    const char *word = *list;

    if (!word)
        return NULL;
    *length = strcspn(word, ",");
    *list = word[*length] ? word + *length + 1 : NULL;
    return word;
}

dc_status dc_option_dtype(const dc_option *o, const char *value, void *to,
                          dc_error *e)
{
    const int dtype = dc_format_find(value, strlen(value));

    if (dtype < 0)
        return dc_option_bad(o, value, "f64, f32, f16 or bf16", e);
    *(int *)to = dtype;
    return DC_OK;
}

dc_status dc_option_dtypes(const dc_option *o, const char *value, void *to,
                           dc_error *e)
{
    dc_sweep *const s = to;
    const char *rest = value;
    const char *word;
    size_t length;

    s->n_dtypes = 0;
    while ((word = next_word(&rest, &length))) {
        const int dtype = dc_format_find(word, length);

        if (dtype < 0)
            return dc_option_bad(o, value, "a list of f64, f32, f16, bf16", e);
        for (int d = 0; d < s->n_dtypes; d++)
            if (s->dtypes[d] == dtype)
                return dc_option_bad(o, value, "a type is named twice", e);
        s->dtypes[s->n_dtypes++] = dtype;
    }
    return DC_OK;
}

dc_status dc_option_ops(const dc_option *o, const char *value, void *to,
                        dc_error *e)
{
    bool *const ops = to;
    const char *rest = value;
    const char *word;
    size_t length;

    memset(ops, 0, DC_OPS * sizeof *ops);
    while ((word = next_word(&rest, &length))) {
        int op = 0;

        while (op < DC_OPS && (strlen(dc_ops[op].name) != length ||
                               memcmp(dc_ops[op].name, word, length) != 0))
            op++;
        if (op == DC_OPS)
            return dc_option_bad(o, value,
                                 "a list of forward, grad_input, grad_weight, "
                                 "grad_bias",
                                 e);
        ops[op] = true;
    }
    return DC_OK;
}

dc_status dc_option_declared(const dc_option *o, const char *value, void *to,
                             dc_error *e)
{
    (void)o;
    return dc_declare_read(value, "--declare", to, e);
}

dc_status dc_option_tier(const dc_option *o, const char *value,
                         const char *want, dc_tier *tier, dc_error *e)
{
    for (int t = 0; t < DC_TIERS; t++)
        if (strcmp(value, dc_tier_names[t]) == 0) {
            *tier = (dc_tier)t;
            return DC_OK;
        }
    return dc_option_bad(o, value, want, e);
}

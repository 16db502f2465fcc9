/* SPDX-License-Identifier: MIT
 *
 * Options and their values: getopt_long finds them, and each mistake is one
 * sentence with the name of the option and what it should have been.
 */
#include "oracle/base/option.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"
#include "oracle/base/declare.h"

/* The row with this code; there is one for whatever getopt_long found. */
static const char *name_of(const struct option *table, int code)
{
    while (table->name && table->val != code)
        table++;
    return table->name;
}

/* What getopt_long could not take. */
static dc_status refuse(char **argv, const struct option *table, int code,
                        dc_error *e)
{
    if (code == ':')
        return dc_error_set(e, DC_INVALID, NULL, -1, "%s: %.60s needs a value",
                            argv[0], argv[optind - 1]);
    if (optopt >= DC_OPTION_FIRST)
        return dc_error_set(e, DC_INVALID, NULL, -1, "%s: --%s takes no value",
                            argv[0], name_of(table, optopt));
    if (optopt > 0) /* one letter of several: argv[optind] may still hold it */
        return dc_error_set(e, DC_INVALID, NULL, -1, "%s: unknown option -%c",
                            argv[0], optopt);
    return dc_error_set(e, DC_INVALID, NULL, -1, "%s: unknown option %.60s",
                        argv[0], argv[optind - 1]);
}

dc_status dc_option_walk(int argc, char **argv, const struct option *table,
                         dc_option_take take, void *to, const char **word,
                         dc_error *e)
{
    dc_status status = DC_OK;
    int code;
    int at = 0;

    optind = 0; /* glibc: start over */
    opterr = 0;
    while (status == DC_OK &&
           (code = getopt_long(argc, argv, ":", table, &at)) != -1) {
        if (code == '?' || code == ':') {
            status = refuse(argv, table, code, e);
        } else {
            const dc_option o = {argv[0], table[at].name, code, optarg};

            status = take(to, &o, e);
        }
    }
    if (status != DC_OK)
        return status;
    if (word)
        *word = optind < argc ? argv[optind++] : NULL;
    return optind < argc ? dc_error_set(e, DC_INVALID, NULL, -1,
                                        "%s: unexpected argument %.60s",
                                        argv[0], argv[optind])
                         : DC_OK;
}

dc_status dc_option_bad(const dc_option *o, const char *want, dc_error *e)
{
    return dc_error_set(e, DC_INVALID, NULL, -1, "--%s %.60s: %s", o->name,
                        o->value, want);
}

void dc_option_note(const dc_option *o, const char *value,
                    char notes[DC_OPTION_NOTES])
{
    const size_t at = strlen(notes);

    snprintf(notes + at, DC_OPTION_NOTES - at, " --%s%s%s", o->name,
             value ? " " : "", value ? value : "");
}

/* ==== Values ============================================================ */

int dc_option_number(const char *text, size_t length, uint64_t least,
                     uint64_t most, uint64_t *number)
{
    char *end;

    errno = 0;
    if (*text < '0' || *text > '9')
        return 0;
    *number = strtoull(text, &end, 10);
    return end == text + length && !errno && *number >= least &&
           *number <= most;
}

static dc_status whole(const dc_option *o, uint64_t least, uint64_t most,
                       const char *want, uint64_t *number, dc_error *e)
{
    return dc_option_number(o->value, strlen(o->value), least, most, number)
               ? DC_OK
               : dc_option_bad(o, want, e);
}

dc_status dc_option_seed(const dc_option *o, uint64_t *seed, dc_error *e)
{
    return whole(o, 0, INT64_MAX, "a whole number below 2^63", seed, e);
}

dc_status dc_option_count(const dc_option *o, int64_t *count, dc_error *e)
{
    uint64_t number = 0;
    const dc_status status =
        whole(o, 0, INT64_MAX, "a whole number", &number, e);

    *count = (int64_t)number;
    return status;
}

dc_status dc_option_jobs(const dc_option *o, int *jobs, dc_error *e)
{
    uint64_t number = 0;
    const dc_status status = whole(o, 1, 256, "a number of 1..256", &number, e);

    *jobs = (int)number;
    return status;
}

dc_status dc_option_dtype(const dc_option *o, int *dtype, dc_error *e)
{
    *dtype = dc_format_find(o->value, strlen(o->value));
    return *dtype < 0 ? dc_option_bad(o, "f64, f32, f16 or bf16", e) : DC_OK;
}

/* Walks over the words of a comma-separated list. */
static const char *next_word(const char **list, size_t *length)
{
    const char *word = *list;

    if (!word)
        return NULL;
    *length = strcspn(word, ",");
    *list = word[*length] ? word + *length + 1 : NULL;
    return word;
}

dc_status dc_option_dtypes(const dc_option *o, int *dtypes, int *count,
                           dc_error *e)
{
    const char *rest = o->value;
    const char *word;
    size_t length;

    *count = 0;
    while ((word = next_word(&rest, &length))) {
        const int dtype = dc_format_find(word, length);

        if (dtype < 0)
            return dc_option_bad(o, "a list of f64, f32, f16, bf16", e);
        for (int d = 0; d < *count; d++)
            if (dtypes[d] == dtype)
                return dc_option_bad(o, "a type is named twice", e);
        dtypes[(*count)++] = dtype;
    }
    return DC_OK;
}

dc_status dc_option_ops(const dc_option *o, int ops[DC_OPS], dc_error *e)
{
    const char *rest = o->value;
    const char *word;
    size_t length;

    memset(ops, 0, DC_OPS * sizeof *ops);
    while ((word = next_word(&rest, &length))) {
        int op = 0;

        while (op < DC_OPS && (strlen(dc_ops[op].name) != length ||
                               memcmp(dc_ops[op].name, word, length) != 0))
            op++;
        if (op == DC_OPS)
            return dc_option_bad(o,
                                 "a list of forward, grad_input, grad_weight, "
                                 "grad_bias",
                                 e);
        ops[op] = 1;
    }
    return DC_OK;
}

dc_status dc_option_declared(const dc_option *o, int *declared,
                             char notes[DC_OPTION_NOTES], dc_error *e)
{
    char words[96];
    int flags = 0;
    const dc_status status = dc_declare_read(o->value, "--declare", &flags, e);

    if (status != DC_OK)
        return status;
    *declared |= flags;
    dc_declare_print(flags, words, sizeof words);
    dc_option_note(o, words, notes);
    return DC_OK;
}

dc_status dc_option_tier(const dc_option *o, const char *want, dc_tier *tier,
                         dc_error *e)
{
    for (int t = 0; t < DC_TIERS; t++)
        if (strcmp(o->value, dc_tier_names[t]) == 0) {
            *tier = (dc_tier)t;
            return DC_OK;
        }
    return dc_option_bad(o, want, e);
}

/* SPDX-License-Identifier: MIT
 *
 * The options of a verb: one table row each, with the type of its value, the
 * field of the verb's settings that it sets, and its line in the help.
 * verb.h reads a command line by such a table.
 */
#ifndef DC_OPTION_H
#define DC_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "cases/space/sweep.h"
#include "oracle/base/declare.h"

typedef struct dc_option dc_option;

/* Reads `value` (NULL for a switch) into the field at `to`.  DC_INVALID, with
 * a sentence that names the option and what it expects (dc_option_bad). */
typedef dc_status dc_option_reader(const dc_option *o, const char *value,
                                   void *to, dc_error *e);

struct dc_option {
    const char *name;  /* without dashes; NULL ends the table */
    const char *value; /* what the help calls the value; NULL: a switch */
    const char *help;  /* '*' marks the default; may have several lines */
    dc_option_reader *read;
    size_t at;          /* offset of the field in the settings */
    double least, most; /* limits of a number */
    unsigned verbs;     /* a table of several verbs: bits of those that have
                         * this option; 0: all */
    bool reproduce; /* commands that reproduce a finding repeat this option */
};

/* Row endings: `read` and `at`, checked against the type of the field.
 *
 *   {"strict", NULL, "...", DC_OPTION_FLAG(settings, strict)},
 *   {"jobs", "J", "...", DC_OPTION_WHOLE(settings, jobs, 1, 256)},
 */
#define DC_OPTION_FIELD(settings, field, pointer)                              \
    .at = _Generic(&((settings *)0)->field, pointer : offsetof(settings, field))
#define DC_OPTION_FLAG(settings, field)                                        \
    .read = dc_option_flag, DC_OPTION_FIELD(settings, field, bool *)
#define DC_OPTION_TEXT(settings, field)                                        \
    .read = dc_option_text, DC_OPTION_FIELD(settings, field, const char **)
#define DC_OPTION_WHOLE(settings, field, from, to)                             \
    .read = dc_option_whole, DC_OPTION_FIELD(settings, field, int *),          \
    .least = from, .most = to
#define DC_OPTION_SECONDS(settings, field, from, to)                           \
    .read = dc_option_seconds, DC_OPTION_FIELD(settings, field, double *),     \
    .least = from, .most = to
#define DC_OPTION_COUNT(settings, field)                                       \
    .read = dc_option_count, DC_OPTION_FIELD(settings, field, int64_t *)
#define DC_OPTION_SEED(settings, field)                                        \
    .read = dc_option_seed, DC_OPTION_FIELD(settings, field, uint64_t *)
#define DC_OPTION_DTYPE(settings, field)                                       \
    .read = dc_option_dtype, DC_OPTION_FIELD(settings, field, int *)
#define DC_OPTION_DTYPES(settings, field)                                      \
    .read = dc_option_dtypes, DC_OPTION_FIELD(settings, field, dc_sweep *)
#define DC_OPTION_OPS(settings, field)                                         \
    .read = dc_option_ops, DC_OPTION_FIELD(settings, field, bool(*)[DC_OPS])
#define DC_OPTION_DECLARED(settings, field)                                    \
    .read = dc_option_declared, DC_OPTION_FIELD(settings, field, dc_declared *)
/* A reader of the verb's own, which is given the whole settings. */
#define DC_OPTION_OWN(reader) .read = reader, .at = 0

/* Sets e to DC_INVALID, "--NAME VALUE: WANT", and returns it. */
dc_status dc_option_bad(const dc_option *o, const char *value, const char *want,
                        dc_error *e);

/* Is text[0..length) a whole number of least..most? */
bool dc_option_number(const char *text, size_t length, uint64_t least,
                      uint64_t most, uint64_t *number);

dc_option_reader dc_option_flag;     /* bool: true */
dc_option_reader dc_option_text;     /* const char *: the value itself */
dc_option_reader dc_option_whole;    /* int of least..most */
dc_option_reader dc_option_seconds;  /* double of least..most */
dc_option_reader dc_option_count;    /* int64_t, not negative */
dc_option_reader dc_option_seed;     /* uint64_t below 2^63, as in JSON */
dc_option_reader dc_option_dtype;    /* int: one storage type */
dc_option_reader dc_option_dtypes;   /* dc_sweep: dtypes, n_dtypes; each once */
dc_option_reader dc_option_ops;      /* bool[DC_OPS]: those in the list */
dc_option_reader dc_option_declared; /* dc_declared: adds them */

/* Reads the name of a tier; `want` lists those that are allowed. */
dc_status dc_option_tier(const dc_option *o, const char *value,
                         const char *want, dc_tier *tier, dc_error *e);

#endif

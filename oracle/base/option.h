/* SPDX-License-Identifier: MIT
 *
 * What do the verbs share when they read their command line?  The walk over
 * it, the values that several options have, and the sentence for each mistake.
 */
#ifndef DC_OPTION_H
#define DC_OPTION_H

#include <getopt.h>
#include <stddef.h>

#include "cases/space/sweep.h"

/* An option as it was found. */
typedef struct {
    const char *verb;
    const char *name; /* without dashes */
    int code;         /* val of its row, DC_OPTION_FIRST or more */
    const char *value;
} dc_option;

enum {
    DC_OPTION_FIRST = 256,
    DC_OPTION_NOTES = 128 /* bytes of the options in a reproduction */
};

typedef dc_status (*dc_option_take)(void *to, const dc_option *o, dc_error *e);

/* Hands each option of argv[1..] (argv[0] is the verb) to take, whatever the
 * order of options and words; at most one word that is no option is allowed
 * where `word` is not NULL, and *word is that one or NULL. */
dc_status dc_option_walk(int argc, char **argv, const struct option *table,
                         dc_option_take take, void *to, const char **word,
                         dc_error *e);

/* "--NAME VALUE: WANT" as DC_INVALID. */
dc_status dc_option_bad(const dc_option *o, const char *want, dc_error *e);

/* Adds " --NAME VALUE", where value is NULL " --NAME", to the options that a
 * reproduction must carry. */
void dc_option_note(const dc_option *o, const char *value,
                    char notes[DC_OPTION_NOTES]);

/* 1 when the first `length` bytes are a whole number of least..most. */
int dc_option_number(const char *text, size_t length, uint64_t least,
                     uint64_t most, uint64_t *number);

/* A whole number that a report can write as an integer of JSON. */
dc_status dc_option_seed(const dc_option *o, uint64_t *seed, dc_error *e);

/* A whole number. */
dc_status dc_option_count(const dc_option *o, int64_t *count, dc_error *e);

/* Of 1..256. */
dc_status dc_option_jobs(const dc_option *o, int *jobs, dc_error *e);

/* One type. */
dc_status dc_option_dtype(const dc_option *o, int *dtype, dc_error *e);

/* A list of types, each once; there is room for all. */
dc_status dc_option_dtypes(const dc_option *o, int *dtypes, int *count,
                           dc_error *e);

/* A list of operations, as flags. */
dc_status dc_option_ops(const dc_option *o, int ops[DC_OPS], dc_error *e);

/* A list of declarations: adds their flags, and notes the words. */
dc_status dc_option_declared(const dc_option *o, int *declared,
                             char notes[DC_OPTION_NOTES], dc_error *e);

/* A tier; `want` tells which there are. */
dc_status dc_option_tier(const dc_option *o, const char *want, dc_tier *tier,
                         dc_error *e);

#endif

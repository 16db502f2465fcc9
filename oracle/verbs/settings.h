/* SPDX-License-Identifier: MIT
 *
 * What did the command line of verify, cases, vectors or judge ask for?  The
 * four share one structure and one table of options.
 */
#ifndef DC_SETTINGS_H
#define DC_SETTINGS_H

#include "cases/pack/pack.h"
#include "cases/select.h"
#include "oracle/base/verb.h"
#include "oracle/judge/judge.h"

/* Bits of dc_option.verbs. */
typedef enum {
    DC_OF_VERIFY = 1 << 0,
    DC_OF_CASES = 1 << 1,
    DC_OF_VECTORS = 1 << 2,
    DC_OF_JUDGE = 1 << 3
} dc_settings_verbs;

typedef struct {
    /* which cases */
    dc_filter filter;  /* sweep.n_dtypes 0: no --dtype was given */
    const char *scope; /* as it was typed; NULL: none */
    bool layers;       /* instead of a tier: network layers at full size */

    /* judged how */
    dc_subject subject;
    dc_judge judge;
    int jobs;
    int64_t max_failures; /* stop after this many failing cases; 0: never */
    bool no_shrink;
    int64_t at_least;      /* cases that must be computed, ... */
    bool at_least_percent; /* ... or their share of the legal ones */

    /* files and directories; NULL: not given */
    const char *dir; /* of the pack */
    const char *answers;
    const char *audit;
    const char *json;
    const char *junit;
    const char *reproducer; /* C file for the first smallest case */
    const dc_pack_format *format;
    bool certificate; /* print what the tier covers, not its cases */

    char reproduce[DC_VERB_REPRODUCE]; /* options that a reproduction needs */
} dc_settings;

extern const dc_option dc_settings_options[];

/* Sets the defaults, reads the command line and checks what belongs together.
 * On DC_OK release with dc_settings_free. */
dc_status dc_settings_read(dc_settings *s, const dc_verb *verb, int argc,
                           char **argv, dc_error *e);
void dc_settings_free(dc_settings *s);

/* Writes the options that choose what verify asks, each with a blank before it,
 * and that one process is asked all of it.  Those that do not fit are cut. */
void dc_settings_whole(const dc_settings *s, char *text, size_t size);

#endif

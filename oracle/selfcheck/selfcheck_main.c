/* SPDX-License-Identifier: MIT
 *
 * The verb `self-check`: its options.
 */
#include "oracle/selfcheck/selfcheck.h"

#include <limits.h>
#include <stdlib.h>

#include "oracle/selfcheck/diagnosis_score.h"
#include "oracle/selfcheck/matrix.h"

/* Indices of the mutants with these IDs into dc_mutants. */
static dc_status find_mutants(int n, char **ids, int *rows, dc_error *e)
{
    for (int k = 0; k < n; k++) {
        const dc_mutant *const m = dc_mutant_find(ids[k]);

        if (!m)
            return dc_error_set(e, DC_INVALID, NULL, -1,
                                "no mutant has the name %.60s", ids[k]);
        rows[k] = (int)(m - dc_mutants);
    }
    return DC_OK;
}

static dc_status write_matrix(const char *file, const int *rows, int n,
                              FILE *progress, dc_error *e)
{
    const dc_matrix_plan plan = {.mutants = n ? rows : NULL,
                                 .n_mutants = n,
                                 .every = 1,
                                 .timeout = 5,
                                 .progress = progress};

    return dc_matrix_write(file, &plan, e);
}

typedef struct {
    const char *matrix, *score; /* files, or NULL */
} settings;

static const dc_option options[] = {
    {"matrix", "FILE.csv",
     "instead: which check kills which mutant?\n"
     "Also writes FILE.md",
     DC_OPTION_TEXT(settings, matrix)},
    {"power", "FILE.md", "instead: how well are mutants diagnosed and shrunk?",
     DC_OPTION_TEXT(settings, score)},
    {.name = NULL}};

static dc_status write_files(const settings *s, const dc_verb_line *line,
                             dc_error *e)
{
    int *const rows = calloc((size_t)line->n_words + 1, sizeof *rows);
    dc_status status =
        rows ? find_mutants(line->n_words, line->words, rows, e) : dc_nomem(e);

    if (status == DC_OK && s->matrix)
        status = write_matrix(s->matrix, rows, line->n_words, stdout, e);
    if (status == DC_OK && s->score)
        status =
            dc_diagnosis_score_write(s->score, rows, line->n_words, stdout, e);
    free(rows);
    return status;
}

static int run(const dc_env *env, int argc, char **argv, dc_error *e)
{
    settings s = {NULL, NULL};
    dc_verb_line line;

    (void)env;
    if (dc_verb_read(&dc_selfcheck_verb, argc, argv, &s, &line, e) != DC_OK)
        return DC_EXIT_FAULT;
    if (!s.matrix && !s.score && line.n_words == 0)
        return dc_selfcheck_run(stdout, NULL, e);
    if (!s.matrix && !s.score) {
        dc_error_set(e, DC_INVALID, NULL, -1,
                     "%.60s: IDs are for --matrix and --power", line.words[0]);
        return DC_EXIT_FAULT;
    }
    return write_files(&s, &line, e) == DC_OK ? DC_EXIT_CONFORMS
                                              : DC_EXIT_FAULT;
}

const dc_verb dc_selfcheck_verb = {
    .name = "self-check",
    .about = "is the judge itself sound?",
    .words = "[ID]...",
    .words_max = INT_MAX,
    .options = options,
    .notes = "ID: a mutant that --matrix and --power measure; otherwise all\n"
             "\n"
             "exit: 0 sound, 1 not sound, 2 usage or harness fault\n",
    .run = run,
};

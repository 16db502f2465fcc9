/* SPDX-License-Identifier: MIT
 *
 * The verb `self-check`: its options.
 */
#include "oracle/selfcheck/selfcheck.h"

#include <stdlib.h>
#include <string.h>

#include "oracle/base/exit.h"
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

/* argv: OPTION FILE [ID]... */
static dc_status run_option(int argc, char **argv, dc_error *e)
{
    static const struct {
        const char *option;
        dc_status (*write)(const char *file, const int *rows, int n, FILE *to,
                           dc_error *e);
    } options[] = {{"--matrix", write_matrix},
                   {"--power", dc_diagnosis_score_write}};

    for (size_t k = 0; k < sizeof options / sizeof *options; k++) {
        int *rows;
        dc_status status;

        if (strcmp(argv[0], options[k].option) != 0)
            continue;
        if (argc < 2)
            return dc_error_set(e, DC_INVALID, NULL, -1, "%s needs a file",
                                argv[0]);
        rows = calloc((size_t)argc, sizeof *rows);
        if (!rows)
            return dc_nomem(e);
        status = find_mutants(argc - 2, argv + 2, rows, e);
        if (status == DC_OK)
            status = options[k].write(argv[1], rows, argc - 2, stdout, e);
        free(rows);
        return status;
    }
    return dc_error_set(e, DC_INVALID, NULL, -1, "unknown option %.60s",
                        argv[0]);
}

int dc_selfcheck_main(int argc, char **argv)
{
    dc_error e = {.text = ""};

    if (argc == 1)
        return dc_selfcheck_run(stdout, NULL);
    if (run_option(argc - 1, argv + 1, &e) == DC_OK)
        return DC_EXIT_CONFORMS;
    fprintf(stderr, "deconform: self-check: %s\n", e.text);
    return DC_EXIT_FAULT;
}

/* SPDX-License-Identifier: MIT
 *
 * The command line that reproduces a finding.
 */
#include "oracle/judge/run.h"

#include <stdio.h>
#include <string.h>

/* Single-quotes a word for the shell when it needs it. */
static int quote(const char *word, char *text, size_t size)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+";
    size_t at = 0;

    if (*word && strspn(word, safe) == strlen(word))
        return snprintf(text, size, "%s", word);
    for (const char *c = word - 1; at + 5 < size; c++) {
        if (c < word) {
            text[at++] = '\'';
        } else if (*c == '\'') {
            memcpy(text + at, "'\\''", 4);
            at += 4;
        } else if (!*c) {
            text[at++] = '\'';
            break;
        } else {
            text[at++] = *c;
        }
    }
    text[at] = 0;
    return (int)at;
}

/* Did an identity blame op?  It compares several operations, so that all of
 * them must run again. */
static bool is_identity(const dc_result *result, dc_op op)
{
    for (int f = 0; f < result->n_findings; f++)
        if (result->findings[f].op == op)
            return dc_check_is_identity(result->findings[f].check);
    return false;
}

void dc_run_command(const dc_run *run, const dc_result *result, dc_op op,
                    char *text, size_t size)
{
    char impl[512];
    char name[DC_CASE_MAX];

    quote(run->impl, impl, sizeof impl);
    dc_item_print(&result->item, name);
    const bool all = is_identity(result, op);
    snprintf(text, size, "%s %s %s%s%s%s --case %s", run->program,
             run->how ? run->how : "verify --impl", impl, run->options,
             all ? "" : " --op ", all ? "" : dc_ops[op].name, name);
}

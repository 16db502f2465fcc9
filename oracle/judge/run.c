/* SPDX-License-Identifier: MIT
 *
 * Prints the command line that reproduces a finding.
 */
#include "oracle/judge/run.h"

#include <stdio.h>
#include <string.h>

/* Copies word to text[size], in single quotes if the shell needs them.  A word
 * that is too long is cut. */
static void quote(const char *word, char *text, size_t size)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+";
    size_t at = 0;

    if (*word && word[strspn(word, safe)] == 0) {
        snprintf(text, size, "%s", word);
        return;
    }
    text[at++] = '\'';
    for (; *word && at + 5 < size; word++) {
        if (*word != '\'') {
            text[at++] = *word;
            continue;
        }
        memcpy(text + at, "'\\''", 4);
        at += 4;
    }
    text[at++] = '\'';
    text[at] = 0;
}

/* Is op's first finding about an identity?  Then all operations must run. */
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

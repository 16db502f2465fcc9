/* SPDX-License-Identifier: MIT
 *
 * How is a diagnosis told to a person?  The best explanation first, or
 * honestly that there is none, and then the facts.
 */
#include "oracle/explain/diagnose.h"

#include <inttypes.h>

static void print_suspect(const dc_diagnosis *d, const dc_candidate *s,
                          const char *before, FILE *to)
{
    fprintf(to, "%s%s (%s, class %s)\n", before, s->m->what, s->m->id,
            s->m->class_);
    fprintf(to, "      explains %" PRId64 " of %" PRId64 " findings", s->hits,
            d->kept);
    if (d->kept < d->all)
        fprintf(to, " (a sample of %" PRId64 ")", d->all);
    if (s->alarms)
        fprintf(to,
                ", but would also fail %" PRId64 " of %" PRId64
                " cases that pass",
                s->alarms, d->fine);
    if (s->m->report)
        fprintf(to, "; seen before in %s", s->m->report);
    fputc('\n', to);
}

void dc_diagnose_print(const dc_diagnosis *d, FILE *to)
{
    fprintf(to, "%s: ", dc_ops[d->op].name);
    if (d->explained) {
        print_suspect(d, &d->suspects[0], "looks like: ", to);
    } else {
        fprintf(to,
                "none of %d known defects explains the %" PRId64 " findings\n",
                d->known, d->all);
        for (int f = 0; f < d->n_facts; f++)
            fprintf(to, "    %s\n", d->facts[f]);
        if (d->n_suspects)
            print_suspect(d, &d->suspects[0], "    closest: ", to);
    }
    for (int k = 1; k < d->n_suspects; k++)
        fprintf(to, "    next: %s (%s), %" PRId64 " of %" PRId64 "%s\n",
                d->suspects[k].m->what, d->suspects[k].m->id,
                d->suspects[k].hits, d->kept,
                d->suspects[k].alarms ? ", and fails where it passes" : "");
}

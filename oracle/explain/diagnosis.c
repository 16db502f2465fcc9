/* SPDX-License-Identifier: MIT
 *
 * How a diagnosis is filled with facts and printed.
 */
#include "oracle/explain/diagnosis.h"

#include <inttypes.h>
#include <stdarg.h>

void dc_diagnosis_add_fact(dc_diagnosis *d, const char *format, ...)
{
    va_list args;

    if (d->n_facts == DC_FACTS)
        return;
    va_start(args, format);
    vsnprintf(d->facts[d->n_facts++], DC_FACT_TEXT, format, args);
    va_end(args);
}

static void print_candidate(const dc_diagnosis *d, const dc_candidate *c,
                            const char *before, FILE *to)
{
    fprintf(to, "%s%s (%s, class %s)\n", before, c->m->what, c->m->id,
            c->m->class_);
    fprintf(to, "      explains %" PRId64 " of %" PRId64 " findings", c->hits,
            d->examined);
    if (d->examined < d->failures)
        fprintf(to, " (a sample of %" PRId64 ")", d->failures);
    if (c->alarms)
        fprintf(to,
                ", but would also fail %" PRId64 " of %" PRId64
                " cases that pass",
                c->alarms, d->passing);
    if (c->m->report)
        fprintf(to, "; seen before in %s", c->m->report);
    fputc('\n', to);
}

void dc_diagnosis_print(const dc_diagnosis *d, FILE *to)
{
    fprintf(to, "%s: ", dc_ops[d->op].name);
    if (d->explained) {
        print_candidate(d, &d->candidates[0], "looks like: ", to);
    } else {
        fprintf(to,
                "none of %d known defects explains the %" PRId64 " findings\n",
                d->known, d->failures);
        for (int f = 0; f < d->n_facts; f++)
            fprintf(to, "    %s\n", d->facts[f]);
        if (d->n_candidates)
            print_candidate(d, &d->candidates[0], "    closest: ", to);
    }
    for (int k = 1; k < d->n_candidates; k++)
        fprintf(to, "    next: %s (%s), %" PRId64 " of %" PRId64 "%s\n",
                d->candidates[k].m->what, d->candidates[k].m->id,
                d->candidates[k].hits, d->examined,
                d->candidates[k].alarms ? ", and fails where it passes" : "");
}

/* SPDX-License-Identifier: MIT
 *
 * The verb `cases`: prints case strings, or what a tier covers.
 */
#include <inttypes.h>
#include <stdio.h>

#include "cases/space/certificate.h"
#include "ref/format.h"
#include "oracle/verbs/verbs.h"
#include "oracle/verbs/settings.h"

static dc_status print_certificate(const dc_settings *s, dc_error *e)
{
    dc_sweep sweep = s->filter.sweep;
    dc_coverage coverage[2];
    dc_status status = dc_sweep_open(&sweep);

    if (status == DC_OK)
        status = dc_certificate(&sweep, stdout, coverage);
    dc_sweep_close(&sweep);
    return status == DC_OK ? DC_OK : dc_nomem(e);
}

static dc_status print_cases(const dc_settings *s, dc_error *e)
{
    dc_selection selection;
    const dc_status status = dc_select(&s->filter, &selection, e);

    if (status != DC_OK)
        return status;
    for (int64_t i = 0; i < selection.count; i++) {
        char text[DC_CASE_MAX];

        dc_item_print(&selection.items[i], text);
        puts(text);
    }
    if (selection.short_of > 0)
        fprintf(stderr,
                "deconform: cases: the scope holds %" PRId64
                " different cases, %" PRId64 " fewer than the tier asks\n",
                selection.held, selection.short_of);
    dc_select_free(&selection);
    return DC_OK;
}

static int cases(const dc_env *env, int argc, char **argv, dc_error *e)
{
    dc_settings s;
    dc_status status = dc_settings_read(&s, &dc_cases_verb, argc, argv, e);

    (void)env;
    if (status != DC_OK)
        return DC_EXIT_FAULT;
    s.filter.whole = true;
    if (s.filter.sweep.n_dtypes == 0) {
        for (int d = 0; d < DC_FORMATS; d++)
            s.filter.sweep.dtypes[d] = d; /* f64 and f32 come first */
        s.filter.sweep.n_dtypes = s.certificate      ? DC_FORMATS
                                  : s.filter.n_cases ? 0
                                                     : 2;
    }
    status = s.certificate ? print_certificate(&s, e) : print_cases(&s, e);
    dc_settings_free(&s);
    return status == DC_OK ? DC_EXIT_CONFORMS : DC_EXIT_FAULT;
}

const dc_verb dc_cases_verb = {.name = "cases",
                               .about = "print the case strings of a tier",
                               .options = dc_settings_options,
                               .option_set = DC_OF_CASES,
                               .run = cases};

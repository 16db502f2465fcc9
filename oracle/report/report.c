/* SPDX-License-Identifier: MIT
 *
 * What all reports share, and the one for people.
 */
#include "oracle/report/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"
#include "ref/text.h"

dc_status dc_report_open(dc_report *r, const dc_run *run, const char *path,
                         dc_error *e)
{
    memset(r, 0, sizeof *r);
    r->run = run;
    r->path = path;
    r->file = path ? fopen(path, "w") : stdout;
    if (!r->file)
        return dc_error_set(e, DC_FAILED, NULL, -1, "cannot write %.150s: %s",
                            path ? path : "standard output", strerror(errno));
    return DC_OK;
}

dc_status dc_report_close(dc_report *r, dc_error *e)
{
    int bad = fflush(r->file) != 0 || ferror(r->file);

    if (r->path)
        bad |= fclose(r->file) != 0;
    r->file = NULL;
    return bad ? dc_error_set(e, DC_FAILED, NULL, -1, "cannot write %.150s: %s",
                              r->path ? r->path : "standard output",
                              strerror(errno))
               : DC_OK;
}

void dc_report_last_line(const dc_summary *s, char *text, size_t size)
{
    snprintf(text, size,
             "deconform: %" PRId64 " cases, %" PRId64 " pass, %" PRId64
             " fail, %" PRId64 " unsupported, %" PRId64 " crashed, %" PRId64
             " hung, seed %" PRIu64 ", %.1f s",
             s->cases, s->count[DC_PASS], s->count[DC_FAIL],
             s->count[DC_UNJUDGED], s->count[DC_CRASH], s->count[DC_HANG],
             s->seed, s->seconds);
}

/* ==== For people ======================================================== */

typedef struct {
    int64_t most;
    int64_t shown;
    int64_t held; /* findings that were only counted */
} text_state;

static text_state *text_of(dc_report *r)
{
    return r->state;
}

static void print_value(FILE *to, const dc_finding *f, int dtype)
{
    const int digits = dc_formats[dtype].size * 2;
    char position[160];

    dc_finding_position(f, position, sizeof position);
    fprintf(to, "    first at %s\n", position);
    fprintf(to, "    got   0x%0*" PRIx64 "  %-22a %.17g\n", digits, f->got_bits,
            f->got, f->got);
    fprintf(to, "    want  0x%0*" PRIx64 "  %-22a %.17g\n", digits,
            f->want_bits, f->want, f->want);
    fprintf(to, "    n = %" PRId64 " products, S = %.9g, ", f->n, f->s);
    if (f->bound > 0)
        fprintf(to, "bound %.3g, error/bound %.3g\n", f->bound, f->ratio);
    else
        fprintf(to, "exact data: every bit counts\n");
}

static void text_result(dc_report *r, const dc_result *result)
{
    static const char *const words[DC_VERDICTS] = {"WARN", "WARN", "FAIL",
                                                   "CRASHED", "HUNG"};
    text_state *state = text_of(r);
    char line[DC_CASE_MAX + 640];

    if (result->n_findings == 0)
        return;
    if (state->most && state->shown >= state->most) {
        state->held++;
        return;
    }
    state->shown++;
    dc_item_print(&result->item, line);
    fprintf(r->file, "%s %s\n", words[result->verdict], line);
    if (result->item.name)
        fprintf(r->file, "  known as %s: %s\n", result->item.name,
                result->item.hunts);
    for (int f = 0; f < result->n_findings; f++) {
        const dc_finding *at = &result->findings[f];
        char text[sizeof at->text];

        dc_text_clean(at->text, text, sizeof text);
        fprintf(r->file, "  %s: %s: %s\n", dc_ops[at->op].name,
                dc_check_names[at->check], text);
        if (at->has_value) {
            print_value(r->file, at, result->item.c.p.dtype);
        } else if (at->axes) {
            dc_finding_position(at, line, sizeof line);
            fprintf(r->file, "    first at %s\n", line);
        }
    }
    dc_run_command(r->run, result, result->findings[0].op, line, sizeof line);
    fprintf(r->file, "  reproduce: %s\n\n", line);
}

static dc_status text_end(dc_report *r, const dc_summary *s, dc_error *e)
{
    text_state *state = text_of(r);
    char who[256];
    char line[256];

    if (state->held)
        fprintf(r->file,
                "%" PRId64 " more cases with findings are not shown; --json "
                "and --junit hold them all\n",
                state->held);
    if (s->insight)
        dc_analysis_print(s->insight, r->run, r->file);
    if (s->left)
        fprintf(r->file, "stopped early: %" PRId64 " cases were not judged\n",
                s->left);
    snprintf(who, sizeof who, "%s %s", r->run->name, r->run->version);
    dc_text_clean(who, line, sizeof line);
    dc_stats_print(&s->tally, r->file);
    fprintf(r->file, "%s, %s\n", line, r->run->dtypes);
    dc_report_last_line(s, line, sizeof line);
    fprintf(r->file, "%s\n", line);
    free(state);
    return dc_report_close(r, e);
}

dc_status dc_report_text(dc_report *r, const dc_run *run, int64_t most,
                         dc_error *e)
{
    dc_status status = dc_report_open(r, run, NULL, e);
    text_state *state;

    if (status != DC_OK)
        return status;
    state = calloc(1, sizeof *state);
    if (!state)
        return dc_nomem(e);
    state->most = most;
    r->state = state;
    r->result = text_result;
    r->end = text_end;
    return status;
}

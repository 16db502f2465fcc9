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
#include "oracle/explain/analysis.h"

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

/* An identity compares several operations: all must be asked again. */
static int is_identity(const dc_result *result, dc_op op)
{
    for (int f = 0; f < result->n_findings; f++)
        if (result->findings[f].op == op)
            return strcmp(result->findings[f].check, "adjoint") == 0 ||
                   strcmp(result->findings[f].check, "finite difference") == 0;
    return 0;
}

void dc_report_command(const dc_run *run, const dc_result *result, dc_op op,
                       char *text, size_t size)
{
    char impl[512];
    char name[DC_CASE_MAX];

    quote(run->impl, impl, sizeof impl);
    dc_item_print(&result->item, name);
    const int all = is_identity(result, op);
    snprintf(text, size, "%s %s %s%s%s%s --case %s", run->program,
             run->how ? run->how : "verify --impl", impl, run->options,
             all ? "" : " --op ", all ? "" : dc_ops[op].name, name);
}

void dc_report_position(const dc_finding *f, char *text, size_t size)
{
    size_t at =
        (size_t)snprintf(text, size, "%s[", dc_tensor_names[dc_ops[f->op].out]);

    for (int a = 0; a < f->axes && at < size; a++)
        at += (size_t)snprintf(text + at, size - at, "%s%" PRId64, a ? "," : "",
                               f->at[a]);
    if (at < size)
        snprintf(text + at, size - at, "]");
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

void dc_report_clean(const char *from, char *text, size_t size)
{
    size_t at = 0;

    for (; *from && at + 1 < size; from++)
        text[at++] =
            (*from >= 32 && *from < 127) || *from == '\n' ? *from : '?';
    text[at] = 0;
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

    dc_report_position(f, position, sizeof position);
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

        dc_report_clean(at->text, text, sizeof text);
        fprintf(r->file, "  %s: %s: %s\n", dc_ops[at->op].name, at->check,
                text);
        if (at->has_value) {
            print_value(r->file, at, result->item.c.p.dtype);
        } else if (at->axes) {
            dc_report_position(at, line, sizeof line);
            fprintf(r->file, "    first at %s\n", line);
        }
    }
    dc_report_command(r->run, result, result->findings[0].op, line,
                      sizeof line);
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
    dc_report_clean(who, line, sizeof line);
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

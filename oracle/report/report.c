/* SPDX-License-Identifier: MIT
 *
 * Opening and closing any report, and the report for people.
 */
#include "oracle/report/report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "ref/format.h"
#include "ref/text.h"

static dc_status cannot_write(const char *path, dc_error *e)
{
    return dc_failed(e, "cannot write %.150s: %s",
                     path ? path : "standard output", strerror(errno));
}

dc_status dc_report_open(dc_report *r, const dc_run *run, const char *path,
                         dc_error *e)
{
    memset(r, 0, sizeof *r);
    r->run = run;
    r->path = path;
    r->file = path ? fopen(path, "we") : stdout;
    return r->file ? DC_OK : cannot_write(path, e);
}

bool dc_report_writes(const dc_report *r, const char *path)
{
    struct stat ours;
    struct stat other;

    return !fstat(fileno(r->file), &ours) && S_ISREG(ours.st_mode) &&
           !stat(path, &other) && ours.st_dev == other.st_dev &&
           ours.st_ino == other.st_ino;
}

dc_status dc_report_close(dc_report *r, dc_error *e)
{
    bool failed = fflush(r->file) != 0 || ferror(r->file);

    if (r->path)
        failed |= fclose(r->file) != 0;
    r->file = NULL;
    return failed ? cannot_write(r->path, e) : DC_OK;
}

/* ==== For people ======================================================== */

/* Illegal problems that are named in the text. */
enum { NAMED = 8 };

/* Is this what a plug-in's result holds before a call? */
static bool is_poison(uint64_t bits, int dtype)
{
    const uint64_t all_ones = UINT64_MAX >> (64 - 8 * dc_formats[dtype].size);

    return bits == all_ones / 0xff * DC_POISON_A ||
           bits == all_ones / 0xff * DC_POISON_B;
}

static void print_value(FILE *to, const dc_finding *f, int dtype)
{
    const int digits = dc_formats[dtype].size * 2;

    fprintf(to, "    got   0x%0*" PRIx64 "  %-22a %.17g%s\n", digits,
            f->got_bits, f->got, f->got,
            is_poison(f->got_bits, dtype)
                ? " (the pattern that the judge wrote before the call)"
                : "");
    fprintf(to, "    want  0x%0*" PRIx64 "  %-22a %.17g\n", digits,
            f->want_bits, f->want, f->want);
    fprintf(to, "    n = %" PRId64 " products, S = %.9g, ", f->n, f->s);
    if (f->bound > 0)
        fprintf(to, "bound %.3g, error/bound %.3g\n", f->bound, f->ratio);
    else
        fprintf(to, "exact data: every bit counts\n");
}

/* What the judged printed, each line with a mark in front of it. */
static void print_said(FILE *to, const char *said)
{
    if (*said)
        fprintf(to, "    it printed:\n");
    while (*said) {
        const int n = (int)strcspn(said, "\n");

        fprintf(to, "    | %.*s\n", n, said);
        said += n + (said[n] == '\n');
    }
}

static void print_finding(FILE *to, const dc_finding *f, int dtype)
{
    char text[sizeof f->text];
    char position[160];

    dc_text_clean(f->text, text, sizeof text);
    fprintf(to, "  %s: %s: %s\n", dc_ops[f->op].name, dc_check_names[f->check],
            text);
    print_said(to, f->said);
    if (f->has_value || f->axes) {
        dc_finding_position(f, position, sizeof position);
        fprintf(to, "    first at %s\n", position);
    }
    if (f->has_value)
        print_value(to, f, dtype);
}

static int64_t unrefused(const dc_report *r)
{
    return r->illegal[DC_FAIL] + r->illegal[DC_CRASH] + r->illegal[DC_HANG];
}

/* Is all that was found about the calls of the illegal problem, and not about
 * those of the legal one beside it? */
static bool is_about_refusal(const dc_result *result)
{
    for (int f = 0; f < result->n_findings; f++)
        if (result->findings[f].check != DC_CHECK_REFUSAL &&
            result->findings[f].check != DC_CHECK_CRASHED &&
            result->findings[f].check != DC_CHECK_HUNG)
            return false;
    return result->item.kind == DC_ITEM_REFUSAL;
}

/* Illegal problems that were not refused have one cause, so that only the first
 * of each verdict is printed.  Returns whether this is another one. */
static bool is_another_refusal(dc_report *r, const dc_result *result)
{
    const size_t used = strlen(r->illegal_names);

    if (!is_about_refusal(result))
        return false;
    if (unrefused(r) < NAMED)
        snprintf(r->illegal_names + used, sizeof r->illegal_names - used,
                 "%s%s", used ? ", " : "", result->item.name);
    return r->illegal[result->verdict]++ > 0;
}

/* Calls that were not made are told once.  Returns whether all that r has found
 * is about those. */
static bool is_omitted(dc_report *r, const dc_result *result)
{
    for (int f = 0; f < result->n_findings; f++)
        if (!result->findings[f].omitted)
            return false;
    r->omitted++;
    dc_text_clean(result->findings[0].text, r->silent, sizeof r->silent);
    return true;
}

static void print_omitted(const dc_report *r)
{
    fprintf(r->file,
            "%" PRId64 " more cases are judged like the last one that was "
            "asked: %s\n"
            "  --timeout SEC gives each call longer\n\n",
            r->omitted, r->silent);
}

static void print_refusals(const dc_report *r, int64_t asked)
{
    fprintf(r->file,
            "FAIL refusals: %" PRId64 " of %" PRId64
            " illegal problems were not refused (%" PRId64 " answered, %" PRId64
            " crashed, %" PRId64 " hung): %s%s\n"
            "  answer DC_INVALID to them, which supports() may do for all "
            "operations; if callers guarantee\n"
            "  legal arguments, run with --trusting, and no illegal problem "
            "is asked\n\n",
            unrefused(r), asked, r->illegal[DC_FAIL], r->illegal[DC_CRASH],
            r->illegal[DC_HANG], r->illegal_names,
            unrefused(r) > NAMED ? ", ..." : "");
}

static void text_result(dc_report *r, const dc_result *result)
{
    static const char *const words[DC_VERDICTS] = {"WARN", "WARN", "FAIL",
                                                   "CRASHED", "HUNG"};
    char line[DC_COMMAND_MAX];

    if (result->n_findings == 0 || is_omitted(r, result) ||
        is_another_refusal(r, result))
        return;
    if (r->full && r->shown >= r->full) {
        r->hidden++;
        return;
    }
    r->shown++;
    dc_item_print(&result->item, line);
    fprintf(r->file, "%s %s\n", words[result->verdict], line);
    for (int f = 0; f < result->n_findings; f++)
        print_finding(r->file, &result->findings[f], result->item.c.p.dtype);
    /* why it is asked is no diagnosis */
    if (result->item.name && result->item.kind != DC_ITEM_REFUSAL)
        fprintf(r->file, "  case %s, which asks for: %s\n", result->item.name,
                result->item.hunts);
    dc_result_command(result, result->findings[0].op, r->run, line,
                      sizeof line);
    fprintf(r->file, "  reproduce: %s\n\n", line);
}

static dc_status text_end(dc_report *r, const dc_summary *s, dc_error *e)
{
    char who[256];

    if (unrefused(r) > 1)
        print_refusals(r, s->stats.illegal);
    if (r->omitted)
        print_omitted(r);
    if (r->hidden)
        fprintf(r->file,
                "%" PRId64 " more cases with findings are not shown; --json "
                "and --junit hold them all\n",
                r->hidden);
    if (s->analysis)
        dc_analysis_print(s->analysis, r->run, r->file);
    if (s->left)
        fprintf(r->file, "stopped early: %" PRId64 " cases were not judged\n",
                s->left);
    dc_stats_print(&s->stats, r->file);
    if (s->stats.legal && !s->stats.computed)
        fprintf(r->file,
                "nothing could be judged: each of the %" PRId64
                " legal problems was answered \"unsupported\"; see what "
                "supports() allows and which operations are offered\n",
                s->stats.legal);
    if (s->growth)
        dc_growth_print(s->growth, r->file);
    if (s->lost[0])
        fprintf(r->file, "FAIL %s\n", s->lost);
    snprintf(who, sizeof who, "%s%s%s", r->run->name,
             *r->run->version ? " " : "", r->run->version);
    dc_text_clean(who, who, sizeof who);
    fprintf(r->file, "%s, %s\n", who, r->run->dtypes);
    fprintf(r->file,
            "deconform: %" PRId64 " cases, %" PRId64 " pass, %" PRId64
            " fail, %" PRId64 " unsupported, %" PRId64 " crashed, %" PRId64
            " hung, seed %" PRIu64 ", %.1f s\n",
            s->cases, s->count[DC_PASS], s->count[DC_FAIL],
            s->count[DC_UNJUDGED], s->count[DC_CRASH], s->count[DC_HANG],
            s->seed, s->seconds);
    return dc_report_close(r, e);
}

dc_status dc_report_text(dc_report *r, const dc_run *run, int64_t full,
                         dc_error *e)
{
    const dc_status status = dc_report_open(r, run, NULL, e);

    r->full = full;
    r->result = text_result;
    r->end = text_end;
    return status;
}

/* SPDX-License-Identifier: MIT
 *
 * The verb `self-check`: the steps that compare our results with published
 * facts and judge the mutants, and the loop that runs all steps.
 */
#include "oracle/selfcheck/selfcheck.h"

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cases/catalog/catalog.h"
#include "cases/catalog/example.h"
#include "ref/counts.h"
#include "ref/ref.h"
#include "oracle/base/clock.h"
#include "oracle/selfcheck/checkers.h"
#include "oracle/selfcheck/matrix.h"

bool dc_selfcheck_expect(dc_step *s, bool ok, const char *format, ...)
{
    s->checks++;
    if (!ok && s->wrong++ == 0) {
        va_list args;
        va_start(args, format);
        vsnprintf(s->fault, sizeof s->fault, format, args);
        va_end(args);
    }
    return ok;
}

/* ==== Published examples ================================================ */

static void print_values(FILE *to, const double *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        fprintf(to, "%s%g", i ? ", " : "", values[i]);
}

/* One result of an example: the reference must give the right values, and
 * differ from values that were published wrongly. */
static dc_status check_result(dc_step *s, const dc_example *x,
                              const dc_problem *p, dc_op op,
                              const void *const tensors[DC_TENSORS],
                              int64_t *refuted)
{
    const dc_tensor out = dc_ops[op].out;
    const dc_numbers *right = &x->right[out];
    const dc_numbers *wrong = &x->wrong[out];
    const int64_t count = dc_problem_count(p, out);
    double *got = calloc((size_t)count + 1, sizeof *got);
    dc_status status = got ? DC_OK : DC_NOMEM;

    if (status == DC_OK)
        status = dc_ref_run(p, op, tensors, got);
    if (status == DC_OK)
        dc_selfcheck_expect(s, right->count == count,
                            "%s: %s has %" PRId64 " values, not %d", x->name,
                            dc_tensor_names[out], count, right->count);
    for (int64_t i = 0; status == DC_OK && i < count && i < right->count; i++)
        dc_selfcheck_expect(s, got[i] == right->values[i],
                            "%s: %s[%" PRId64 "] must be %g, the reference "
                            "gives %g",
                            x->name, dc_tensor_names[out], i, right->values[i],
                            got[i]);
    if (status == DC_OK && wrong->count) {
        bool same = wrong->count == count;
        for (int64_t i = 0; same && i < count; i++)
            same = wrong->values[i] == got[i];
        dc_selfcheck_expect(s, !same, "%s: the printed %s is not wrong",
                            x->name, dc_tensor_names[out]);
        fprintf(s->to, "  refuted: %s: %s printed [", x->source,
                dc_tensor_names[out]);
        print_values(s->to, wrong->values, wrong->count);
        fprintf(s->to, "], right [");
        print_values(s->to, got, count);
        fprintf(s->to, "]\n");
        ++*refuted;
    }
    free(got);
    return status;
}

static dc_status check_examples(dc_step *s)
{
    dc_status status = DC_OK;
    int64_t refuted = 0;

    for (int k = 0; k < dc_examples_count && status == DC_OK; k++) {
        const dc_example *x = &dc_examples[k];
        const void *tensors[DC_TENSORS] = {NULL};
        dc_case c;
        dc_error e;

        if (!dc_selfcheck_expect(s, dc_case_parse(x->spec, &c, &e) == DC_OK,
                                 "%s: %s", x->name, e.text))
            continue;
        c.p.dtype = DC_F64;
        for (int t = DC_X; t <= DC_GY; t++)
            tensors[t] = x->in[t].values;
        for (int op = 0; op < DC_OPS && status == DC_OK; op++)
            if (x->right[dc_ops[op].out].count)
                status = check_result(s, x, &c.p, (dc_op)op, tensors, &refuted);
    }
    snprintf(s->summary, sizeof s->summary,
             "%d published examples, %" PRId64 " values right, %" PRId64
             " printed results refuted",
             dc_examples_count, s->checks, refuted);
    return status;
}

/* ==== Published sizes and counts ======================================== */

static void check_count(dc_step *s, const dc_count_example *x)
{
    dc_case c;
    dc_counts n;
    dc_error e = {DC_OK, NULL, -1, ""};

    if (!dc_selfcheck_expect(s,
                             dc_case_parse(x->spec, &c, &e) == DC_OK &&
                                 dc_counts_of(&c.p, &n, &e) == DC_OK,
                             "%s: %s", x->name, e.text))
        return;
    const struct {
        const char *what;
        int64_t want, got;
    } rows[] = {
        {"T", x->taps, n.taps},
        {"E", x->reached, n.reached},
        {"direct", x->direct, n.mul[DC_FORWARD]},
        {"col2im", x->col2im, n.mul_col2im},
        {"zero-stuffed", x->stuffed, n.mul_stuffed},
        {"total", x->total, n.mul[DC_FORWARD] + n.add[DC_FORWARD]},
        {"published total", x->published, n.published_total},
    };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        dc_selfcheck_expect(s, rows[r].want == rows[r].got,
                            "%s: %s must be %" PRId64 ", is %" PRId64, x->name,
                            rows[r].what, rows[r].want, rows[r].got);
}

static dc_status check_sizes(dc_step *s)
{
    int errata = 0;

    for (int k = 0; k < dc_size_examples_count; k++) {
        const dc_size_example *x = &dc_size_examples[k];
        dc_case c;
        dc_error e;
        bool differs = false;

        if (!dc_selfcheck_expect(s, dc_case_parse(x->spec, &c, &e) == DC_OK,
                                 "%s: %s", x->name, e.text))
            continue;
        for (int a = 0; a < c.p.rank; a++) {
            dc_selfcheck_expect(
                s, c.p.o[a] == x->right[a],
                "%s: o on axis %s must be %" PRId64 ", is %" PRId64, x->name,
                dc_axis_name(c.p.rank, a), x->right[a], c.p.o[a]);
            differs |= x->printed[a] != c.p.o[a];
        }
        if (differs)
            fprintf(s->to,
                    "  refuted: %s: printed size %" PRId64 ", right %" PRId64
                    "\n",
                    x->source, x->printed[0], x->right[0]);
        errata += differs;
    }
    for (int k = 0; k < dc_count_examples_count; k++)
        check_count(s, &dc_count_examples[k]);
    snprintf(s->summary, sizeof s->summary,
             "%d published sizes (%d refuted), %d configurations counted",
             dc_size_examples_count, errata, dc_count_examples_count);
    return DC_OK;
}

/* ==== Refusals ========================================================== */

static dc_status check_refusals(dc_step *s)
{
    for (int k = 0; k < dc_refusals_count; k++) {
        const dc_refusal *x = &dc_refusals[k];
        dc_case legal;
        dc_problem p;
        dc_error e = {DC_OK, "?", -2, ""};
        dc_status status;

        dc_refusal_legal(x, &legal);
        (void)dc_refusal_make(x, &legal.p, &p);
        status = dc_problem_complete(&p, &e);

        dc_selfcheck_expect(s, status == DC_INVALID, "%s: accepted", x->name);
        dc_selfcheck_expect(s, e.field && strcmp(e.field, x->field) == 0,
                            "%s: blames %s, not %s", x->name,
                            e.field ? e.field : "nothing", x->field);
        dc_selfcheck_expect(s, e.axis == x->axis, "%s: names axis %d, not %d",
                            x->name, e.axis, x->axis);
    }
    snprintf(s->summary, sizeof s->summary,
             "%d illegal problems refused, each naming its field and axis",
             dc_refusals_count);
    return DC_OK;
}

/* ==== Mutants =========================================================== */

/* Each mutant is judged like an implementation of unknown quality, in a process
 * of its own, on the cases that `verify` judges, until its first finding. */
dc_status dc_selfcheck_mutants(dc_step *s)
{
    int *const numbers = calloc((size_t)dc_mutants_count + 1, sizeof *numbers);
    const dc_matrix_plan plan = {.self = s->self,
                                 .mutants = numbers,
                                 .n_mutants = dc_mutants_count + 1,
                                 .every = 1,
                                 .timeout = 10,
                                 .once = true};
    int in_smoke = 0;
    int in_ci = 0;
    dc_matrix x;
    dc_error e = {.text = ""};
    dc_status status = DC_NOMEM;

    for (int m = 0; numbers && m <= dc_mutants_count; m++)
        numbers[m] = m - 1; /* -1: the algorithm without a mutation */
    if (numbers)
        status = dc_matrix_run(&x, &plan, &e);
    free(numbers);
    if (status != DC_OK) {
        snprintf(s->fault, sizeof s->fault, "%s", e.text);
        return status;
    }
    dc_selfcheck_expect(s, !dc_matrix_caught(&x.rows[0]),
                        "the algorithm without a mutation is accused (%s)",
                        dc_matrix_killer(&x.rows[0]));
    for (int r = 1; r < x.n_rows; r++) {
        const dc_matrix_row *const row = &x.rows[r];
        const bool caught = dc_matrix_caught(row);

        in_smoke += row->killed[0] > 0;
        in_ci += caught;
        if (!dc_selfcheck_expect(s, caught, "%s escapes: %s", row->m->id,
                                 row->m->what))
            fprintf(s->to, "  escapes: %s (%s): %s\n", row->m->id,
                    row->m->class_, row->m->what);
    }
    snprintf(s->summary, sizeof s->summary,
             "%d/%d caught in smoke, %d/%d in ci", in_smoke, dc_mutants_count,
             in_ci, dc_mutants_count);
    dc_matrix_close(&x);
    return DC_OK;
}

/* ==== All steps ========================================================= */

static const struct {
    const char *name;
    dc_selfcheck_step *run;
} steps[] = {
    {"known answers", check_examples},
    {"sizes and counts", check_sizes},
    {"refusals", check_refusals},
    {"second reference", dc_selfcheck_second},
    {"finite differences", dc_selfcheck_differences},
    {"edges of the verdict", dc_selfcheck_edges},
    {"mutants", dc_selfcheck_mutants},
};

int dc_selfcheck_run(FILE *to, const char *self, dc_error *e)
{
    const double start = dc_clock_now();
    int64_t wrong = 0;

    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
        dc_step s = {.to = to, .self = self};
        const dc_status status = steps[k].run(&s);

        if (status != DC_OK) {
            dc_error_set(e, status, NULL, -1, "%s could not be done: %s",
                         steps[k].name,
                         s.fault[0] ? s.fault : dc_status_name(status));
            return DC_EXIT_FAULT;
        }
        fprintf(to, "%-4s %-21s %s\n", s.wrong ? "FAIL" : "ok", steps[k].name,
                s.summary);
        if (s.wrong)
            fprintf(to, "     %" PRId64 " of %" PRId64 " checks failed: %s\n",
                    s.wrong, s.checks, s.fault);
        fflush(to);
        wrong += s.wrong;
    }
    fprintf(to, "self-check: the judge is %s, %.1f s\n",
            wrong ? "NOT sound" : "sound", dc_clock_now() - start);
    if (fflush(to) != 0 || ferror(to)) {
        dc_failed(e, "cannot write its report");
        return DC_EXIT_FAULT;
    }
    return wrong ? DC_EXIT_FAILS : DC_EXIT_CONFORMS;
}

/* ==== The verb ========================================================== */

typedef struct {
    const char *matrix, *score, *checkers; /* files, or NULL */
} settings;

static const dc_option options[] = {
    {"matrix", "FILE.csv",
     "instead: which check kills which mutant?\n"
     "Also writes FILE.md",
     DC_OPTION_TEXT(settings, matrix)},
    {"power", "FILE.md", "instead: how well are mutants diagnosed and shrunk?",
     DC_OPTION_TEXT(settings, score)},
    {"checkers", "FILE",
     "instead: what do published checks let through,\n"
     "and whom do they accuse?",
     DC_OPTION_TEXT(settings, checkers)},
    {.name = NULL}};

/* Writes the files for the mutants whose IDs the words are; without words, for
 * all. */
static dc_status write_files(const settings *s, const dc_verb_line *line,
                             dc_error *e)
{
    const int n = line->n_words;
    int *const rows = calloc((size_t)n + 1, sizeof *rows);
    const dc_matrix_plan plan = {.mutants = n ? rows : NULL,
                                 .n_mutants = n,
                                 .every = 1,
                                 .enough = 64,
                                 .timeout = 5,
                                 .progress = stdout};
    const dc_checkers_plan checkers = {.mutants = plan.mutants,
                                       .n_mutants = n,
                                       .every = n ? 50 : 4, /* a quick look */
                                       .progress = stdout};
    dc_status status = rows ? DC_OK : dc_nomem(e);

    for (int k = 0; k < n && status == DC_OK; k++) {
        const dc_mutant *const m = dc_mutant_find(line->words[k]);

        if (m)
            rows[k] = (int)(m - dc_mutants);
        else
            status =
                dc_invalid(e, "no mutant has the name %.60s", line->words[k]);
    }
    if (status == DC_OK && s->matrix)
        status = dc_matrix_write(s->matrix, &plan, e);
    if (status == DC_OK && s->score)
        status = dc_diagnosis_score_write(s->score, rows, n, stdout, e);
    if (status == DC_OK && s->checkers)
        status = dc_checkers_write(s->checkers, &checkers, e);
    free(rows);
    return status;
}

static int run(const dc_env *env, int argc, char **argv, dc_error *e)
{
    settings s = {NULL, NULL, NULL};
    dc_verb_line line;

    (void)env;
    if (dc_verb_read(&dc_selfcheck_verb, argc, argv, &s, &line, e) != DC_OK)
        return DC_EXIT_FAULT;
    const bool files = s.matrix || s.score || s.checkers;

    if (!files && line.n_words == 0)
        return dc_selfcheck_run(stdout, NULL, e);
    if (!files) {
        dc_invalid(e, "%.60s: IDs are for --matrix, --power and --checkers",
                   line.words[0]);
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
    .notes = "ID: a mutant that --matrix, --power and --checkers measure;\n"
             "otherwise all\n"
             "\n"
             "exit: 0 sound, 1 not sound, 2 usage or harness fault\n",
    .run = run,
};

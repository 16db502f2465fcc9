/* SPDX-License-Identifier: MIT
 *
 * The verb `judge`: judges answers that were computed elsewhere.
 */
#include "oracle/verbs/judge_pack.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/base/clock.h"
#include "oracle/verbs/reporting.h"
#include "oracle/verbs/verbs.h"

/* ==== Which cases ======================================================= */

typedef char case_name[DC_CASE_MAX];

/* The cases of --case as the pack writes them; to be freed. */
static dc_status named_cases(const dc_settings *s, case_name **names,
                             dc_error *e)
{
    dc_status status = DC_OK;

    *names = calloc((size_t)s->filter.n_cases + 1, sizeof **names);
    if (!*names)
        return dc_nomem(e);
    for (int k = 0; k < s->filter.n_cases && status == DC_OK; k++) {
        dc_case c;

        status = dc_case_parse(s->filter.cases[k], &c, e);
        if (status == DC_OK)
            dc_case_print(&c, (*names)[k]);
    }
    return status;
}

/* Does an entry pass --case (as `names`) and --match? */
static bool wanted(const dc_settings *s, const case_name *names,
                   const dc_pack_entry *entry)
{
    char name[DC_CASE_MAX];
    bool named = s->filter.n_cases == 0;

    dc_case_print(&entry->c, name);
    for (int k = 0; k < s->filter.n_cases && !named; k++)
        named = strcmp(names[k], name) == 0;
    return named &&
           (!s->filter.match || fnmatch(s->filter.match, name, 0) == 0 ||
            fnmatch(s->filter.match, entry->id, 0) == 0);
}

/* Removes the entries that the filters exclude from the pack in memory. */
static dc_status filter(const dc_settings *s, dc_pack *pack, dc_error *e)
{
    int64_t kept = 0;
    case_name *names;
    dc_status status = named_cases(s, &names, e);

    for (int64_t i = 0; i < pack->count && status == DC_OK; i++) {
        const dc_pack_entry *entry = &pack->entries[i];

        if (!wanted(s, names, entry))
            continue;
        status = dc_bound_check(&s->judge.arithmetic, entry->c.p.dtype, e);
        pack->entries[kept++] = *entry;
    }
    if (status == DC_OK && kept == 0)
        status = dc_invalid(e, "no case is left after the filters");
    pack->count = kept;
    free(names);
    return status;
}

/* ==== The run =========================================================== */

static dc_status judge_case(void *context, void *worker, dc_result *result,
                            dc_error *e)
{
    (void)worker;
    return dc_judge_pack_case(context, result, e);
}

static int judge_pack(const dc_env *env, const dc_settings *s,
                      dc_judge_pack *answers, dc_error *e)
{
    char how[4400];
    const dc_run run = {.program = env->program,
                        .impl = s->answers,
                        .how = how,
                        .name = "answers to",
                        .version = s->dir,
                        .options = s->reproduce,
                        .dtypes = "judged as the pack says",
                        .seed = answers->pack->seed};
    const dc_reporting r = {.settings = s,
                            .run = &run,
                            .interrupted = env->interrupted,
                            .count = answers->pack->count,
                            .start = dc_clock_now(),
                            .judge = judge_case,
                            .context = answers};

    snprintf(how, sizeof how, "judge %s --answers", s->dir);
    return dc_reporting_run(&r, e);
}

/* Opens the pack and the answers.  A file among the answers that belongs to no
 * case is described in `extra`: the others are judged nevertheless. */
static dc_status prepare(const dc_settings *s, dc_pack *pack,
                         dc_judge_pack *answers, dc_error *extra, dc_error *e)
{
    dc_status status;

    if (!s->dir || !s->answers)
        return dc_invalid(e, "DIR and --answers DIR2 are required");
    status = dc_pack_open(pack, s->dir, e);
    if (status == DC_OK && !pack->format->read)
        status = dc_error_set(e, DC_UNSUPPORTED, NULL, -1,
                              "%.120s: a pack in the format %s holds no "
                              "answers; the same cases in json have the same "
                              "ids",
                              s->dir, pack->format->name);
    if (status == DC_OK)
        status = dc_judge_pack_refused(answers, e);
    if (status == DC_OK)
        status = dc_judge_pack_extra(answers, extra);
    if (status == DC_INVALID && extra->status == DC_INVALID)
        status = DC_OK; /* said after the others are judged */
    else if (extra->status != DC_OK)
        *e = *extra;
    return status == DC_OK ? filter(s, pack, e) : status;
}

static int judge(const dc_env *env, int argc, char **argv, dc_error *e)
{
    dc_settings s;
    dc_pack pack = {0};
    dc_judge_pack answers = {.pack = &pack};
    dc_error extra = {DC_OK, NULL, -1, ""};
    int code = DC_EXIT_FAULT;

    if (dc_settings_read(&s, &dc_judge_pack_verb, argc, argv, e) != DC_OK)
        return DC_EXIT_FAULT;
    answers.dir = s.answers;
    answers.judge = s.judge;
    if (prepare(&s, &pack, &answers, &extra, e) == DC_OK)
        code = judge_pack(env, &s, &answers, e);
    if (extra.status != DC_OK && code != DC_EXIT_FAULT &&
        code != DC_EXIT_INTERRUPTED) {
        *e = extra;
        code = DC_EXIT_FAULT;
    }
    free(answers.refused);
    dc_pack_close(&pack);
    dc_settings_free(&s);
    return code;
}

const dc_verb dc_judge_pack_verb = {
    .name = "judge",
    .about = "judge answers that were computed elsewhere",
    .words = "DIR",
    .words_max = 1,
    .options = dc_settings_options,
    .option_set = DC_OF_JUDGE,
    .interruptible = true,
    .run = judge};

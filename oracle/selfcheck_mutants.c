/* SPDX-License-Identifier: MIT
 *
 * Every mutant must be caught: each is judged like a stranger's
 * implementation, in a process of its own, case by case until the first
 * finding.
 */
#include "selfcheck.h"

#include <inttypes.h>
#include <mpfr.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "judge.h"
#include "mutant.h"

/* What became of one mutant. */
typedef struct {
    int64_t cases; /* judged until it was caught, or all */
    int caught[DC_TIERS];
    const char *check; /* that caught it */
} fate;

typedef struct {
    const char *self;
    pthread_mutex_t lock;
    int next; /* mutant that nobody took, under the lock */
    fate *fates;
    dc_error fault;
} zoo;

static const dc_sweep sweeps[] = {
    {DC_SMOKE, 1, {DC_F64, DC_F32, DC_F16, DC_BF16}, 4, NULL},
    {DC_CI, 1, {DC_F64, DC_F32, DC_F16, DC_BF16}, 4, NULL},
};
enum { SWEEPS = sizeof sweeps / sizeof *sweeps };

/* Only what the mutant touches is asked: the rest is right by construction.
 * All is asked where only the agreement of operations gives it away. */
static dc_judge judge_of(const dc_mutant *m)
{
    const char *check = m ? dc_conduct_checks[m->conduct] : NULL;
    const int all = !m || (check && strcmp(check, "finite difference") == 0);
    dc_judge judge = {.arithmetic = {.accumulate = -1}};

    for (int op = 0; op < DC_OPS; op++)
        judge.ops[op] = all || dc_mutant_touches(m, (dc_op)op);
    return judge;
}

/* Judges one mutant (NULL: the clean one) through an open endpoint. */
static dc_status hunt(const dc_mutant *m, dc_endpoint *end, fate *f,
                      dc_error *e)
{
    const dc_judge judge = judge_of(m);

    for (int k = 0; k < SWEEPS; k++) {
        const int64_t count = dc_sweep_count(&sweeps[k]);

        for (int64_t i = 0; i < count; i++) {
            dc_result result;
            dc_status status;

            memset(&result, 0, sizeof result);
            dc_sweep_case(&sweeps[k], i, &result.item);
            status = dc_judge_case(&judge, end, &result, e);
            if (status != DC_OK)
                return status;
            f->cases++;
            if (result.verdict < DC_FAIL)
                continue;
            f->check = result.findings[0].check;
            for (int t = k; t < DC_TIERS; t++)
                f->caught[t] = 1;
            return DC_OK;
        }
        if (!m)
            break; /* the clean one passes: smoke is enough */
    }
    return DC_OK;
}

/* Mutants in turn; -1 is the clean one. */
static void *work(void *argument)
{
    zoo *z = argument;

    for (;;) {
        char what[64];
        const dc_subject subject = {what, z->self, 10};
        dc_endpoint *end = NULL;
        dc_error e = {DC_OK, NULL, -1, ""};
        int mine;
        dc_status status;

        pthread_mutex_lock(&z->lock);
        mine = z->next < dc_mutants_count ? z->next++ : dc_mutants_count;
        pthread_mutex_unlock(&z->lock);
        if (mine == dc_mutants_count)
            break;
        const dc_mutant *m = mine < 0 ? NULL : &dc_mutants[mine];
        snprintf(what, sizeof what, "mutant:%s", m ? m->id : "clean");
        status = dc_endpoint_open(&end, &subject, &e);
        if (status == DC_OK)
            status = hunt(m, end, &z->fates[mine + 1], &e);
        dc_endpoint_close(end);
        if (status != DC_OK) {
            pthread_mutex_lock(&z->lock);
            z->fault = e;
            z->next = dc_mutants_count;
            pthread_mutex_unlock(&z->lock);
        }
    }
    mpfr_free_cache();
    return NULL;
}

static void run_zoo(zoo *z)
{
    enum { THREADS_MAX = 64 };
    pthread_t threads[THREADS_MAX];
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int started = 0;

    pthread_mutex_init(&z->lock, NULL);
    while (started < cores && started < THREADS_MAX &&
           pthread_create(&threads[started], NULL, work, z) == 0)
        started++;
    if (started == 0)
        work(z);
    for (int t = 0; t < started; t++)
        pthread_join(threads[t], NULL);
    pthread_mutex_destroy(&z->lock);
}

dc_status dc_selfcheck_mutants(dc_step *s, FILE *to, const char *self)
{
    zoo z = {.self = self, .next = -1};
    int caught[SWEEPS] = {0};

    z.fates = calloc((size_t)dc_mutants_count + 1, sizeof *z.fates);
    if (!z.fates)
        return DC_NOMEM;
    run_zoo(&z);
    if (z.fault.status != DC_OK) {
        snprintf(s->fault, sizeof s->fault, "%s", z.fault.text);
        free(z.fates);
        return z.fault.status;
    }
    dc_selfcheck_expect(s, !z.fates[0].check,
                        "the algorithm without a mutation is accused (%s)",
                        z.fates[0].check ? z.fates[0].check : "");
    for (int m = 0; m < dc_mutants_count; m++) {
        const fate *f = &z.fates[m + 1];

        for (int k = 0; k < SWEEPS; k++)
            caught[k] += f->caught[k];
        if (!dc_selfcheck_expect(s, f->caught[DC_CI], "%s escapes: %s",
                                 dc_mutants[m].id, dc_mutants[m].what))
            fprintf(to, "  escapes: %s (%s): %s\n", dc_mutants[m].id,
                    dc_mutants[m].class_, dc_mutants[m].what);
    }
    snprintf(s->said, sizeof s->said, "%d/%d caught in smoke, %d/%d in ci",
             caught[DC_SMOKE], dc_mutants_count, caught[DC_CI],
             dc_mutants_count);
    free(z.fates);
    return DC_OK;
}

/* SPDX-License-Identifier: MIT
 *
 * Calls from two threads: the second one after the first, and both at once.
 */
#include "oracle/subject/guard_state.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/base/clock.h"
#include "ref/format.h"

/* Tensors of one call that take more are not doubled. */
static const size_t PAIR_BYTES = (size_t)1 << 28;

/* One of the two threads at work. */
typedef struct {
    dc_guard *guard;
    const dc_guard_request *r;
    dc_guard_memory *m;
    dc_overlap now;  /* what its calls are */
    char *alone;     /* the result of the call in the first thread, alone */
    char *farthest;  /* by element, of the results since */
    double seconds;  /* that the call took alone */
    double other;    /* and the other thread's */
    bool second;     /* is it the second thread? */
    dc_answer shown; /* by its calls */
    int rounds;
    atomic_uint *arrived;
    sem_t ready; /* the second thread has made its call alone */
} caller;

/* ==== Meeting ============================================================ */

/* Waits without sleeping, because to wake up takes longer than many calls. */
void dc_guard_meet(const dc_guard_meeting *meeting)
{
    unsigned spins = 0;

    atomic_fetch_add(meeting->arrived, 1);
    while (atomic_load(meeting->arrived) < meeting->until)
        if (++spins % 256 == 0)
            sched_yield();
    if (meeting->delay > 0) {
        const double end = dc_clock_now() + meeting->delay;

        while (dc_clock_now() < end)
            ;
    }
}

/* Short calls meet by chance: they are made more often. */
static int rounds_of(double seconds)
{
    return seconds < 1e-4 ? 16 : seconds < 1e-3 ? 8 : seconds < 1e-2 ? 2 : 1;
}

/* Seconds that a thread begins later in a round: each of the two in turn comes
 * when the other one is at its begin, or is through a quarter, a half or three
 * quarters. */
static double delay_of(const caller *c, int round)
{
    const bool second = round / 4 % 2 == 0;

    return second == c->second ? round % 4 * c->other / 4 : 0;
}

/* ==== One call =========================================================== */

/* Makes the call, with every tensor at the begin of its pages. */
static dc_status call(caller *c, const dc_guard_meeting *meeting)
{
    const dc_guard_manner how = {DC_AT_BEGIN, DC_AT_BEGIN, DC_POISON_A, false,
                                 meeting};

    return dc_guard_run(c->m, c->r, &how, &c->shown);
}

static const dc_region *result_of(const caller *c)
{
    return &c->m->slots[c->m->used - 1];
}

/* The first element with other bits than alone, or -1. */
static int64_t first_other(const caller *c)
{
    const dc_region *const out = result_of(c);
    const size_t size = (size_t)dc_formats[c->r->p->dtype].size;
    size_t at = 0;

    if (!out->bytes || !memcmp(out->at, c->alone, out->bytes))
        return -1;
    while (!memcmp(out->at + at, c->alone + at, size))
        at += size;
    return (int64_t)(at / size);
}

/* Makes the call and notes the first thing in which it differs from the call
 * alone. */
static void call_again(caller *c, const dc_guard_meeting *meeting)
{
    const dc_status status = call(c, meeting);
    const int64_t element = status == DC_OK ? first_other(c) : -1;
    const bool changed = c->shown.tensor != DC_TENSORS || c->shown.stray.side;

    if (element >= 0)
        dc_guard_keep_farther(c->r->p->dtype, c->alone, c->farthest,
                              result_of(c)->at, result_of(c)->bytes);
    if (c->shown.overlap.kind || (element < 0 && status == DC_OK && !changed))
        return;
    c->shown.overlap = c->now;
    c->shown.overlap.element = element;
    c->shown.overlap.status = dc_guard_known(status);
}

static void call_rounds(caller *c)
{
    for (int round = 0; round < c->rounds; round++) {
        const dc_guard_meeting meeting = {c->arrived, 2 * (unsigned)round + 2,
                                          delay_of(c, round)};

        call_again(c, &meeting);
    }
}

/* Makes the call alone in this thread, and keeps its result. */
static dc_status call_alone(caller *c, dc_error *e)
{
    const double start = dc_clock_now();
    const dc_status status = call(c, NULL);
    const size_t bytes = result_of(c)->bytes;

    c->seconds = dc_clock_now() - start;
    c->shown.status = status;
    free(c->alone);
    free(c->farthest);
    c->alone = malloc(bytes + 1);
    c->farthest = malloc(bytes + 1);
    if (!c->alone || !c->farthest)
        return dc_nomem(e);
    if (bytes) {
        memcpy(c->alone, result_of(c)->at, bytes);
        memcpy(c->farthest, c->alone, bytes);
    }
    return DC_OK;
}

/* ==== Two threads ======================================================== */

static void set_overlap(caller *c, dc_overlap_kind kind)
{
    c->guard->overlap.related = c->now.related;
    c->guard->overlap.kind = kind;
}

static void *second_thread(void *context)
{
    caller *const c = context;
    const dc_overlap both = c->now;

    c->now.kind = DC_OVERLAP_SECOND;
    set_overlap(c, DC_OVERLAP_SECOND);
    call_again(c, NULL);
    c->now = both;
    set_overlap(c, both.kind);
    sem_post(&c->ready);
    call_rounds(c);
    return NULL;
}

/* Adds what c's calls showed to `answer`. */
static void note(const caller *c, dc_answer *answer)
{
    answer->left |= c->shown.left;
    if (answer->overlap.kind || !c->shown.overlap.kind)
        return;
    answer->overlap = c->shown.overlap;
    answer->tensor = c->shown.tensor;
    answer->stray = c->shown.stray;
}

/* The second thread makes b's call alone, and then both threads theirs at once.
 */
static dc_status call_both(caller *a, caller *b, dc_answer *answer, dc_error *e)
{
    atomic_uint arrived = 0;
    pthread_t thread;

    a->arrived = b->arrived = &arrived;
    a->rounds = b->rounds = rounds_of(a->seconds + b->seconds);
    a->other = b->seconds;
    b->other = a->seconds;
    if (sem_init(&b->ready, 0, 0) ||
        pthread_create(&thread, NULL, second_thread, b))
        return dc_failed(e, "the host has no second thread");
    while (sem_wait(&b->ready) && errno == EINTR)
        ;
    call_rounds(a);
    pthread_join(thread, NULL);
    set_overlap(a, DC_OVERLAP_NONE);
    sem_destroy(&b->ready);
    note(a, answer);
    note(b, answer);
    return DC_OK;
}

/* ==== A related problem ================================================== */

/* Sets *q to p with a difference (dc_overlap_related[k]).  False if there is no
 * such problem, or it has no result. */
static bool is_related(const dc_problem *p, int k, dc_op op, dc_problem *q)
{
    *q = *p;
    for (int a = 0; a < p->rank; a++) {
        q->i[a] = k < 2 ? (p->i[a] + 1) / 2 : p->i[a];
        q->s[a] += k == 0;
    }
    q->n += k == 2;
    return dc_problem_complete(q, NULL) == DC_OK && !dc_problem_equal(p, q) &&
           dc_problem_count(q, dc_ops[op].out) > 0;
}

/* The inputs of a related problem: p's, as often as they are needed. */
static dc_status repeat_inputs(const dc_guard_request *r, const dc_problem *q,
                               void *inputs[DC_TENSORS], dc_error *e)
{
    const dc_op_info *const info = &dc_ops[r->op];

    for (int k = 0; k < info->takes; k++) {
        const dc_tensor t = info->in[k];
        const size_t have = dc_problem_bytes(r->p, t);
        const size_t want = dc_problem_bytes(q, t);
        char *to;

        if (!dc_op_takes(q, r->op, t))
            continue;
        to = inputs[t] = calloc(want + 1, 1);
        if (!to)
            return dc_nomem(e);
        for (size_t at = 0; have && at < want; at += have)
            memcpy(to + at, r->tensors[t], have < want - at ? have : want - at);
    }
    return DC_OK;
}

/* Makes b's call that of problem q, alone in this thread.  *ok: it has a
 * result. */
static dc_status call_related(caller *b, const dc_guard_request *r, bool *ok,
                              dc_error *e)
{
    dc_stray stray = {.tensor = DC_TENSORS};
    dc_status status = DC_OK;

    *ok = dc_guard_ask_supports(b->guard, r, &stray) == DC_OK;
    if (!*ok)
        return DC_OK;
    b->r = r;
    status = dc_guard_reserve(b->m, r, false, e);
    if (status == DC_OK)
        status = call_alone(b, e);
    *ok = status == DC_OK && b->shown.status == DC_OK;
    return status;
}

/* Both at once, b in the first related problem that has a result. */
static dc_status pair_related(caller *a, caller *b, const dc_guard_request *r,
                              dc_answer *answer, dc_error *e)
{
    dc_status status = DC_OK;
    bool done = false;

    for (int k = 0; k < DC_RELATED && status == DC_OK && !done; k++) {
        void *inputs[DC_TENSORS] = {NULL};
        dc_problem q;
        dc_guard_request other = *r;

        if (!is_related(r->p, k, r->op, &q))
            continue;
        other.p = &q;
        other.tensors = (const void *const *)inputs;
        status = repeat_inputs(r, &q, inputs, e);
        if (status == DC_OK)
            status = call_related(b, &other, &done, e);
        if (status == DC_OK && done) {
            a->now = (dc_overlap){.kind = DC_OVERLAP_RELATED, .related = k};
            b->now = a->now;
            b->now.other = true;
            status = call_both(a, b, answer, e);
        }
        for (int t = 0; t < DC_TENSORS; t++)
            free(inputs[t]);
    }
    return status;
}

/* ==== The same problem =================================================== */

static size_t bytes_of(const dc_guard_memory *m)
{
    size_t bytes = 0;

    for (int i = 0; i < m->used; i++)
        bytes += m->slots[i].bytes;
    return bytes;
}

/* Both at once, b in the same problem. */
static dc_status pair_same(caller *a, caller *b, const dc_guard_request *r,
                           dc_answer *answer, dc_error *e)
{
    dc_status status = dc_guard_reserve(b->m, r, false, e);

    if (status == DC_OK)
        status = call_alone(a, e);
    if (status == DC_OK)
        status = call_alone(b, e);
    if (status != DC_OK)
        return status;
    if (a->shown.status != DC_OK || b->shown.status != DC_OK) {
        answer->runs = 0;
        dc_guard_refused(
            answer, a->shown.status ? a->shown.status : b->shown.status, 5);
        return DC_OK;
    }
    a->now = b->now = (dc_overlap){.kind = DC_OVERLAP_SAME};
    return call_both(a, b, answer, e);
}

dc_status dc_guard_pair(dc_guard *guard, const dc_guard_request *r,
                        const char *first, char *second, dc_answer *answer,
                        dc_error *e)
{
    const size_t bytes = dc_problem_bytes(r->p, dc_ops[r->op].out);
    caller a = {.guard = guard,
                .r = r,
                .m = &guard->memory,
                .shown = dc_endpoint_blank()};
    caller b = a;
    dc_status status;

    if (bytes_of(&guard->memory) > PAIR_BYTES)
        return DC_OK;
    b.m = &guard->second;
    b.second = true;
    status = pair_same(&a, &b, r, answer, e);
    if (status == DC_OK && answer->status == DC_OK && b.farthest)
        dc_guard_keep_farther(r->p->dtype, first, second, b.farthest, bytes);
    if (status == DC_OK && answer->status == DC_OK && !answer->overlap.kind)
        status = pair_related(&a, &b, r, answer, e);
    if (status == DC_OK && answer->status == DC_OK && a.farthest)
        dc_guard_keep_farther(r->p->dtype, first, second, a.farthest, bytes);
    guard->second.used = 0;
    free(a.alone);
    free(a.farthest);
    free(b.alone);
    free(b.farthest);
    return status;
}

/* ==== In a signal handler ================================================ */

dc_overlap dc_guard_overlap(const dc_guard *guard)
{
    dc_overlap overlap = {.kind = DC_OVERLAP_NONE, .element = -1};

    if (guard) {
        overlap.kind = guard->overlap.kind;
        overlap.related = guard->overlap.related;
    }
    return overlap;
}

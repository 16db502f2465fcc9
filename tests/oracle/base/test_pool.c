/* SPDX-License-Identifier: MIT
 *
 * The pool: every task runs once, completion is reported in order, workers
 * open and close, and each way to stop stops it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdatomic.h>
#include <string.h>

#include "oracle/base/pool.h"

enum { TASKS = 100, JOBS = 4 };

typedef struct {
    atomic_int runs[TASKS];
    atomic_int opened;
    atomic_int closed;
    atomic_int ended; /* workers that came to their end */
    int64_t reported; /* tasks that were reported, all in order */
    int64_t stop_at;  /* task whose report stops the pool, or -1 */
    int64_t fail_at;  /* task that fails, or -1 */
    bool end_fails;
    int worker_that_fails; /* to open; counted from 1, or 0 */
    atomic_int wrong;      /* calls with another worker, or out of order */
} record;

static dc_status open_worker(void *context, void **worker, dc_error *e)
{
    record *r = context;

    *worker = r;
    if (atomic_fetch_add(&r->opened, 1) + 1 == r->worker_that_fails)
        return dc_failed(e, "no worker");
    return DC_OK;
}

static void close_worker(void *worker)
{
    record *r = worker;

    atomic_fetch_add(&r->closed, 1);
}

static dc_status run_task(void *context, void *worker, int64_t index,
                          dc_error *e)
{
    record *r = context;

    atomic_fetch_add(&r->wrong, worker != r);
    atomic_fetch_add(&r->runs[index], 1);
    return index == r->fail_at ? dc_failed(e, "task %d", (int)index) : DC_OK;
}

static dc_status end_worker(void *context, void *worker, dc_error *e)
{
    record *r = context;

    atomic_fetch_add(&r->wrong, worker != r || r->closed >= r->opened);
    atomic_fetch_add(&r->ended, 1);
    return r->end_fails ? dc_failed(e, "no end") : DC_OK;
}

static bool report(void *context, int64_t index)
{
    record *r = context;

    atomic_fetch_add(&r->wrong, index != r->reported);
    r->reported++;
    return index == r->stop_at;
}

static dc_status run(record *r, int jobs, const volatile sig_atomic_t *stop,
                     dc_error *e)
{
    const dc_pool pool = {.open = open_worker,
                          .close = close_worker,
                          .task = run_task,
                          .last = end_worker,
                          .on_done = report,
                          .context = r,
                          .count = TASKS,
                          .jobs = jobs,
                          .interrupted = stop};
    int64_t done = -1;
    const dc_status status = dc_pool_run(&pool, &done, e);

    assert_int_equal(done, r->reported);
    assert_int_equal(r->wrong, 0);
    return status;
}

static void every_task_runs_once(void **state)
{
    (void)state;
    for (int jobs = 0; jobs <= JOBS; jobs++) {
        record r = {.stop_at = -1, .fail_at = -1};
        dc_error e;

        assert_int_equal(run(&r, jobs, NULL, &e), DC_OK);
        assert_int_equal(r.reported, TASKS);
        assert_int_equal(r.opened, jobs ? jobs : 1);
        assert_int_equal(r.closed, r.opened);
        assert_int_equal(r.ended, r.opened);
        for (int k = 0; k < TASKS; k++)
            assert_int_equal(r.runs[k], 1);
    }
}

static void it_stops(void **state)
{
    static const volatile sig_atomic_t interrupted = 1;
    record ended = {.stop_at = 7, .fail_at = -1};
    record fails = {.stop_at = -1, .fail_at = 7};
    record idle = {.stop_at = -1, .fail_at = -1};
    record endless = {.stop_at = -1, .fail_at = -1, .end_fails = true};
    record unopened = {.stop_at = -1, .fail_at = -1, .worker_that_fails = 1};
    dc_error e = {.text = ""};

    (void)state;
    assert_int_equal(run(&ended, 1, NULL, &e), DC_OK);
    assert_int_equal(ended.reported, 8);
    assert_int_equal(run(&fails, 1, NULL, &e), DC_FAILED);
    assert_string_equal(e.text, "task 7");
    assert_int_equal(fails.reported, 7);
    assert_int_equal(fails.closed, 1);
    assert_int_equal(run(&idle, JOBS, &interrupted, &e), DC_OK);
    assert_int_equal(idle.reported, 0);
    assert_int_equal(ended.ended + fails.ended + idle.ended, 0);
    assert_int_equal(run(&endless, 1, NULL, &e), DC_FAILED);
    assert_string_equal(e.text, "no end");
    assert_int_equal(endless.closed, 1);
    assert_int_equal(run(&unopened, 1, NULL, &e), DC_FAILED);
    assert_string_equal(e.text, "no worker");
    assert_int_equal(unopened.closed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_once),
        cmocka_unit_test(it_stops),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

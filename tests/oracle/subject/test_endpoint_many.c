/* SPDX-License-Identifier: MIT
 *
 * Do endpoints that several threads open and close at the same time work
 * independently, and leave no process behind?
 */
#include "tests/support/subject.h"

#include <pthread.h>

static void *one_of_many(void *failed)
{
    material m = make(SMALL);

    for (int i = 0; i < 6; i++) {
        const dc_subject subject = {i % 2 ? PIPE : "fast",
                                    path("BIN", "./deconform"), PATIENT};
        dc_endpoint *end;
        dc_answer a = {.outcome = DC_CRASHED};

        if (dc_endpoint_open(&end, &subject, NULL) != DC_OK) {
            *(int *)failed = 1;
            continue;
        }
        if (dc_endpoint_call(end, &m.c, DC_FORWARD,
                             (const void *const *)m.tensors, m.result, &a,
                             NULL) != DC_OK ||
            a.outcome != DC_ANSWERED || a.status != DC_OK)
            *(int *)failed = 1;
        dc_endpoint_close(end);
    }
    drop(&m);
    return NULL;
}

static void test_parallel(void **state)
{
    pthread_t threads[4];
    int failed[4] = {0};

    (void)state;
    mode("good");
    for (int i = 0; i < 4; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, one_of_many, &failed[i]), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(failed[i], 0);
    }
    no_child("threads");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parallel),
    };

    reap_orphans();
    return cmocka_run_group_tests_name("endpoint_many", tests, NULL, NULL);
}

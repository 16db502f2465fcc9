/* SPDX-License-Identifier: MIT
 *
 * Is what a call left changed restored and named, and nothing else?
 */
#include "tests/support/subject.h"

#include <locale.h>

#include "oracle/subject/surroundings.h"

/* A locale with a long name, on any machine that has C.UTF-8. */
#define LONG_NAME "C.UTF-8@a.modifier.that.no.locale.has"

static dc_surroundings taken(void)
{
    dc_surroundings s;

    assert_true(dc_surroundings_take(&s));
    return s;
}

/* Twelve categories, one of them unlike the others, have a name of over 400
 * bytes. */
static void test_mixed_locale(void **state)
{
    dc_surroundings s;
    char *mixed;

    (void)state;
    if (!setlocale(LC_ALL, LONG_NAME))
        skip();
    setlocale(LC_TIME, "C");
    mixed = strdup(setlocale(LC_ALL, NULL));
    assert_true(mixed && strlen(mixed) > 400);
    s = taken();
    assert_int_equal(dc_surroundings_restore(&s), 0);
    assert_string_equal(setlocale(LC_ALL, NULL), mixed);
    setlocale(LC_NUMERIC, "C");
    assert_int_equal(dc_surroundings_restore(&s), 1U << DC_LEFT_LOCALE);
    assert_string_equal(setlocale(LC_ALL, NULL), mixed);
    setlocale(LC_ALL, "C");
    close(s.descriptor);
    free(mixed);
}

/* A directory that cannot be entered again, and all else is restored. */
static void test_no_way_back(void **state)
{
    dc_surroundings s = taken();
    const dc_surroundings home = s;
    const unsigned directory = 1U << DC_LEFT_DIRECTORY;
    unsigned expected = directory | 1U << DC_LEFT_SIGNALS;
    sigset_t user;

    (void)state;
    assert_int_equal(dc_surroundings_restore(&s), 0);
    assert_int_equal(chdir("/"), 0);
    sigemptyset(&user);
    sigaddset(&user, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &user, NULL);
    if (setlocale(LC_ALL, "C.UTF-8"))
        expected |= 1U << DC_LEFT_LOCALE;
    s.descriptor = -1;
    assert_int_equal(dc_surroundings_restore(&s), expected);
    assert_string_equal(setlocale(LC_ALL, NULL), "C");
    assert_int_equal(dc_surroundings_restore(&home), directory);
    assert_int_equal(dc_surroundings_restore(&home), 0);
    close(home.descriptor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mixed_locale),
        cmocka_unit_test(test_no_way_back),
    };

    return cmocka_run_group_tests_name("surroundings", tests, NULL, NULL);
}

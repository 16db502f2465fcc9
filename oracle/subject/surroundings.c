/* SPDX-License-Identifier: MIT
 *
 * Looks at each part of the state, and puts back what differs.
 */
#include "oracle/subject/surroundings.h"

#include <fcntl.h>
#include <float.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *const dc_left_names[DC_LEFTS] = {
    [DC_LEFT_ROUNDING] = "rounding mode",
    [DC_LEFT_FLUSH] = "flushing of subnormals",
    [DC_LEFT_SIGNALS] = "signal mask",
    [DC_LEFT_LIMITS] = "resource limits",
    [DC_LEFT_DIRECTORY] = "working directory",
    [DC_LEFT_LOCALE] = "locale",
};

void dc_left_list(unsigned left, char *text, size_t size)
{
    size_t at = 0;

    *text = 0;
    for (int k = 0; k < DC_LEFTS && at < size; k++)
        if (left & 1U << k)
            at += (size_t)snprintf(text + at, size - at, "%s%s", at ? ", " : "",
                                   dc_left_names[k]);
}

/* Limits that can starve later calls. */
static const int kinds[DC_LIMITS] = {RLIMIT_AS,     RLIMIT_DATA,  RLIMIT_STACK,
                                     RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_FSIZE};

/* Does arithmetic flush subnormals to zero?  Asked of the arithmetic itself,
 * because the control bits differ from one processor to the next. */
static bool flushes(void)
{
    volatile double smallest = DBL_MIN;
    volatile double half = smallest * 0.5;

    return half == 0;
}

bool dc_surroundings_take(dc_surroundings *s)
{
    memset(s, 0, sizeof *s);
    fegetenv(&s->env);
    s->rounding = fegetround();
    s->flushes = flushes();
    pthread_sigmask(SIG_SETMASK, NULL, &s->blocked);
    for (int k = 0; k < DC_LIMITS; k++)
        getrlimit((__rlimit_resource_t)kinds[k], &s->limits[k]);
    snprintf(s->locale, sizeof s->locale, "%s", setlocale(LC_ALL, NULL));
    s->descriptor = open(".", O_PATH | O_CLOEXEC);
    return s->descriptor >= 0 && !fstat(s->descriptor, &s->directory);
}

bool dc_surroundings_retake(dc_surroundings *s)
{
    const dc_surroundings old = *s;
    const bool taken = dc_surroundings_take(s);

    close(old.descriptor);
    memcpy(s->limits, old.limits, sizeof s->limits);
    return taken;
}

unsigned dc_surroundings_float(const dc_surroundings *s)
{
    unsigned left = 0;

    if (fegetround() != s->rounding)
        left |= 1U << DC_LEFT_ROUNDING;
    if (flushes() != s->flushes)
        left |= 1U << DC_LEFT_FLUSH;
    if (left)
        fesetenv(&s->env);
    return left;
}

/* Raises the limits that were lowered as far as that is allowed. */
static bool raise_limits(const dc_surroundings *s)
{
    bool lowered = false;

    for (int k = 0; k < DC_LIMITS; k++) {
        const struct rlimit *old = &s->limits[k];
        struct rlimit now;

        if (getrlimit((__rlimit_resource_t)kinds[k], &now) ||
            (now.rlim_cur >= old->rlim_cur && now.rlim_max >= old->rlim_max))
            continue;
        lowered = true;
        if (setrlimit((__rlimit_resource_t)kinds[k], old)) {
            now.rlim_cur = now.rlim_max;
            setrlimit((__rlimit_resource_t)kinds[k], &now);
        }
    }
    return lowered;
}

unsigned dc_surroundings_restore(const dc_surroundings *s)
{
    unsigned left = dc_surroundings_float(s);
    struct stat here;
    sigset_t blocked;

    memset(&blocked, 0, sizeof blocked);
    pthread_sigmask(SIG_SETMASK, &s->blocked, &blocked);
    if (memcmp(&blocked, &s->blocked, sizeof blocked) != 0)
        left |= 1U << DC_LEFT_SIGNALS;
    if (raise_limits(s))
        left |= 1U << DC_LEFT_LIMITS;
    if (stat(".", &here) || here.st_ino != s->directory.st_ino ||
        here.st_dev != s->directory.st_dev) {
        left |= 1U << DC_LEFT_DIRECTORY;
        (void)!fchdir(s->descriptor); /* may not be ours to enter any more */
    }
    if (strcmp(setlocale(LC_ALL, NULL), s->locale) != 0) {
        left |= 1U << DC_LEFT_LOCALE;
        setlocale(LC_ALL, s->locale);
    }
    return left;
}

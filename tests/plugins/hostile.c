/* SPDX-License-Identifier: MIT
 *
 * A right implementation whose forward attacks the judge as DC_TEST_MODE says.
 */
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

#include "tests/plugins/sample_base.h"

/* Stops for ever, in the judge's own process group if it can get there. */
static void do_stop(void)
{
    setpgid(0, getpgid(getppid()));
    raise(SIGSTOP);
}

/* A grandchild in a session of its own, and one more that ignores what can be
 * ignored. */
static void do_orphans(void)
{
    if (system("setsid sh -c \"trap '' HUP TERM INT; sleep 6007; :\" "
               ">/dev/null 2>&1 & setsid sleep 6007 >/dev/null 2>&1 &"))
        abort();
}

/* Garbage into every file that it can reach. */
static void do_descriptors(void)
{
    for (int d = 3; d < 256; d++) {
        struct stat s;

        if (!fstat(d, &s) && S_ISREG(s.st_mode) &&
            (fcntl(d, F_GETFL) & O_ACCMODE) != O_RDONLY &&
            write(d, "garbage\n", 8) < 0)
            abort();
    }
}

/* Dies while a child holds its pipes open. */
static void do_abort_with_child(void)
{
    if (fork() == 0)
        for (;;)
            pause();
    abort();
}

/* Starves whoever comes later in this process. */
static void do_limits(void)
{
    static const int kinds[] = {RLIMIT_AS, RLIMIT_DATA, RLIMIT_NOFILE,
                                RLIMIT_NPROC};
    const struct rlimit none = {1, 1};

    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        setrlimit((__rlimit_resource_t)kinds[k], &none);
}

static void on_alarm(int signal)
{
    (void)signal;
}

/* A timer whose handler interrupts what reads or writes. */
static void do_timer(void)
{
    const struct sigaction action = {.sa_handler = on_alarm};
    const struct itimerval often = {{0, 500}, {0, 500}};

    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
}

static void do_rounding(void)
{
    fesetround(FE_UPWARD);
}

/* As a library does that was built for speed. */
static void do_flush(void)
{
#ifdef __SSE2__
    _mm_setcsr(_mm_getcsr() | 0x8040);
#endif
}

static void do_signals(void)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
}

static void do_directory(void)
{
    if (chdir("/"))
        abort();
}

static void do_locale(void)
{
    setlocale(LC_ALL, "C.UTF-8");
}

static const struct {
    const char *mode;
    void (*act)(void);
    enum { ONCE, BEFORE, AFTER } when; /* of the process, of each call */
} modes[] = {
    {"stop", do_stop, BEFORE},
    {"orphans", do_orphans, ONCE},
    {"descriptors", do_descriptors, BEFORE},
    {"abort-with-child", do_abort_with_child, BEFORE},
    {"limits", do_limits, ONCE},
    {"timer", do_timer, ONCE},
    {"rounding", do_rounding, AFTER},
    {"flush", do_flush, AFTER},
    {"signals", do_signals, AFTER},
    {"directory", do_directory, AFTER},
    {"locale", do_locale, AFTER},
};

static dc_status hostile_forward(const dc_problem *p, const void *x,
                                 const void *w, const void *b, void *y)
{
    static bool called;
    dc_status status;

    for (size_t m = 0; m < sizeof modes / sizeof *modes; m++)
        if (mode_is(modes[m].mode) &&
            (modes[m].when == BEFORE || (modes[m].when == ONCE && !called)))
            modes[m].act();
    called = true;
    status = forward(p, x, w, b, y);
    for (size_t m = 0; m < sizeof modes / sizeof *modes; m++)
        if (mode_is(modes[m].mode) && modes[m].when == AFTER)
            modes[m].act();
    return status;
}

const dc_impl *deconform_plugin(void)
{
    static const dc_impl impl = {
        DC_ABI,          "hostile",  "1",         supports,
        hostile_forward, grad_input, grad_weight, grad_bias,
    };

    return &impl;
}

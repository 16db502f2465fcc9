/* SPDX-License-Identifier: MIT
 *
 * A right implementation whose forward attacks the judge as DC_TEST_MODE says.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

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

static const struct {
    const char *mode;
    void (*act)(void);
    bool always; /* else at the first call of the process */
} modes[] = {
    {"stop", do_stop, true},
    {"orphans", do_orphans, false},
    {"descriptors", do_descriptors, true},
    {"abort-with-child", do_abort_with_child, true},
};

static dc_status hostile_forward(const dc_problem *p, const void *x,
                                 const void *w, const void *b, void *y)
{
    static bool called;

    for (size_t m = 0; m < sizeof modes / sizeof *modes; m++)
        if (mode_is(modes[m].mode) && (modes[m].always || !called))
            modes[m].act();
    called = true;
    return forward(p, x, w, b, y);
}

const dc_impl *deconform_plugin(void)
{
    static const dc_impl impl = {
        DC_ABI,          "hostile",  "1",         supports,
        hostile_forward, grad_input, grad_weight, grad_bias,
    };

    return &impl;
}

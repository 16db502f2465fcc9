/* SPDX-License-Identifier: MIT
 *
 * A plug-in whose forward misbehaves as DC_TEST_MODE says; otherwise y is 1
 * everywhere.  In some modes the table itself is wrong.
 */
#include <stdio.h>
#include <unistd.h>

#include "ref/deconform.h"
#include "tests/plugins/modes.h"

/* A sanitizer must not stop what is wrong on purpose. */
#define ON_PURPOSE                                                             \
    __attribute__((no_sanitize("address"), no_sanitize("undefined"), noinline))

/* The tensors of the current call, all f32. */
typedef struct {
    volatile float *x, *w, *y;
    int64_t nx, nw, ny;
} call;

ON_PURPOSE static dc_status do_null(const call *c)
{
    volatile float *volatile none = NULL;

    (void)c;
    *none = 1.0f;
    return DC_OK;
}

ON_PURPOSE static dc_status do_nowhere(const call *c)
{
    volatile float *volatile wild = (volatile float *)(uintptr_t)0x7000000100;

    (void)c;
    *wild = 1.0f;
    return DC_OK;
}

ON_PURPOSE static dc_status do_past_end(const call *c)
{
    c->y[c->ny] = 1.0f;
    return DC_OK;
}

/* Writes past the end only if that is on the page of the end. */
ON_PURPOSE static dc_status do_near(const call *c)
{
    if ((uintptr_t)(c->y + c->ny) % 4096)
        c->y[c->ny] = 1.0f;
    return DC_OK;
}

ON_PURPOSE static dc_status do_before(const call *c)
{
    c->y[-1] = 1.0f;
    return DC_OK;
}

ON_PURPOSE static dc_status do_read_past_end(const call *c)
{
    return c->w[c->nw + 1] == 3.0f ? DC_FAILED : DC_OK;
}

ON_PURPOSE static dc_status do_read_before(const call *c)
{
    return c->x[-3] == 3.0f ? DC_FAILED : DC_OK;
}

ON_PURPOSE static dc_status do_recurse(const call *c)
{
    volatile char frame[65536];
    dc_status status;

    frame[0] = 1;
    status = c->ny < 0 ? DC_OK : do_recurse(c);
    return frame[0] ? status : DC_FAILED;
}

static dc_status do_abort(const call *c)
{
    (void)c;
    fprintf(stderr, "some talk\nassertion \x01 failed: it was wrong\n\n");
    abort();
}

static dc_status do_exit(const call *c)
{
    (void)c;
    exit(3);
}

static dc_status do_hang(const call *c)
{
    (void)c;
    for (;;)
        sleep(1);
    return DC_OK;
}

static dc_status do_change(const call *c)
{
    c->w[1] += 1.0f;
    return DC_OK;
}

static dc_status do_moody(const call *c)
{
    static int calls;

    c->y[2] = (float)calls++;
    return DC_OK;
}

static dc_status do_fickle(const call *c)
{
    static int calls;

    (void)c;
    return calls++ % 3 ? DC_UNSUPPORTED : DC_OK;
}

static dc_status do_chat(const call *c)
{
    (void)c;
    for (int i = 0; i < 20000; i++) {
        printf("{\"id\":1,\"status\":\"ok\"} line %d\n", i);
        fprintf(stderr, "line %d\n", i);
    }
    fflush(stdout);
    return DC_OK;
}

/* As a kernel does that finds no device. */
static dc_status do_prints(const call *c)
{
    (void)c;
    printf("looking for a device\n\033[31mno device\n");
    return mode_is("prints-fails") ? DC_FAILED : DC_UNSUPPORTED;
}

static dc_status do_prints_hangs(const call *c)
{
    printf("waiting for the device\n");
    return do_hang(c);
}

static dc_status do_prints_dies(const call *c)
{
    printf("y is at %s\n", c->y ? "an address" : "NULL");
    return do_null(c);
}

/* The call is right, whatever it prints: a gigabyte, half of it without a line
 * feed. */
static dc_status do_prints_much(const call *c)
{
    static char lines[1 << 16], line[1 << 16];
    static int64_t left = 1 << 30;

    (void)c;
    memset(lines, 'a', sizeof lines);
    for (size_t k = 79; k < sizeof lines; k += 80)
        lines[k] = '\n';
    memset(line, 'b', sizeof line);
    line[0] = 27;
    for (; left > 0; left -= (int64_t)sizeof line)
        fwrite(left > 1 << 29 ? lines : line, 1, sizeof line, stdout);
    return DC_OK;
}

static dc_status do_orphan(const call *c)
{
    (void)c;
    if (system("sleep 600 & sleep 600 &"))
        return DC_FAILED;
    return DC_OK;
}

static const struct {
    const char *mode;
    dc_status (*act)(const call *); /* NULL: only the status is wrong */
    dc_status status;
} modes[] = {
    {"null", do_null, DC_OK},
    {"nowhere", do_nowhere, DC_OK},
    {"past-end", do_past_end, DC_OK},
    {"near", do_near, DC_OK},
    {"before", do_before, DC_OK},
    {"read-past-end", do_read_past_end, DC_OK},
    {"read-before", do_read_before, DC_OK},
    {"recurse", do_recurse, DC_OK},
    {"abort", do_abort, DC_OK},
    {"exit", do_exit, DC_OK},
    {"hang", do_hang, DC_OK},
    {"change", do_change, DC_OK},
    {"moody", do_moody, DC_OK},
    {"fickle", do_fickle, DC_OK},
    {"chat", do_chat, DC_OK},
    {"orphan", do_orphan, DC_OK},
    {"prints-fails", do_prints, DC_OK},
    {"prints-refuses", do_prints, DC_OK},
    {"prints-hangs", do_prints_hangs, DC_OK},
    {"prints-dies", do_prints_dies, DC_OK},
    {"prints-much", do_prints_much, DC_OK},
    {"good", NULL, DC_OK},
    {"unsupported", NULL, DC_UNSUPPORTED},
    {"invalid", NULL, DC_INVALID},
    {"nomem", NULL, DC_NOMEM},
    {"strange", NULL, (dc_status)77},
};

static int64_t product(const int64_t *at, int rank)
{
    int64_t n = 1;

    for (int a = 0; a < rank; a++)
        n *= at[a];
    return n;
}

static dc_status forward(const dc_problem *p, const void *x, const void *w,
                         const void *b, void *y)
{
    const call c = {.x = (volatile float *)(uintptr_t)x,
                    .w = (volatile float *)(uintptr_t)w,
                    .y = y,
                    .nx = p->n * p->ci * product(p->i, p->rank),
                    .nw = p->ci * (p->co / p->g) * product(p->k, p->rank),
                    .ny = p->n * p->co * product(p->o, p->rank)};

    (void)b;
    for (int64_t i = 0; i < c.ny; i++)
        if (i != 3 || !mode_is("hole"))
            c.y[i] = 1.0f;
    for (size_t m = 0; m < sizeof modes / sizeof *modes; m++)
        if (mode_is(modes[m].mode))
            return modes[m].act ? modes[m].act(&c) : modes[m].status;
    return DC_OK;
}

static dc_status supports(const dc_problem *p)
{
    (void)p;
    return mode_is("supports-none")      ? DC_UNSUPPORTED
           : mode_is("supports-strange") ? (dc_status)9
                                         : DC_OK;
}

const dc_impl *deconform_plugin(void)
{
    static const dc_impl good = {.abi = DC_ABI,
                                 .name = "misbehave",
                                 .version = "1",
                                 .supports = supports,
                                 .forward = forward};
    static const dc_impl abi = {.abi = 7, .name = "abi", .forward = forward};
    static const dc_impl none = {.abi = DC_ABI, .name = "none"};
    static const dc_impl anonymous = {.abi = DC_ABI, .forward = forward};

    if (mode_is("load-crash"))
        abort();
    if (mode_is("load-hang"))
        do_hang(NULL);
    return mode_is("load-null")        ? NULL
           : mode_is("load-abi")       ? &abi
           : mode_is("load-none")      ? &none
           : mode_is("load-anonymous") ? &anonymous
                                       : &good;
}

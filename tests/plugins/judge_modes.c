/* SPDX-License-Identifier: MIT
 *
 * A right implementation, but for what DC_TEST_MODE asks: "MODE OPERATION"
 * spoils that operation, "MODE *" all, "MODE" alone forward.  Does the judge find the
 * one thing that is wrong, and nothing else?
 */
#define deconform_plugin sample_plugin
#include "fast/sample.c"
#undef deconform_plugin

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const dc_impl *deconform_plugin(void);

/* One call, after the right result is there. */
typedef struct {
    const dc_problem *p;
    void *in[3]; /* in argument order; NULL without bias */
    int64_t counts[3];
    void *out;
    int64_t count;
} call;

static int64_t bytes(const dc_problem *p)
{
    return p->dtype == DC_F32 ? 4 : 8;
}

/* The mode, when it is meant for this operation. */
static int is(const char *mode, const char *op)
{
    const char *now = getenv("DC_TEST_MODE");
    const size_t n = strlen(mode);

    if (!now || strncmp(now, mode, n) != 0)
        return 0;
    if (strcmp(now + n, " *") == 0)
        return 1;
    return now[n] ? now[n] == ' ' && strcmp(now + n + 1, op) == 0
                  : strcmp(op, "forward") == 0;
}

static void bump(const call *c, int64_t e)
{
    set(c->p, c->out, e, get(c->p, c->out, e) + 1);
}

/* The neighbouring bit pattern of the last element. */
static dc_status do_ulp(const call *c)
{
    ((unsigned char *)c->out)[(c->count - 1) * bytes(c->p)] ^= 1;
    return DC_OK;
}

static dc_status do_all(const call *c)
{
    for (int64_t e = 0; e < c->count; e++)
        bump(c, e);
    return DC_OK;
}

/* Wrong only where the tensor begins at a page. */
static dc_status do_page(const call *c)
{
    if ((uintptr_t)c->out % 4096 == 0)
        bump(c, 0);
    return DC_OK;
}

static dc_status do_inputs(const call *c)
{
    ((unsigned char *)c->in[0])[0] ^= 1;
    return DC_OK;
}

static dc_status do_moody(const call *c)
{
    static int calls;

    if (calls++ % 3 == 2)
        bump(c, 2);
    return DC_OK;
}

static dc_status do_zero_sign(const call *c)
{
    for (int64_t e = 0; e < c->count; e++)
        if (get(c->p, c->out, e) == 0)
            set(c->p, c->out, e, -0.0);
    return DC_OK;
}

/* Right for the first call's x[0] and below it, wrong above. */
static dc_status do_moved(const call *c)
{
    static double first;
    static int known;
    const double now = c->counts[0] ? get(c->p, c->in[0], 0) : 0;

    if (!known++)
        first = now;
    if (now > first)
        bump(c, 0);
    return DC_OK;
}

static dc_status do_unsupported(const call *c)
{
    (void)c;
    return DC_UNSUPPORTED;
}

static dc_status do_invalid(const call *c)
{
    (void)c;
    return DC_INVALID;
}

static dc_status do_failed(const call *c)
{
    (void)c;
    return DC_FAILED;
}

static dc_status do_nomem(const call *c)
{
    (void)c;
    return DC_NOMEM;
}

static dc_status do_crash(const call *c)
{
    (void)c;
    abort();
}

static dc_status do_hang(const call *c)
{
    (void)c;
    for (;;)
        sleep(1);
    return DC_OK;
}

static dc_status do_slow(const call *c)
{
    (void)c;
    usleep(30000);
    return DC_OK;
}

static const struct {
    const char *mode;
    dc_status (*act)(const call *c);
} modes[] = {
    {"ulp", do_ulp},         {"all", do_all},
    {"page", do_page},       {"inputs", do_inputs},
    {"moody", do_moody},     {"zero-sign", do_zero_sign},
    {"moved", do_moved},     {"unsupported", do_unsupported},
    {"invalid", do_invalid}, {"failed", do_failed},
    {"nomem", do_nomem},     {"crash", do_crash},
    {"hang", do_hang},       {"slow", do_slow},
};

/* Does what the mode says after the right answer was given. */
static dc_status spoil(const call *c, const char *op, dc_status status)
{
    if (status != DC_OK || c->count == 0)
        return status;
    for (size_t m = 0; m < sizeof modes / sizeof *modes; m++)
        if (is(modes[m].mode, op))
            return modes[m].act(c);
    return status;
}

/* The element that "written" keeps from being written, saved and put back. */
static void keep(void *to, const void *from, const call *c)
{
    if (c->count && is("written", "forward"))
        memcpy(to, from, (size_t)bytes(c->p));
}

static int64_t input_count(const dc_problem *p)
{
    return p->n * p->ci * volume(p, p->i);
}

static int64_t weight_count(const dc_problem *p)
{
    return p->ci * (p->co / p->g) * volume(p, p->k);
}

static int64_t output_count(const dc_problem *p)
{
    return p->n * p->co * volume(p, p->o);
}

static void *open_up(const void *input)
{
    return (void *)(uintptr_t)input;
}

static dc_status my_forward(const dc_problem *p, const void *x, const void *w,
                            const void *b, void *y)
{
    const call c = {p,
                    {open_up(x), open_up(w), open_up(b)},
                    {input_count(p), weight_count(p), b ? p->co : 0},
                    y,
                    output_count(p)};
    double kept = 0;

    keep(&kept, y, &c);
    const dc_status status = spoil(&c, "forward", forward(p, x, w, b, y));
    keep(y, &kept, &c);
    return status;
}

static dc_status my_grad_input(const dc_problem *p, const void *gy,
                               const void *w, void *gx)
{
    const call c = {p,
                    {open_up(gy), open_up(w), NULL},
                    {output_count(p), weight_count(p), 0},
                    gx,
                    input_count(p)};

    return spoil(&c, "grad_input", grad_input(p, gy, w, gx));
}

static dc_status my_grad_weight(const dc_problem *p, const void *gy,
                                const void *x, void *gw)
{
    const call c = {p,
                    {open_up(gy), open_up(x), NULL},
                    {output_count(p), input_count(p), 0},
                    gw,
                    weight_count(p)};

    return spoil(&c, "grad_weight", grad_weight(p, gy, x, gw));
}

static dc_status my_grad_bias(const dc_problem *p, const void *gy, void *gb)
{
    const call c = {
        p, {open_up(gy), NULL, NULL}, {output_count(p), 0, 0}, gb, p->co};

    return spoil(&c, "grad_bias", grad_bias(p, gy, gb));
}

static dc_status my_supports(const dc_problem *p)
{
    return is("none", "forward") ? DC_UNSUPPORTED : supports(p);
}

const dc_impl *deconform_plugin(void)
{
    static dc_impl impl = {
        DC_ABI,        "modes",        "1",          my_supports, my_forward,
        my_grad_input, my_grad_weight, my_grad_bias,
    };

    if (is("gradients-only", "forward"))
        impl.forward = NULL;
    if (is("hostile", "forward"))
        impl.name = "<a> & \"b\" ]]> \x01\xff '";
    return &impl;
}

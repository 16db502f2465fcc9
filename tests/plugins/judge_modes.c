/* SPDX-License-Identifier: MIT
 *
 * A correct implementation with one defect.  DC_TEST_MODE names it: "MODE
 * OPERATION" spoils that operation, "MODE *" all, "MODE" alone forward.
 */
#include <unistd.h>

#include "tests/plugins/sample_base.h"

/* One call, after the correct result was computed. */
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

/* Does the mode spoil this operation? */
static bool is(const char *mode, const char *op)
{
    const char *now = mode_now();
    const size_t n = strlen(mode);

    if (strncmp(now, mode, n) != 0)
        return false;
    if (strcmp(now + n, " *") == 0)
        return true;
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

/* Wrong only if the result begins at a page. */
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

/* Wrong if the first input begins with a larger element than in the first
 * call. */
static dc_status do_moved(const call *c)
{
    static double first;
    static bool known;
    const double now = c->counts[0] ? get(c->p, c->in[0], 0) : 0;

    if (!known)
        first = now;
    known = true;
    if (now > first)
        bump(c, 0);
    return DC_OK;
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

/* Wrong, and its first call takes longer than a search gives a call. */
static dc_status do_lazy(const call *c)
{
    static bool started;

    if (!started)
        usleep(3200000);
    started = true;
    return do_all(c);
}

static const struct {
    const char *mode;
    dc_status (*act)(const call *c); /* NULL: only the status is wrong */
    dc_status status;
} modes[] = {
    {"ulp", do_ulp, DC_OK},        {"all", do_all, DC_OK},
    {"page", do_page, DC_OK},      {"inputs", do_inputs, DC_OK},
    {"moody", do_moody, DC_OK},    {"zero-sign", do_zero_sign, DC_OK},
    {"moved", do_moved, DC_OK},    {"unsupported", NULL, DC_UNSUPPORTED},
    {"invalid", NULL, DC_INVALID}, {"failed", NULL, DC_FAILED},
    {"nomem", NULL, DC_NOMEM},     {"crash", do_crash, DC_OK},
    {"hang", do_hang, DC_OK},      {"slow", do_slow, DC_OK},
    {"lazy", do_lazy, DC_OK},
};

/* Spoils a correct result as the mode says. */
static dc_status spoil(const call *c, const char *op, dc_status status)
{
    if (status != DC_OK || c->count == 0)
        return status;
    for (size_t m = 0; m < sizeof modes / sizeof *modes; m++)
        if (is(modes[m].mode, op))
            return modes[m].act ? modes[m].act(c) : modes[m].status;
    return status;
}

/* Saves or restores element 0, which mode "written" leaves unwritten. */
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

static void *writable(const void *input)
{
    return (void *)(uintptr_t)input;
}

static dc_status my_forward(const dc_problem *p, const void *x, const void *w,
                            const void *b, void *y)
{
    const call c = {p,
                    {writable(x), writable(w), writable(b)},
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
                    {writable(gy), writable(w), NULL},
                    {output_count(p), weight_count(p), 0},
                    gx,
                    input_count(p)};

    return spoil(&c, "grad_input", grad_input(p, gy, w, gx));
}

static dc_status my_grad_weight(const dc_problem *p, const void *gy,
                                const void *x, void *gw)
{
    const call c = {p,
                    {writable(gy), writable(x), NULL},
                    {output_count(p), input_count(p), 0},
                    gw,
                    weight_count(p)};

    return spoil(&c, "grad_weight", grad_weight(p, gy, x, gw));
}

static dc_status my_grad_bias(const dc_problem *p, const void *gy, void *gb)
{
    const call c = {
        p, {writable(gy), NULL, NULL}, {output_count(p), 0, 0}, gb, p->co};

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

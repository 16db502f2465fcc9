/* SPDX-License-Identifier: MIT
 *
 * The table of frameworks, and what their profiles have in common.
 */
#include "cases/profile/profile_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ref/format.h"

const dc_profile dc_profiles[] = {
    {"pytorch", "torch.nn of 1.13 and 2.x, CPU", dc_profile_pytorch_resolve,
     dc_profile_pytorch_express},
    {"lucid", "lucid.nn of 2.2.2", dc_profile_lucid_resolve,
     dc_profile_lucid_express},
    {"onnx", "ConvTranspose of opset 11 to 22", dc_profile_onnx_resolve,
     dc_profile_onnx_express},
};

const int dc_profiles_count = (int)(sizeof dc_profiles / sizeof *dc_profiles);

/* ==== From a user's layer to a problem ================================== */

/* Sets out[0..rank-1] from a list; to `preset` if it is not given. */
static dc_status spread(const dc_list *list, int rank, int64_t preset,
                        const char *name, int64_t *out, dc_error *e)
{
    if (list->count > 1 && list->count != rank)
        return dc_error_set(e, DC_INVALID, name, -1,
                            "%s must be one number or %d, got %d", name, rank,
                            list->count);
    for (int a = 0; a < rank; a++)
        out[a] = list->count == 0   ? preset
                 : list->count == 1 ? list->at[0]
                                    : list->at[a];
    return DC_OK;
}

/* Sets g, ci and co. */
static dc_status channels(const dc_user_layer *u, dc_problem *p, dc_error *e)
{
    dc_status status;

    p->ci = u->in_channels;
    p->co = u->out_channels;
    status = spread(&u->groups, 1, 1, "groups", &p->g, e);
    if (status != DC_OK)
        return status;
    if (p->g <= 0)
        return dc_error_set(e, DC_INVALID, "groups", -1,
                            "groups must be a positive integer.");
    if (p->ci % p->g)
        return dc_error_set(e, DC_INVALID, "in_channels", -1,
                            "in_channels must be divisible by groups.");
    if (p->co % p->g)
        return dc_error_set(e, DC_INVALID, "out_channels", -1,
                            "out_channels must be divisible by groups.");
    return DC_OK;
}

dc_status dc_profile_common(const dc_user_layer *u, bool allows_unbatched,
                            dc_problem *p, dc_error *e)
{
    const struct {
        const char *name;
        const dc_list *list;
        int64_t preset;
        int64_t *out;
    } rows[] = {
        {"kernel_size", &u->kernel_size, 0, p->k},
        {"stride", &u->stride, 1, p->s},
        {"padding", &u->padding, 0, p->pb},
        {"padding", &u->padding, 0, p->pe},
        {"output_padding", &u->output_padding, 0, p->op},
        {"dilation", &u->dilation, 1, p->d},
    };
    const int64_t *input = u->input;
    dc_status status;

    memset(p, 0, sizeof *p);
    if (u->rank < 1 || u->rank > 3)
        return dc_error_set(e, DC_INVALID, "rank", -1,
                            "there is no ConvTranspose%dd", u->rank);
    p->rank = u->rank;
    p->dtype = DC_F32;
    p->has_bias = u->bias;
    status = channels(u, p, e);
    for (size_t r = 0; r < sizeof rows / sizeof *rows && status == DC_OK; r++)
        status = spread(rows[r].list, u->rank, rows[r].preset, rows[r].name,
                        rows[r].out, e);
    if (status != DC_OK)
        return status;

    p->unbatched = allows_unbatched && u->input_axes == u->rank + 1;
    if (!p->unbatched && u->input_axes != u->rank + 2)
        return dc_error_set(e, DC_INVALID, "input", -1,
                            "expected %dD input (got %dD input).", u->rank + 2,
                            u->input_axes);
    p->n = p->unbatched ? 1 : *input++;
    if (*input++ != p->ci)
        return dc_error_set(e, DC_INVALID, "input", -1,
                            "expected input to have %lld channels, but got "
                            "%lld",
                            (long long)p->ci, (long long)input[-1]);
    memcpy(p->i, input, (size_t)p->rank * sizeof *p->i);
    return DC_OK;
}

dc_status dc_profile_finish(dc_problem *p, dc_error *e)
{
    dc_status status = dc_problem_complete(p, e);

    for (int a = 0; a < p->rank && status == DC_OK; a++)
        if (p->o[a] == 0)
            status = dc_error_set(e, DC_INVALID, "o", a,
                                  "the output has no positions on axis %s",
                                  dc_axis_name(p->rank, a));
    return status;
}

/* ==== From a problem to a call ========================================== */

/* The layer that poses the problem p, whose pads must be symmetric. */
static dc_status layer_of(const dc_profile_class *c, const dc_problem *p,
                          dc_user_layer *u, dc_error *e)
{
    const struct {
        dc_list *list;
        const int64_t *from;
    } rows[] = {
        {&u->kernel_size, p->k},     {&u->stride, p->s},   {&u->padding, p->pb},
        {&u->output_padding, p->op}, {&u->dilation, p->d},
    };
    int64_t *input = u->input;

    memset(u, 0, sizeof *u);
    for (int a = 0; a < p->rank; a++)
        if (p->pb[a] != p->pe[a])
            return dc_error_set(e, DC_UNSUPPORTED, "pe", a,
                                "pb != pe on axis %s: %s pads symmetrically",
                                dc_axis_name(p->rank, a), c->title);
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        rows[r].list->count = p->rank;
        memcpy(rows[r].list->at, rows[r].from,
               (size_t)p->rank * sizeof *rows[r].from);
    }
    u->rank = p->rank;
    u->in_channels = p->ci;
    u->out_channels = p->co;
    u->groups = (dc_list){1, {p->g}};
    u->bias = p->has_bias;
    if (!p->unbatched)
        *input++ = p->n;
    *input++ = p->ci;
    memcpy(input, p->i, (size_t)p->rank * sizeof *p->i);
    u->input_axes = p->rank + 2 - p->unbatched;
    return DC_OK;
}

void dc_profile_put(dc_profile_text *to, const char *format, ...)
{
    const bool fits = to->at < to->size;
    va_list args;

    va_start(args, format);
    to->at += (size_t)vsnprintf(fits ? to->text + to->at : NULL,
                                fits ? to->size - to->at : 0, format, args);
    va_end(args);
}

void dc_profile_put_list(dc_profile_text *to, const int64_t *values, int count)
{
    for (int a = 0; a < count; a++)
        dc_profile_put(to, "%s%lld", a ? ", " : "", (long long)values[a]);
}

/* 3 or (3, 4), as Python writes one number or several. */
static void put_tuple(dc_profile_text *to, const char *before,
                      const int64_t *at, int count)
{
    dc_profile_put(to, "%s%s", before, count > 1 ? "(" : "");
    dc_profile_put_list(to, at, count);
    dc_profile_put(to, "%s", count > 1 ? ")" : "");
}

dc_status dc_profile_call(const dc_profile_class *c, const dc_problem *p,
                          char *text, size_t size, dc_error *e)
{
    dc_profile_text call = {text, size, 0};
    dc_user_layer u;
    dc_problem q;
    dc_status status = layer_of(c, p, &u, e);

    if (status == DC_OK && c->resolve(&u, &q, e) != DC_OK) {
        status = DC_UNSUPPORTED;
        if (e)
            e->status = status;
    }
    if (status != DC_OK)
        return status;

    dc_profile_put(&call, "%s.ConvTranspose%dd(%lld, %lld", c->package, p->rank,
                   (long long)p->ci, (long long)p->co);
    put_tuple(&call, ", kernel_size=", p->k, p->rank);
    put_tuple(&call, ", stride=", p->s, p->rank);
    put_tuple(&call, ", padding=", p->pb, p->rank);
    put_tuple(&call, ", output_padding=", p->op, p->rank);
    put_tuple(&call, ", dilation=", p->d, p->rank);
    dc_profile_put(&call, ", groups=%lld, bias=%s)", (long long)p->g,
                   p->has_bias ? "True" : "False");
    put_tuple(&call, "  # input ", u.input, u.input_axes);
    if (p->dtype != DC_F32)
        dc_profile_put(&call, ", %s", dc_formats[p->dtype].name);
    if (call.at >= size)
        return dc_failed(e, "the call takes %zu bytes, there are %zu",
                         call.at + 1, size);
    return DC_OK;
}

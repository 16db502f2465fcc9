/* SPDX-License-Identifier: MIT
 *
 * What do torch.nn.ConvTranspose1d, 2d and 3d accept, and what does it mean?
 *
 *   padding         numbers only, >= 0, the same on both sides
 *   output_padding  0 <= op, and op < stride or op < dilation
 *   output_size     given at the call; must be within least and
 *                   least + stride - 1, whatever the dilation, and replaces
 *                   output_padding by output_size - least
 *   input           with or without a batch axis; neither an extent nor the
 *                   output may be empty unless the batch is
 *
 * Compared with torch 1.13 on thousands of random layers: it accepts the same
 * layers, with the same output, except that torch also accepts an empty batch
 * with an illegal dilation or output_padding.
 */
#include "cases/profile/profile_internal.h"

#include <string.h>

/* Nothing may be empty except the batch; if it is, torch does not check the
 * extents. */
static dc_status check_empty(const dc_problem *p, dc_error *e)
{
    const char *name = p->ci == 0   ? "in_channels"
                       : p->co == 0 ? "out_channels"
                                    : NULL;
    int axis = -1;

    for (int a = 0; a < p->rank && !name; a++)
        if (p->i[a] == 0 && p->n) {
            name = "input";
            axis = a;
        }
    if (!name)
        return DC_OK;
    return dc_error_set(e, DC_INVALID, name, axis,
                        "expected non-empty tensors, but %s has a 0", name);
}

/* The checks that torch makes before it computes anything. */
static dc_status check_signs(const dc_problem *p, dc_error *e)
{
    for (int a = 0; a < p->rank; a++) {
        const struct {
            const char *name;
            const char *complaint;
            int64_t value, least;
        } rows[] = {
            {"kernel_size", "kernel size should be greater than zero", p->k[a],
             1},
            {"stride", "non-positive stride is not supported", p->s[a], 1},
            {"dilation", "dilation should be greater than zero", p->d[a], 1},
            {"padding", "negative padding is not supported", p->pb[a], 0},
            {"output_padding", "negative output_padding is not supported",
             p->op[a], 0},
        };

        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
            if (rows[r].value < rows[r].least)
                return dc_error_set(e, DC_INVALID, rows[r].name, a, "%s",
                                    rows[r].complaint);
    }
    return DC_OK;
}

/* output_size lists the spatial extents, or all extents of the output.  Sums of
 * a few products of two 63-bit numbers fit 128 bits. */
static dc_status output_size(const dc_user_layer *u, dc_problem *p, dc_error *e)
{
    const dc_list *want = &u->output_size;
    int skip = want->count - u->rank;

    if (skip && want->count != u->input_axes)
        return dc_error_set(e, DC_INVALID, "output_size", -1,
                            "for %dD input, output_size must have %d or %d "
                            "elements (got %d)",
                            u->input_axes, u->rank, u->input_axes, want->count);
    for (int a = 0; a < u->rank; a++) {
        __int128 least = (__int128)(p->i[a] - 1) * p->s[a] - p->pb[a] -
                         p->pe[a] + (__int128)p->d[a] * (p->k[a] - 1) + 1;
        __int128 most = least + p->s[a] - 1;
        int64_t o = want->at[skip + a];

        if (o < least || o > most)
            return dc_error_set(e, DC_INVALID, "output_size", a,
                                "requested an output size of %lld on axis %s, "
                                "but valid sizes range from %.0f to %.0f",
                                (long long)o, dc_axis_name(u->rank, a),
                                (double)least, (double)most);
        p->op[a] = (int64_t)(o - least);
    }
    return DC_OK;
}

dc_status dc_profile_pytorch_resolve(const dc_user_layer *u, dc_problem *p,
                                     dc_error *e)
{
    dc_status status;

    if (u->padding_word)
        return dc_error_set(e, DC_INVALID, "padding", -1,
                            "padding must be numbers, got the word '%s'",
                            u->padding_word);
    status = dc_profile_common(u, true, p, e);
    if (u->output_size.count)
        memset(p->op, 0, sizeof p->op); /* torch ignores it then */
    if (status == DC_OK)
        status = check_signs(p, e);
    if (status == DC_OK)
        status = check_empty(p, e);
    if (status == DC_OK && u->output_size.count)
        status = output_size(u, p, e);
    for (int a = 0; a < p->rank && status == DC_OK; a++)
        if (p->op[a] >= p->s[a] && p->op[a] >= p->d[a])
            status =
                dc_error_set(e, DC_INVALID, "output_padding", a,
                             "output padding must be smaller than either "
                             "stride or dilation, but got %lld on axis %s",
                             (long long)p->op[a], dc_axis_name(p->rank, a));
    if (status == DC_OK)
        status = p->n ? dc_profile_finish(p, e) : dc_problem_complete(p, e);
    return status;
}

dc_status dc_profile_pytorch_express(const dc_problem *p, char *text,
                                     size_t size, dc_error *e)
{
    static const dc_profile_class torch = {"torch.nn", "PyTorch",
                                           dc_profile_pytorch_resolve};

    return dc_profile_call(&torch, p, text, size, e);
}

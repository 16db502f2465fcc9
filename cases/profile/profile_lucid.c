/* SPDX-License-Identifier: MIT
 *
 * What do lucid.nn.ConvTranspose1d, 2d and 3d of release 2.2.2 accept, and what
 * does it mean?
 *
 *   padding         numbers, the same on both sides; negative ones are not
 *                   checked; or "valid" = 0; or "same" = floor(d*(k-1)/2),
 *                   whatever the stride and the output padding, so that the
 *                   output has one position more than the input if s = 1 and
 *                   d*(k-1)+1 is even
 *   p > d*(k-1)     fails: the zero-stuffed input would be padded by the
 *                   negative d*(k-1) - p
 *   output_padding  0 <= op < stride
 *   output_size     unknown
 *   input           always with a batch axis
 */
#include "cases/profile/profile_internal.h"

#include <string.h>

static dc_status check_word(const dc_user_layer *u, dc_error *e)
{
    const char *word = u->padding_word;

    if (word && strcmp(word, "same") != 0 && strcmp(word, "valid") != 0)
        return dc_error_set(e, DC_INVALID, "padding", -1,
                            "Unknown padding string: %s", word);
    if (word && u->padding.count)
        return dc_error_set(e, DC_INVALID, "padding", -1,
                            "padding is a word or numbers, not both");
    if (u->output_size.count)
        return dc_error_set(e, DC_INVALID, "output_size", -1,
                            "output_size is not an argument of lucid's "
                            "ConvTranspose");
    return DC_OK;
}

dc_status dc_profile_lucid_resolve(const dc_user_layer *u, dc_problem *p,
                                   dc_error *e)
{
    dc_status status = check_word(u, e);

    if (status == DC_OK)
        status = dc_profile_common(u, false, p, e);
    if (status != DC_OK)
        return status;
    for (int a = 0; a < p->rank; a++)
        if (p->op[a] < 0 || p->op[a] >= p->s[a])
            return dc_error_set(e, DC_INVALID, "output_padding", a,
                                "output_padding[%d] must be in range [0, "
                                "%lld), got %lld",
                                a, (long long)p->s[a], (long long)p->op[a]);
    if (u->padding_word && strcmp(u->padding_word, "same") == 0) {
        /* so that d*(k-1) is that of a legal problem */
        status = dc_problem_complete(p, e);
        if (status != DC_OK)
            return status;
        for (int a = 0; a < p->rank; a++)
            p->pb[a] = p->pe[a] = p->d[a] * (p->k[a] - 1) / 2;
    }
    status = dc_profile_finish(p, e);
    for (int a = 0; a < p->rank && status == DC_OK; a++)
        if (p->pb[a] > p->d[a] * (p->k[a] - 1))
            status = dc_error_set(e, DC_INVALID, "padding", a,
                                  "padding %lld on axis %s is larger than "
                                  "dilation * (kernel_size - 1) = %lld: index "
                                  "can't contain negative values",
                                  (long long)p->pb[a], dc_axis_name(p->rank, a),
                                  (long long)(p->d[a] * (p->k[a] - 1)));
    return status;
}

dc_status dc_profile_lucid_express(const dc_problem *p, char *text, size_t size,
                                   dc_error *e)
{
    static const dc_profile_class lucid = {"lucid.nn", "Lucid",
                                           dc_profile_lucid_resolve};

    return dc_profile_call(&lucid, p, text, size, e);
}

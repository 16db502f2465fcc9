/* SPDX-License-Identifier: MIT
 *
 * What does ONNX's operator ConvTranspose, opset 11 to 22, accept, and what
 * does it mean?
 *
 *   padding_word  auto_pad: "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"
 *   padding       pads: all begins, then all ends; none negative
 *   output_size   output_shape, spatial only: the pads follow from it
 *   output_padding  op < max(s, d): the bound in the text is ambiguous
 *                   (onnx#3187), and ONNX Runtime accepts op < s only
 *   input         always with a batch axis
 *
 * Derived pads: with the requested extent o' (output_shape, or i*s for SAME)
 * and total = (i-1)*s + op + d*(k-1) + 1 - o', SAME_UPPER crops total/2 at the
 * begin and the rest at the end; all others crop the rest at the begin and
 * total/2 at the end (onnx#1609, onnxruntime#13311).
 *
 * An output_shape larger than the full extent adds at the end, as in ONNX's
 * test data (test_convtranspose_output_shape).
 *
 * Refused, because the text and the runtimes disagree: a negative total under
 * SAME (k < s), and SAME with output padding (onnx#4299).
 */
#include "cases/profile/profile_internal.h"

#include <string.h>

#include "ref/format.h"

static const char *const words[] = {"NOTSET", "SAME_UPPER", "SAME_LOWER",
                                    "VALID"};
enum { NOTSET, SAME_UPPER, SAME_LOWER, VALID, WORDS };

static int word_of(const dc_user_layer *u)
{
    int w = 0;

    while (u->padding_word && w < WORDS && strcmp(words[w], u->padding_word))
        w++;
    return w;
}

static dc_status check_words(const dc_user_layer *u, int word, dc_error *e)
{
    if (word == WORDS)
        return dc_error_set(e, DC_INVALID, "auto_pad", -1,
                            "unknown auto_pad %.40s", u->padding_word);
    if (u->padding.count && u->padding.count != 2 * u->rank)
        return dc_error_set(e, DC_INVALID, "pads", -1,
                            "pads needs %d numbers, got %d", 2 * u->rank,
                            u->padding.count);
    if (u->padding.count && word != NOTSET)
        return dc_error_set(e, DC_INVALID, "pads", -1,
                            "pads cannot be used with auto_pad %s",
                            words[word]);
    if (u->output_size.count && u->output_size.count != u->rank)
        return dc_error_set(e, DC_INVALID, "output_shape", -1,
                            "output_shape needs %d numbers, got %d", u->rank,
                            u->output_size.count);
    for (int a = 0; a < u->padding.count; a++)
        if (u->padding.at[a] < 0)
            return dc_error_set(e, DC_INVALID, "pads", a % u->rank,
                                "pads must not be negative");
    return DC_OK;
}

/* Sets the pads of axis a so that its extent is `wanted`, which is an
 * output_shape (given) or that of SAME.  p is complete with pads of 0. */
static dc_status derive(dc_problem *p, int a, int64_t wanted, bool given,
                        int word, dc_error *e)
{
    const int64_t total = p->o[a] - wanted;

    if (wanted < 1 || (total < 0 && !given))
        return dc_error_set(e, DC_UNSUPPORTED, "auto_pad", a,
                            "an extent of %lld on axis %s would need a "
                            "negative pad, where text and runtimes part",
                            (long long)wanted, dc_axis_name(p->rank, a));
    p->pb[a] = total < 0            ? 0
               : word == SAME_UPPER ? total / 2
                                    : total - total / 2;
    p->pe[a] = total - p->pb[a];
    return DC_OK;
}

dc_status dc_profile_onnx_resolve(const dc_user_layer *u, dc_problem *p,
                                  dc_error *e)
{
    const int word = word_of(u);
    const bool same = word == SAME_UPPER || word == SAME_LOWER;
    dc_user_layer bare = *u;
    dc_status status = check_words(u, word, e);

    bare.padding.count = 0;
    if (status == DC_OK)
        status = dc_profile_common(&bare, false, p, e);
    if (status == DC_OK)
        status = dc_problem_complete(p, e);
    for (int a = 0; a < u->rank && status == DC_OK; a++) {
        if (u->output_size.count) {
            status = derive(p, a, u->output_size.at[a], true, word, e);
        } else if (same && p->op[a]) {
            status = dc_error_set(e, DC_UNSUPPORTED, "output_padding", a,
                                  "auto_pad %s with output_padding is not "
                                  "specified",
                                  words[word]);
        } else if (same) {
            status = derive(p, a, p->i[a] * p->s[a], false, word, e);
        } else if (u->padding.count) {
            p->pb[a] = u->padding.at[a];
            p->pe[a] = u->padding.at[u->rank + a];
        }
    }
    return status == DC_OK ? dc_profile_finish(p, e) : status;
}

/* ==== From a problem to a node ========================================== */

static void put_list(dc_profile_text *to, const char *name, const int64_t *at,
                     int count, const char *after)
{
    dc_profile_put(to, "%s=[", name);
    dc_profile_put_list(to, at, count);
    dc_profile_put(to, "]%s", after);
}

dc_status dc_profile_onnx_express(const dc_problem *p, char *text, size_t size,
                                  dc_error *e)
{
    dc_profile_text node = {text, size, 0};
    const int r = p->rank;
    int64_t pads[6];
    int64_t shape[5];

    if (p->unbatched)
        return dc_error_set(e, DC_UNSUPPORTED, "n", -1,
                            "ONNX has no input without a batch axis");
    for (int a = 0; a < r; a++) {
        if (p->pb[a] < 0 || p->pe[a] < 0)
            return dc_error_set(e, DC_UNSUPPORTED, p->pb[a] < 0 ? "pb" : "pe",
                                a, "ONNX takes no negative pads");
        if (p->o[a] == 0)
            return dc_error_set(e, DC_UNSUPPORTED, "o", a,
                                "the output has no positions on axis %s",
                                dc_axis_name(r, a));
        pads[a] = p->pb[a];
        pads[r + a] = p->pe[a];
    }
    dc_profile_put(&node, "ConvTranspose(group=%lld, ", (long long)p->g);
    put_list(&node, "kernel_shape", p->k, r, ", ");
    put_list(&node, "strides", p->s, r, ", ");
    put_list(&node, "dilations", p->d, r, ", ");
    put_list(&node, "pads", pads, 2 * r, ", ");
    put_list(&node, "output_padding", p->op, r, ")  # ");
    put_list(&node, "X", shape, dc_problem_shape(p, DC_X, shape), ", ");
    put_list(&node, "W", shape, dc_problem_shape(p, DC_W, shape),
             p->has_bias ? ", B, " : ", ");
    dc_profile_put(&node, "%s", dc_formats[p->dtype].name);
    if (node.at >= size)
        return dc_failed(e, "the node takes %zu bytes, there are %zu",
                         node.at + 1, size);
    return DC_OK;
}

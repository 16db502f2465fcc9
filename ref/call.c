/* SPDX-License-Identifier: MIT
 *
 * The four functions of dc_impl, selected by dc_op.
 */
#include "ref/call.h"

bool dc_call_offers(const dc_impl *impl, dc_op op)
{
    const bool offered[DC_OPS] = {
        impl->forward != NULL, impl->grad_input != NULL,
        impl->grad_weight != NULL, impl->grad_bias != NULL};

    return offered[op];
}

dc_status dc_call(const dc_impl *impl, const dc_problem *p, dc_op op,
                  const void *const in[3], void *out)
{
    if (!dc_call_offers(impl, op))
        return DC_UNSUPPORTED;
    switch (op) {
    case DC_FORWARD:
        return impl->forward(p, in[0], in[1], in[2], out);
    case DC_GRAD_INPUT:
        return impl->grad_input(p, in[0], in[1], out);
    case DC_GRAD_WEIGHT:
        return impl->grad_weight(p, in[0], in[1], out);
    default:
        return impl->grad_bias(p, in[0], out);
    }
}

dc_status dc_call_tensors(const dc_impl *impl, const dc_problem *p, dc_op op,
                          const void *const tensors[DC_TENSORS], void *out)
{
    const void *in[3] = {NULL};

    for (int k = 0; k < dc_ops[op].takes; k++)
        in[k] = tensors[dc_ops[op].in[k]];
    return dc_call(impl, p, op, in, out);
}

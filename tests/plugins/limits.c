/* SPDX-License-Identifier: MIT
 *
 * Correct kernels that answer INVALID to what a framework documents as refused,
 * and some that refuse too much.  DC_TEST_MODE names the limits:
 *
 *   webnn          op >= s, negative pads, empty tensors
 *   keras          op >= s, s > 1 with d > 1
 *   tosa           pads that crop the whole kernel
 *   some           op >= s if i is even, computes the others
 *   op             op > 0, which no framework refuses
 *   strided        s > 1, too
 *   reach          pads of d*(k-1), too
 *   forward-alone  op >= s in forward, while the gradients compute it
 *   free-alone     negative pads in forward, while the gradients compute them
 */
#include "tests/plugins/sample_base.h"

static bool refuses_axis(const dc_problem *p, int a)
{
    const int64_t reach = p->d[a] * (p->k[a] - 1);
    const bool at_stride = p->op[a] >= p->s[a];
    const bool negative = p->pb[a] < 0 || p->pe[a] < 0;

    if (mode_is("webnn"))
        return at_stride || negative || p->i[a] == 0 || p->o[a] == 0;
    if (mode_is("tosa"))
        return p->pb[a] > reach || p->pe[a] - p->op[a] > reach;
    if (mode_is("some"))
        return at_stride && p->i[a] % 2 == 0;
    if (mode_is("op"))
        return p->op[a] > 0;
    if (mode_is("strided"))
        return p->s[a] > 1;
    if (mode_is("reach"))
        return p->pb[a] >= reach && reach > 0;
    return mode_is("free-alone") ? negative : at_stride;
}

static bool refuses(const dc_problem *p)
{
    bool strided = false;
    bool dilated = false;

    for (int a = 0; a < p->rank; a++) {
        if (refuses_axis(p, a))
            return true;
        strided |= p->s[a] > 1;
        dilated |= p->d[a] > 1;
    }
    if (mode_is("keras"))
        return strided && dilated;
    return mode_is("webnn") && (p->n == 0 || p->ci == 0 || p->co == 0);
}

static dc_status my_supports(const dc_problem *p)
{
    const dc_status status = supports(p);
    const bool alone = strstr(mode_now(), "alone");

    return status == DC_OK && !alone && refuses(p) ? DC_INVALID : status;
}

static dc_status my_forward(const dc_problem *p, const void *x, const void *w,
                            const void *b, void *y)
{
    if (supports(p) == DC_OK && refuses(p))
        return DC_INVALID;
    return forward(p, x, w, b, y);
}

const dc_impl *deconform_plugin(void)
{
    static dc_impl impl = {
        DC_ABI, "limits", "1", my_supports, my_forward, NULL, NULL, NULL,
    };
    const dc_impl *const whole = sample_plugin();

    impl.grad_input = whole->grad_input;
    impl.grad_weight = whole->grad_weight;
    impl.grad_bias = whole->grad_bias;
    return &impl;
}

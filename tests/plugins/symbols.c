/* SPDX-License-Identifier: MIT
 *
 * A right implementation whose own functions have the names of functions in the
 * libraries that the judge links, and which aborts if it gets theirs.
 */
#include <stddef.h>

#include "tests/plugins/sample_base.h"

static int calls;

/* Not static: calls go through the symbol table, where another library's
 * function of the same name may come first. */
#define OURS(name)                                                             \
    int name(int);                                                             \
    int name(int x)                                                            \
    {                                                                          \
        calls++;                                                               \
        return x + 1;                                                          \
    }

OURS(zip_open)
OURS(json_object)
OURS(xmlFree)
OURS(mpfr_add)
OURS(nettle_sha256_update)

static dc_status symbols_forward(const dc_problem *p, const void *x,
                                 const void *w, const void *b, void *y)
{
    const int before = calls;

    if (zip_open(1) != 2 || json_object(2) != 3 || xmlFree(3) != 4 ||
        mpfr_add(4) != 5 || nettle_sha256_update(5) != 6 || calls != before + 5)
        abort();
    return forward(p, x, w, b, y);
}

const dc_impl *deconform_plugin(void)
{
    static const dc_impl impl = {
        DC_ABI,          "symbols",  "1",         supports,
        symbols_forward, grad_input, grad_weight, grad_bias,
    };

    return &impl;
}

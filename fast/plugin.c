/* SPDX-License-Identifier: MIT
 *
 * The entry point of fast.so: exports deconform_plugin(), the only symbol that
 * the judge looks up.  (`--impl fast` links fast in directly.)
 */
#include "fast/fast.h"

const dc_impl *deconform_plugin(void)
{
    return dc_fast_impl();
}

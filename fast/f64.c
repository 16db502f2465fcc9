/* SPDX-License-Identifier: MIT
 *
 * The four operations in f64: the templates with REAL = double.
 */
#include "fast/ops.h"

#define REAL       double
#define REAL_BYTES 8
#define REAL_FMA   fma
#define REAL_X86   pd
#include "fast/template/conv.h"
#include "fast/template/gradw.h"
#include "fast/template/gradb.h"

const dc_fast_operations dc_fast_f64 = {
    conv, conv_need, pack_weights, grad_weight, grad_weight_need, grad_bias};

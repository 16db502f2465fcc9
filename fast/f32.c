/* SPDX-License-Identifier: MIT
 *
 * The four operations in f32: the templates with REAL = float.
 */
#include "fast/ops.h"

#define REAL       float
#define REAL_BYTES 4
#define REAL_FMA   fmaf
#define REAL_X86   ps
#include "fast/template/conv.h"
#include "fast/template/gradw.h"
#include "fast/template/gradb.h"

const dc_fast_operations dc_fast_f32 = {
    conv, conv_need, pack_weights, grad_weight, grad_weight_need, grad_bias};

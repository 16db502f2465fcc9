/* SPDX-License-Identifier: MIT
 *
 * The four operations in f32: the templates with REAL = float.
 */
#include "fast/ops.h"

#define REAL       float
#define REAL_BYTES 4
#define REAL_FMA   fmaf
#define REAL_X86   ps
#include "fast/template/kernels.h"
#include "fast/template/correlate.h"
#include "fast/template/weight.h"
#include "fast/template/bias.h"

const dc_fast_operations dc_fast_f32 = {
    correlate, correlate_need, pack, grad_weight, grad_weight_need, grad_bias};

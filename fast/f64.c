/* SPDX-License-Identifier: MIT
 *
 * The four operations in f64: the templates with REAL = double.
 */
#include "operations.h"

#define REAL       double
#define REAL_BYTES 8
#define REAL_FMA   fma
#define REAL_X86   pd
#include "engine.h"
#include "correlate.h"
#include "weight.h"
#include "bias.h"

const dc_fast_operations dc_fast_f64 = {
    correlate, correlate_need, pack, grad_weight, grad_weight_need, grad_bias};

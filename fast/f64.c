/* SPDX-License-Identifier: MIT
 *
 * The four operations in f64: the templates with REAL = double.
 */
#include "operations.h"

#define REAL       double
#define REAL_BYTES 8
#define REAL_FMA   fma
#define REAL_X86   pd
#define OPERATIONS dc_fast_f64
#include "engine.h"
#include "correlate.h"
#include "weight.h"

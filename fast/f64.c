/* SPDX-License-Identifier: MIT
 *
 * The four operations in f64: im2col.h with REAL = double.
 */
#include "operations.h"

#define REAL       double
#define OPERATIONS dc_fast_f64
#include "im2col.h"

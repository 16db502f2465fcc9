/* SPDX-License-Identifier: MIT
 *
 * The four operations in f32: im2col.h with REAL = float.
 */
#include "operations.h"

#define REAL       float
#define OPERATIONS dc_fast_f32
#include "im2col.h"

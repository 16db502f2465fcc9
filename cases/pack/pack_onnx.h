/* SPDX-License-Identifier: MIT
 *
 * ONNX on both ways: what do models and tensors look like as messages, and
 * which problem does a foreign model ask?
 */
#ifndef DC_PACK_ONNX_H
#define DC_PACK_ONNX_H

#include "cases/pack/pack.h"
#include "cases/profile/profile.h"

/* TensorProto.DataType of our types, by dtype. */
extern const int32_t dc_pack_onnx_types[];

/* The profile that says what the operator means. */
const dc_profile *dc_pack_onnx_profile(void);

/* The ways of saying pads, as `variant` of a case: explicit pads (NULL),
 * "same_upper", "same_lower", "valid", "output_shape". */
extern const char *const dc_pack_variants[];
extern const int dc_pack_variants_count;

/* The problem that results when p's layer is written in the words of the
 * variant: p itself where it can be written so.  DC_UNSUPPORTED or DC_INVALID
 * where the words do not apply. */
dc_status dc_pack_variant(const dc_problem *p, const char *variant,
                          dc_problem *q, dc_error *e);

/* Reads a directory as the ONNX backend tests have it: model.onnx with a
 * single ConvTranspose and test_data_set_0.  to->p and the tensors x, w, b, y
 * are what it says.  DC_UNSUPPORTED for a model that is something else (then
 * e->field is "op_type") or whose node has no meaning or is beyond us,
 * DC_FAILED for one that cannot be read. */
dc_status dc_pack_foreign(const char *dir, dc_pack_tensors *to, dc_error *e);

#endif

/* SPDX-License-Identifier: MIT
 *
 * The format onnx: models and tensors of cases, and the problem that a foreign
 * model poses.
 */
#ifndef DC_PACK_ONNX_H
#define DC_PACK_ONNX_H

#include "cases/pack/pack.h"
#include "cases/profile/profile.h"

/* TensorProto.DataType of our types, by dtype. */
extern const int32_t dc_pack_onnx_types[];

/* The tensors of ONNX: the inputs of the node in order, then its output. */
typedef struct {
    dc_tensor t;
    const char *name; /* in the model */
    const char *tail; /* the file in the directory of a case */
} dc_pack_onnx_tensor;

enum { DC_PACK_ONNX_TENSORS = 4 };
extern const dc_pack_onnx_tensor dc_pack_onnx_tensors[DC_PACK_ONNX_TENSORS];

/* The profile that defines the operator. */
const dc_profile *dc_pack_onnx_profile(void);

/* How the pads of a case may be written instead of explicitly: "same_upper",
 * "same_lower", "valid", "output_shape". */
extern const char *const dc_pack_variants[];
extern const int dc_pack_variants_count;

/* The problem that ONNX reads if p's layer is written as the variant; it is p
 * if the variant can express p's pads.  DC_UNSUPPORTED or DC_INVALID if the
 * variant does not apply. */
dc_status dc_pack_variant(const dc_problem *p, const char *variant,
                          dc_problem *q, dc_error *e);

/* Reads a directory of ONNX's backend tests: model.onnx with a single
 * ConvTranspose, and test_data_set_0.  Sets to->p and the tensors x, w, b, y.
 * DC_UNSUPPORTED if the model is another one (then e->field is "op_type"), or
 * its node is illegal or too large; DC_FAILED if it cannot be read. */
dc_status dc_pack_foreign(const char *dir, dc_pack_tensors *to, dc_error *e);

#endif

/* SPDX-License-Identifier: MIT
 *
 * The rules.  `source` names what was read, with the version; what a check
 * compares (types, operations) is what it compares by default.
 */
#include <string.h>

#include "oracle/checkers/rule.h"

enum {
    ALL_TYPES = (1 << DC_FORMATS) - 1,
    F64 = 1 << DC_F64,
    F32 = 1 << DC_F32,
    F16 = 1 << DC_F16,
    BF16 = 1 << DC_BF16,
    FORWARD = 1 << DC_FORWARD,
    ALL_OPS = (1 << DC_OPS) - 1
};

#define EVERY(r, a)                                                            \
    {                                                                          \
        {r, a}, {r, a}, {r, a},                                                \
        {                                                                      \
            r, a                                                               \
        }                                                                      \
    }

const dc_rule dc_rules[] = {
    {.name = "numpy allclose",
     .what = "1e-8 + 1e-5 |want|, in the arrays' type",
     .source = "numpy 1.24.2, numpy/core/numeric.py, isclose",
     .accepts = dc_rule_allclose,
     .tolerance = EVERY(1e-5, 1e-8),
     .types = F64 | F32,
     .ops = ALL_OPS,
     .suite = "torch documentation"},
    {.name = "torch allclose",
     .what = "1e-8 + 1e-5 |want|, in the tensors' type",
     .source = "pytorch 1.13, ATen/native/TensorCompare.cpp, isclose",
     .accepts = dc_rule_allclose,
     .tolerance = EVERY(1e-5, 1e-8),
     .types = F64 | F32,
     .ops = ALL_OPS,
     .suite = "torch documentation"},
    {.name = "torch assert_close",
     .what = "1e-5 + 1.3e-6 |want| in f32; rtol 1e-3 in f16, 1.6e-2 in bf16; "
             "1e-7 both in f64",
     .source = "pytorch 1.13, torch/testing/_comparison.py",
     .accepts = dc_rule_allclose,
     .tolerance = {[DC_F64] = {1e-7, 1e-7},
                   [DC_F32] = {1.3e-6, 1e-5},
                   [DC_F16] = {1e-3, 1e-5},
                   [DC_BF16] = {1.6e-2, 1e-5}},
     .types = ALL_TYPES,
     .ops = ALL_OPS,
     .suite = "torch documentation"},
    {.name = "PyTorch OpInfo",
     .what = "as assert_close, but 1e-4 + 1.3e-6 |want| in f32",
     .source = "pytorch 1.13, common_methods_invocations.py, "
               "nn.functional.conv_transpose1d to 3d (override of "
               "test_variant_consistency_eager on CUDA)",
     .accepts = dc_rule_allclose,
     .tolerance = {[DC_F64] = {1e-7, 1e-7}, [DC_F32] = {1.3e-6, 1e-4}},
     .types = F64 | F32,
     .ops = ALL_OPS,
     .suite = "OpInfo"},
    {.name = "ONNX backend test",
     .what = "1e-7 + 1e-3 |want|",
     .source = "onnx f754691, onnx/backend/test/case/node/__init__.py, "
               "numpy.testing.assert_allclose",
     .accepts = dc_rule_allclose,
     .tolerance = EVERY(1e-3, 1e-7),
     .flags = DC_RULE_NAN,
     .types = F32,
     .ops = FORWARD,
     .suite = "ONNX"},
    {.name = "KernelBench",
     .what = "1e-4 + 1e-4 |got| in f32, 1e-2 both in f16 and bf16",
     .source = "KernelBench 423217d, src/kernelbench/eval.py, "
               "torch.allclose(reference, result)",
     .accepts = dc_rule_allclose,
     .tolerance = {[DC_F32] = {1e-4, 1e-4},
                   [DC_F16] = {1e-2, 1e-2},
                   [DC_BF16] = {1e-2, 1e-2}},
     .flags = DC_RULE_OF_GOT,
     .types = F32,
     .ops = FORWARD,
     .suite = "KernelBench"},
    {.name = "KernelBench v0",
     .what = "1e-2 + 1e-2 |got|",
     .source = "KernelBench v0 and v0.1, src/eval.py",
     .accepts = dc_rule_allclose,
     .tolerance = EVERY(1e-2, 1e-2),
     .flags = DC_RULE_OF_GOT,
     .types = F32,
     .ops = FORWARD,
     .suite = "KernelBench"},
    {.name = "BackendBench",
     .what = "1e-2 + 1e-2 |got|, whatever tolerance is asked for",
     .source = "BackendBench 66e0dbc, BackendBench/eval.py, allclose",
     .accepts = dc_rule_allclose,
     .tolerance = EVERY(1e-2, 1e-2),
     .flags = DC_RULE_OF_GOT | DC_RULE_NAN,
     .types = BF16,
     .ops = FORWARD,
     .suite = "OpInfo"},
    {.name = "SOL-ExecBench",
     .what = "1e-2 + 1e-2 |want| for 99 % of the elements",
     .source = "SOL-ExecBench 266784c, src/sol_execbench/bench/correctness.py",
     .accepts = dc_rule_allclose,
     .tolerance = EVERY(1e-2, 1e-2),
     .share = 0.99,
     .flags = DC_RULE_F32,
     .types = F32 | F16 | BF16,
     .ops = FORWARD,
     .suite = "KernelBench"},
    {.name = "WPT",
     .what = "2 * taps * ci/g places (ULP) apart",
     .source = "WPT, webnn/resources/utils.js, getConv2dPrecisionTolerance",
     .accepts = dc_rule_ulps,
     .types = F32 | F16,
     .ops = FORWARD,
     .suite = "WPT"},
    {.name = "TOSA elements",
     .what = "2 KSB units of S u; KSB = taps * ci/g, less for f16 and bf16",
     .source = "TOSA reference model 2025, verify_dot_product.cpp, "
               "validateElement",
     .accepts = dc_rule_tosa_element,
     .types = F32 | F16 | BF16,
     .ops = FORWARD,
     .suite = "TOSA"},
    {.name = "TOSA",
     .what = "the same, with sum err^2 <= 1.6 KSB T and the bias of the sets "
             "3 to 5",
     .source = "TOSA reference model 2025, verify_dot_product.cpp, "
               "validateDataDP",
     .accepts = dc_rule_tosa,
     .types = F32 | F16 | BF16,
     .ops = FORWARD,
     .suite = "TOSA"},
    {.name = "benchdnn",
     .what = "equal, but for differences below 2^-23 at |want| <= 1e-5",
     .source = "oneDNN 3f27bec, tests/benchdnn/utils/compare.cpp, deconv.cpp "
               "(direct algorithm, threshold 0)",
     .accepts = dc_rule_benchdnn,
     .types = F32 | F16,
     .ops = ALL_OPS,
     .suite = "benchdnn"},
    {.name = "CUTLASS",
     .what = "equal, on integers to 8 (to 5 in 16 bits)",
     .source = "CUTLASS 07a0238, test/unit/conv/device/conv2d_testbed.h",
     .accepts = dc_rule_equal,
     .types = F32 | F16 | BF16,
     .ops = FORWARD | 1 << DC_GRAD_INPUT | 1 << DC_GRAD_WEIGHT,
     .suite = "small integers"},
    {.name = "equal on 0 and 1",
     .what = "equal, on inputs of 0 and 1",
     .source = "a custom of hand-written tests; no published one was found",
     .accepts = dc_rule_equal,
     .types = F32,
     .ops = ALL_OPS,
     .suite = "zeros and ones"},
    {.name = "ggml NMSE",
     .what = "sum (got-want)^2 / sum got^2 at most 1e-7 in 1d, 5e-4 in 2d",
     .source = "ggml d99724f, tests/test-backend-ops.cpp",
     .accepts = dc_rule_nmse,
     .tolerance = {[DC_F64] = {0, 1e-7}, [DC_F32] = {0, 5e-4}},
     .types = F32,
     .ops = FORWARD,
     .suite = "ggml"},
};

const int dc_rules_count = sizeof dc_rules / sizeof *dc_rules;

const dc_rule *dc_rule_find(const char *name)
{
    for (int r = 0; r < dc_rules_count; r++)
        if (strcmp(dc_rules[r].name, name) == 0)
            return &dc_rules[r];
    return NULL;
}

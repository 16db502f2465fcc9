/* SPDX-License-Identifier: MIT
 *
 * Regression cases: defects of transposed convolution that public software had,
 * and a few cases that published examples leave out.  A failure names the known
 * bug that the implementation shares.
 *
 * If a bug report gives an explicit output size or SAME, the row spells out the
 * resulting pads and output padding.  Bugs of ordinary convolution are carried
 * over: its input becomes our output, and its input gradient our forward.
 *
 * Not expressible by the contract: accumulating into a given gradient
 * (NNlib#538), the memory format of UNITCH, the bias of 1000 of BIASREP.
 * Covered elsewhere: an infinity in the weight (pytorch#164125) by the family
 * `special`, huge attributes in refusals.c.
 */
#include "cases/catalog/catalog.h"

const dc_named dc_catalog[] = {
    /* kernel 1x1 and strides */
    {"K1S2", "i1x2_k1_s2",
     "a shortcut for 1x1 kernels forgets the stride (pytorch#63314)"},
    {"K1P1", "i3x3_k1_p1",
     "a shortcut for 1x1 kernels forgets the padding (pytorch#54080)"},
    {"STR3_33", "n2_ci2_co3_i4x5_k4_s3_p1_b1",
     "right for strides 1 and 2 only (Theano#601)"},
    {"STR3_13", "n2_ci2_co3_i4x5_k2x4_s1x3_b1",
     "right for strides 1 and 2 only, axes apart (Theano#601)"},
    {"NONSQ", "ci3_co32_i3x4_k2x4_s2x4",
     "kernel and stride of one axis used for both (mxnet#2365)"},
    {"POISON", "ci2_co3_i3x4_k2x1_s3x4",
     "accumulates into an output that was never cleared (ggml#591)"},

    /* dilation */
    {"DILSTR", "i3x3_k3_s2_p2_d2",
     "dilation ignored when the stride exceeds 1 (mxnet#11203)"},
    {"DILSTR1D", "i6_k3_s2_p1_op1_d2",
     "dilated problem on a path that knows no dilation (pytorch#1565)"},
    {"DILOP", "ci4_i1x1_k3_d2_op1",
     "gradients of dilation with output padding overrun (pytorch#5112)"},
    {"EXTDIL", "co3_i50x50_k3x5_s2x1_d3x1_p4x2",
     "extent with k+d-1 for d(k-1)+1 (onnxruntime#2518)"},
    {"BF16D2_1", "i224_k3_s2_p1_d2",
     "dilated bf16 wrong on one processor generation (pytorch#148973)"},
    {"BF16D2_2", "ci2_co2_i224_k3_s2_p1_d2",
     "dilated bf16 wrong on one processor generation (pytorch#148973)"},

    /* padding */
    {"PMODS", "ci8_co4_i4x4_k4_s2_p1",
     "rolling buffer leaves an output row unwritten (CMSIS-NN#230)"},
    {"ASYMPAD", "ci2_co3_i4x5_k4_s2_pb1_pe2_b1",
     "unequal begin and end pads confused (ComputeLibrary#743)"},
    {"NEGEFF", "i4x7_k3_p0x3",
     "pad beyond the kernel's reach on one axis only (torch-mlir#4369)"},
    {"NEGEFF_S2", "i4x7_k3_s2_p1x4",
     "pad beyond the kernel's reach, with stride (torch-mlir#4096)"},
    {"NEGEFF2", "co3_i8x9_k2_p3_d2_op1_b1",
     "pad beyond the reach with output padding (onnxruntime#14208)"},
    {"ODDSAME_UPPER", "ci3_co2_i16x16_k3_s2_pb0_pe1_b1",
     "SAME shifted by one pixel, odd crop at the end (keras#22876)"},
    {"ODDSAME_LOWER", "ci3_co2_i16x16_k3_s2_pb1_pe0_b1",
     "SAME shifted by one pixel, odd crop at the begin (keras#22876)"},
    {"SAMEHW_1x10", "co2_i50x54_k1x10_s2_p0x4_op1x0",
     "SAME pads with height and width exchanged (tensorflow#24151)"},
    {"SAMEHW_10x1", "co2_i50x54_k10x1_s2_p4x0_op0x1",
     "SAME pads with height and width exchanged (tensorflow#24151)"},
    {"SAMEHW_2x7", "co2_i50x54_k2x7_s2_pb0x2_pe0x3",
     "SAME pads with height and width exchanged (tensorflow#24151)"},
    {"SAMEHW_3x6", "ci3_co8_i6x7_k3x6_s2_pb0x2_pe1x2",
     "SAME pads with height and width exchanged (tensorflow#24151)"},
    {"SAMEHW_8x5", "ci3_co8_i6x7_k8x5_s2_pb3x1_pe3x2",
     "SAME pads with height and width exchanged (tensorflow#24151)"},
    {"SAMEHW_9x4", "ci3_co8_i6x7_k9x4_s2_pb3x1_pe4x1",
     "SAME pads with height and width exchanged (tensorflow#24151)"},
    {"SHRINK_6x6", "ci16_co16_g4_i9x12_k3_pb2x4_pe3x4",
     "explicit size smaller than the input, grouped (openvino#34330)"},
    {"SHRINK_4x9", "ci16_co16_g4_i9x12_k3_pb3x2_pe4x3",
     "explicit size smaller than the input, grouped (openvino#34330)"},

    /* output padding and extent */
    {"OPCALC", "ci16_co3_i7x7_k3_s2_p1_op1_b1",
     "output padding's last row and column not computed (tvm#19524)"},
    {"OPINPUT", "i5_k16_s8_op3",
     "output padding added to the input: too long (coreai-torch#57)"},
    {"OPCROP_P1", "n2_ci4_co4_g4_i5x4_k3_s2_p1_op1",
     "crop split evenly despite output padding (torch-mlir#4650)"},
    {"OPCROP_P0", "n2_ci4_co4_g4_i5x4_k3_s2_op1",
     "depthwise, output padding beyond the pad (coreai-torch#58)"},
    {"OPCROP_1D", "ci4_co4_g4_i6_k3_s2_op1",
     "depthwise, output padding beyond the pad (coreai-torch#58)"},
    {"OPLONG", "i5_k3_d2_op1",
     "input gradient too long by floor(op/s) (burn#4845)"},
    {"OPLONG_3", "i5_k3_d4_op3",
     "input gradient too long by floor(op/s), op >= s (burn#4845)"},
    {"DROP3", "i400_k4_s4_op3",
     "inverse size formula drops at most one sample (burn#4799)"},
    {"LASTCOL", "ci3_co9_i10x10_k5_s3_p1_op2",
     "trailing columns dropped (pytorch#25101)"},
    {"UNBATCH", "u1_i15x13_k16_s16_p7_op14x6",
     "output size not honoured without a batch axis (pytorch#75889)"},

    /* channels and groups */
    {"IOLAY", "ci4_co2_i8x8_k4_s2",
     "weight read as [co,ci] for [ci,co] (ComputeLibrary#453)"},
    {"GRPINT", "ci8_co8_g2_i1x1_k1",
     "groups interleaved in the output channels (oneDNN#352)"},
    {"GRPBIAS", "n2_ci6_co9_g3_i3x4_k3x2_s2_b1",
     "every group takes the first group's bias (rten#1408)"},
    {"GRPSTR", "n2_ci6_co9_g3_i4x3_k3_s2_p1_b1",
     "dense kernels for grouped problems with stride (mlx#3800)"},
    {"GRP1D", "ci4_co4_g4_i6_k5_s2_p2",
     "1d grouped weight promoted to the wrong axis (openvino#37752)"},
    {"TAIL57_5", "ci10_co6_g2_i3x4_k2x3_s2x1_b1",
     "tail of a channel loop adds x without w (onnxruntime#27749)"},
    {"TAIL57_6", "ci12_co6_g2_i3x4_k2x3_s2x1_b1",
     "tail of a channel loop adds x without w (onnxruntime#27749)"},
    {"TAIL57_7", "ci14_co6_g2_i3x4_k2x3_s2x1_b1",
     "tail of a channel loop adds x without w (onnxruntime#27749)"},
    {"TAIL57_8", "ci16_co6_g2_i3x4_k2x3_s2x1_b1",
     "tail of a channel loop adds x without w (onnxruntime#27749)"},
    {"DW24_23", "ci23_co23_g23_i3x3_k3_s2_p1_op1",
     "depthwise weight gradient loses the last row (pytorch#50042)"},
    {"DW24_24", "ci24_co24_g24_i3x3_k3_s2_p1_op1",
     "depthwise weight gradient loses the last row (pytorch#50042)"},
    {"DW24_25", "ci25_co25_g25_i3x3_k3_s2_p1_op1",
     "depthwise weight gradient of one vector width (oneDNN#4124)"},
    {"NARROW", "ci17_co64_i4_k3_s2_p1_op1",
     "narrow image, odd channel count (fujitsu/oneDNN#43)"},
    {"NARROW_X", "ci64_co17_i8_k3_s2_p1",
     "narrow image, odd channel count, seen from x (fujitsu/oneDNN#43)"},
    {"UNITCH_CO", "ci3_i4x3_k3x5_s2x1_b1",
     "memory format guessed when co = 1 (executorch#20804)"},
    {"UNITCH_CI", "ci2_co4_g2_i4x3_k3x5_s2x1_b1",
     "memory format guessed when ci/g = 1 (pytorch#99519)"},

    /* batch, rank, bias, one gradient alone, empty tensors */
    {"BATCH2", "n2_ci2_co3_i3x4_k2_s2_b1",
     "only batch item 0 computed (ggml#1448)"},
    {"B3D", "n3_ci4_co5_i2x3x2_k2_s2_b1",
     "3d path exchanges channels and batch (NNlib#156)"},
    {"PROMO1D", "i2_k2_s2",
     "1d promoted to 2d with the axes exchanged (pytorch#82711)"},
    {"SCRATCH", "n2_ci4_co4_i1x9_k1_s1x2",
     "scratch sized with the other axis' stride (CMSIS-NN#243)"},
    {"BIASREP", "ci2_co3_i4x5_k3_b1",
     "bias added once per product (onnx2c#40)"},
    {"MASKX", "n2_ci2_co3_i3x4_k3x2_s2_p1x0_b1",
     "input gradient alone lacks the batch offset (caffe#3095)"},
    {"MASKB", "n2_ci3_co2_i4x3_k2x3_s2_p0x1_b1",
     "bias gradient wrong when asked alone (mxnet#15464)"},
    {"OUT00", "i2x2_k2_s2_p2", "extent zero: devices disagree (pytorch#88647)"},
    {"N0", "n0_ci2_co3_i3x4_k3x2_s2_b1",
     "empty batch leaves the result of the call before (pytorch#24341)"},

    /* chosen greedily against the first 78 mutants: the first three together
     * killed all of them */
    {"GREEDY1", "n2_ci10_co14_g2_i3x3_k2x1_s4x1_d2_pb3x0_pe1_op1_b1",
     "groups, unequal pads, op >= s and holes at once"},
    {"GREEDY2", "n2_ci17_co9_i3x2_k1_s3x4_pb1x2_pe3x0_op1x0",
     "1x1 kernel with stride, pads and a channel tail"},
    {"GREEDY3", "ci34_co10_g2_i3x3_k2_d3x2_pb3x0_pe2x1_op1x0_b1",
     "stride 1 on all axes with unequal dilation, channel tail"},
    {"GENERIC", "n2_ci4_co6_g2_i3x4_k2x3_s3x2_d1x2_pb1x2_pe0x1_op2x1_b1",
     "no two extents equal: most confusions of axes and channels"},
    {"SQUARE", "n2_ci4_co6_g2_i3x3_k3_s2_d2_pb1_pe0_op1_b1",
     "the square twin: a transposed kernel keeps every shape"},

    /* classes that published examples leave out */
    {"HOLES", "n2_ci2_co3_i3x4_k1x2_s3x4_op2x1_b1",
     "outputs that no product reaches hold the bias alone"},
    {"OPREACH", "ci2_co3_i4x3_k3x4_s2x3_p1x2_op1x2_b1",
     "output padding reaches real products: not zeros"},
    {"ONE", "n2_ci3_co2_i2x3_k2x3_p1x2_b1", "an output of a single position"},
    {"MULT", "n2_ci3_co6_g3_i4x3_k3x2_s2_p1x0_b1",
     "depthwise with two outputs per input channel"},
    {"MULTLESS", "n2_ci6_co3_g3_i4x3_k3x2_s2_p1x0_b1",
     "one output channel for two input channels (pytorch#65661)"},
};

const int dc_catalog_count = (int)(sizeof dc_catalog / sizeof *dc_catalog);

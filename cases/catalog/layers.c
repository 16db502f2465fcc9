/* SPDX-License-Identifier: MIT
 *
 * Transposed convolutions of real networks: each at full size, and scaled down
 * in batch, channels and extents to at most 60,000 multiplications per
 * operation.
 */
#include "cases/catalog/catalog.h"

const dc_layer dc_layers[] = {
    {"dcgan_2", "n4_ci512_co256_i8x8_k4_s2_p1", "n2_ci12_co7_i4x4_k4_s2_p1",
     "DCGAN generator, second up-sampling"},
    {"dcgan_3", "n1_ci128_co64_i32x32_k4_s2_p1", "n1_ci16_co8_i5x5_k4_s2_p1",
     "DCGAN generator, third up-sampling"},
    {"dcgan_out", "n4_ci64_co3_i32x32_k4_s2_p1", "n2_ci16_co3_i5x6_k4_s2_p1",
     "DCGAN generator, image layer"},
    {"unet_up1", "n1_ci1024_co512_i28x28_k2_s2_b1",
     "n1_ci32_co16_i5x4_k2_s2_b1", "U-Net, first up-convolution"},
    {"maskrcnn", "n16_ci256_co256_i14x14_k2_s2_b1",
     "n3_ci16_co16_i4x4_k2_s2_b1", "Mask R-CNN, mask head"},
    {"sam_mask", "n1_ci256_co64_i64x64_k2_s2_b1", "n1_ci24_co6_i9x9_k2_s2_b1",
     "Segment Anything, mask decoder"},
    {"centernet", "n1_ci256_co256_i32x32_k4_s2_p1",
     "n1_ci10_co10_i5x6_k4_s2_p1", "CenterNet, up-sampling head"},
    {"fsrcnn", "n1_ci56_co1_i128x128_k9_s3_p4_op2_b1",
     "n1_ci14_co1_i6x6_k9_s3_p4_op2_b1", "FSRCNN, super-resolution by 3"},
    {"resdec", "n1_ci64_co64_i56x56_k3_s2_p1_op1_b1",
     "n1_ci10_co10_i7x7_k3_s2_p1_op1_b1", "residual decoder, doubling"},
    {"dense", "n1_ci64_co64_i56x56_k3_s1_p1_b1",
     "n1_ci10_co10_i7x7_k3_s1_p1_b1", "decoder at stride 1"},
    {"dilated", "n1_ci64_co64_i56x56_k3_s1_d2_p2_b1",
     "n1_ci10_co10_i7x7_k3_s1_d2_p2_b1", "dilated decoder at stride 1"},
    {"fcn_up8", "n1_ci21_co21_g21_i64x64_k16_s8_p4",
     "n1_ci3_co3_g3_i7x7_k16_s8_p4", "FCN, bilinear up-sampling by 8"},
    {"grouped", "n1_ci128_co128_g4_i28x28_k3_s2_p1_op1_b1",
     "n1_ci16_co16_g4_i8x8_k3_s2_p1_op1_b1", "grouped decoder, doubling"},
    {"hifigan_1", "n1_ci512_co256_i128_k16_s8_p4_b1",
     "n1_ci16_co8_i24_k16_s8_p4_b1", "HiFi-GAN, first up-sampling"},
    {"hifigan_3", "n1_ci128_co64_i8192_k4_s2_p1_b1",
     "n1_ci8_co4_i400_k4_s2_p1_b1", "HiFi-GAN, third up-sampling"},
    {"encodec", "n1_ci64_co32_i4096_k4_s2_p1_b1", "n1_ci8_co4_i300_k4_s2_p1_b1",
     "EnCodec decoder, last up-sampling"},
    {"unet3d", "n1_ci128_co64_i16x16x16_k2_s2_b1",
     "n1_ci16_co8_i3x4x3_k2_s2_b1", "3d U-Net, up-convolution"},
    {"vnet", "n1_ci256_co128_i8x8x4_k2_s2_b1", "n1_ci16_co8_i4x4x2_k2_s2_b1",
     "V-Net, first up-convolution"},
    {"voxgan", "n1_ci256_co128_i4x4x4_k4_s2_p1", "n1_ci8_co4_i3x3x3_k4_s2_p1",
     "voxel GAN generator"},
};

const int dc_layers_count = (int)(sizeof dc_layers / sizeof *dc_layers);

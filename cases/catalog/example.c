/* SPDX-License-Identifier: MIT
 *
 * Published numbers; cases/catalog/ERRATA.md lists those that are wrong with
 * their pages.
 */
#include "cases/catalog/example.h"

/* clang-format off */
#define NUMBERS(...) \
    {(int)(sizeof((double[]){__VA_ARGS__}) / sizeof(double)), \
     (const double[]){__VA_ARGS__}}
/* clang-format on */

/* The page's data: x = [1,2,3], w = [1,0.5], stride 1, no bias. */
#define PAGE1D_SPEC "ci1_co1_i3_k2"
#define PAGE1D_X    NUMBERS(1, 2, 3)
#define PAGE1D_W    NUMBERS(1, 0.5)
#define PAGE1D_Y    NUMBERS(1, 2.5, 4, 1.5)

const dc_example dc_examples[] = {
    {.name = "PAGE1D",
     .source = "lucid 2.2.2, nn.ConvTranspose1d, first example: y and the "
               "gradients of y.backward(), which starts from ones",
     .spec = PAGE1D_SPEC,
     .in =
         {[DC_X] = PAGE1D_X, [DC_W] = PAGE1D_W, [DC_GY] = NUMBERS(1, 1, 1, 1)},
     .right = {[DC_Y] = PAGE1D_Y,
               [DC_GX] = NUMBERS(1.5, 1.5, 1.5),
               [DC_GW] = NUMBERS(6, 6),
               [DC_GB] = NUMBERS(4)},
     .wrong = {[DC_Y] = NUMBERS(1, 2.5, 3.5, 1.5),
               [DC_GX] = NUMBERS(1, 0.5, 0),
               [DC_GW] = NUMBERS(1, 2, 3)}},
    {.name = "PAGE1D_SQUARES",
     .source = "the same data under the loss sum(y^2)/2, whose gradient is y",
     .spec = PAGE1D_SPEC,
     .in = {[DC_X] = PAGE1D_X, [DC_W] = PAGE1D_W, [DC_GY] = PAGE1D_Y},
     .right = {[DC_Y] = PAGE1D_Y,
               [DC_GX] = NUMBERS(2.25, 4.5, 4.75),
               [DC_GW] = NUMBERS(18, 15),
               [DC_GB] = NUMBERS(9)}},
    {.name = "PAGE1D_POWERS",
     .source = "the same data with an incoming gradient that shows a flip, "
               "which all ones cannot",
     .spec = PAGE1D_SPEC,
     .in =
         {[DC_X] = PAGE1D_X, [DC_W] = PAGE1D_W, [DC_GY] = NUMBERS(1, 2, 4, 8)},
     .right = {[DC_Y] = PAGE1D_Y,
               [DC_GX] = NUMBERS(2, 4, 8),
               [DC_GW] = NUMBERS(17, 34),
               [DC_GB] = NUMBERS(15)}},
    {.name = "FUNCTION1D",
     .source = "lucid 2.2.2, nn.functional.conv_transpose1d, first example",
     .spec = "i3_k2_b1",
     .in = {[DC_X] = PAGE1D_X, [DC_W] = PAGE1D_W, [DC_B] = NUMBERS(0)},
     .right = {[DC_Y] = PAGE1D_Y}},
    {.name = "FUNCTION1D_S2",
     .source = "lucid 2.2.2, nn.functional.conv_transpose1d, stride 2",
     .spec = "i3_k2_s2_b1",
     .in = {[DC_X] = PAGE1D_X, [DC_W] = PAGE1D_W, [DC_B] = NUMBERS(0)},
     .right = {[DC_Y] = NUMBERS(1, 0.5, 2, 1, 3, 1.5)}},
    {.name = "FUNCTION1D_G2",
     .source = "lucid 2.2.2, nn.functional.conv_transpose1d, groups 2",
     .spec = "ci2_co2_g2_i3_k2_b1",
     .in = {[DC_X] = NUMBERS(1, 2, 3, 4, 5, 6),
            [DC_W] = NUMBERS(1, 0.5, -1, 0.5),
            [DC_B] = NUMBERS(0, 0)},
     .right = {[DC_Y] = NUMBERS(1, 2.5, 4, 1.5, -4, -3, -3.5, 3)},
     .wrong = {[DC_Y] = NUMBERS(1, 2.5, 4, 1.5, -4, -3.5, -2, 3)}},
    {.name = "FUNCTION2D",
     .source = "lucid 2.2.2, nn.functional.conv_transpose2d, first example",
     .spec = "i2x2_k2_b1",
     .in = {[DC_X] = NUMBERS(1, 2, 3, 4),
            [DC_W] = NUMBERS(1, 0.5, 0.25, -0.25),
            [DC_B] = NUMBERS(0)},
     .right = {[DC_Y] = NUMBERS(1, 2.5, 1, 3.25, 5.75, 1.5, 0.75, 0.25, -1)},
     .wrong = {[DC_Y] = NUMBERS(1, 2.5, 1, 3.75, 8.5, 3.5, 0.75, 1.5, -1)}},
    {.name = "FUNCTION2D_S2",
     .source = "lucid 2.2.2, nn.functional.conv_transpose2d, stride 2; what "
               "is printed is the input with zeros between",
     .spec = "i2x2_k2_s2_b1",
     .in = {[DC_X] = NUMBERS(1, 2, 3, 4),
            [DC_W] = NUMBERS(1, 0.5, 0.25, -0.25),
            [DC_B] = NUMBERS(0)},
     .right = {[DC_Y] = NUMBERS(1, 0.5, 2, 1, 0.25, -0.25, 0.5, -0.5, 3, 1.5, 4,
                                2, 0.75, -0.75, 1, -1)},
     .wrong = {[DC_Y] =
                   NUMBERS(1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0)}},
};

const int dc_examples_count = (int)(sizeof dc_examples / sizeof *dc_examples);

const dc_size_example dc_size_examples[] = {
    {"PAGE2D",
     "lucid 2.2.2, nn.ConvTranspose2d, first example",
     "ci3_co2_i16x16_k3_s2_p1_op1_b1",
     {32, 32},
     {32, 32}},
    {"PAGE2D_DOUBLE16",
     "lucid 2.2.2, nn.ConvTranspose2d, decoder",
     "ci16_co8_i16x16_k4_s2_p1_b1",
     {32, 32},
     {32, 32}},
    {"PAGE2D_DOUBLE4",
     "lucid 2.2.2, nn.ConvTranspose2d, decoder",
     "ci16_co8_i4x4_k4_s2_p1_b1",
     {8, 8},
     {8, 8}},
    {"PAGE3D",
     "lucid 2.2.2, nn.ConvTranspose3d, first example",
     "ci4_co2_i8x8x8_k3_s2_p1_op1_b1",
     {16, 16, 16},
     {16, 16, 16}},
    {"PAGE3D_DECODER",
     "lucid 2.2.2, nn.ConvTranspose3d, decoder",
     "n2_ci8_co4_i4x4x4_k4_s2_p1_b1",
     {8, 8, 8},
     {8, 8, 8}},
    {"PAGE1D_DECODER",
     "lucid 2.2.2, nn.ConvTranspose1d, decoder",
     "ci4_co2_i5_k3_s2_p1_op1_b1",
     {10},
     {10}},
    {"FUNCTION2D_G2",
     "lucid 2.2.2, nn.functional.conv_transpose2d, groups 2",
     "ci2_co2_g2_i2x2_k2_b1",
     {3, 3},
     {3, 3}},
    {"FUNCTION3D",
     "lucid 2.2.2, nn.functional.conv_transpose3d, first",
     "i1x1x1_k2_b1",
     {2, 2, 2},
     {2, 2, 2}},
    {"FUNCTION3D_S2",
     "lucid 2.2.2, nn.functional.conv_transpose3d, stride 2",
     "i1x1x1_k2_s2_b1",
     {2, 2, 2},
     {3, 3, 3}},
    {"FUNCTION3D_G2",
     "lucid 2.2.2, nn.functional.conv_transpose3d, groups 2",
     "ci2_co2_g2_i1x1x1_k1_b1",
     {1, 1, 1},
     {1, 1, 1}},
};

const int dc_size_examples_count =
    (int)(sizeof dc_size_examples / sizeof *dc_size_examples);

/* The configurations of the pages; `published` is by the formula of complexity
 * page 004, which multiplies on the output grid, where most taps meet an
 * inserted zero. */
const dc_count_example dc_count_examples[] = {
    {"PAGE2D", "ci3_co2_i16x16_k3_s2_p1_op1_b1", 2209, 1024, 13254, 13824,
     55296, 26508, 68370},
    {"PAGE2D_NOBIAS", "ci3_co2_i16x16_k3_s2_p1_op1", 2209, 1024, 13254, 13824,
     55296, 24460, 66322},
    {"PAGE2D_DOUBLE4", "ci16_co8_i4x4_k4_s2_p1_b1", 196, 64, 25088, 32768,
     131072, 50176, 156160},
    {"PAGE3D", "ci4_co2_i8x8x8_k3_s2_p1_op1_b1", 12167, 4096, 97336, 110592,
     884736, 194672, 975688},
    {"PAGE1D_DECODER", "ci4_co2_i5_k3_s2_p1_op1_b1", 14, 10, 112, 120, 240, 224,
     352},
};

const int dc_count_examples_count =
    (int)(sizeof dc_count_examples / sizeof *dc_count_examples);

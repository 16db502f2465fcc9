/* SPDX-License-Identifier: MIT
 *
 * The conditions of limit.def.  They hold for illegal problems, too, therefore
 * nothing here may overflow.
 */
#include "cases/profile/limit.h"

#include <stdio.h>
#include <string.h>

#include "ref/format.h"

typedef __int128 wide;

const char *const dc_limit_names[DC_LIMIT_RULES] = {
    [DC_LIMIT_NONE] = "none",
    [DC_LIMIT_RANK] = "this rank",
    [DC_LIMIT_TYPE] = "this storage type",
    [DC_LIMIT_UNBATCHED] = "no batch axis",
    [DC_LIMIT_BIAS] = "a bias",
    [DC_LIMIT_GROUPS] = "g > 1",
    [DC_LIMIT_DILATED] = "d > 1",
    [DC_LIMIT_LOPSIDED] = "pb != pe",
    [DC_LIMIT_WORDS] = "pads that are neither SAME nor VALID",
    [DC_LIMIT_NO_OP] = "op outside 0..max(s,d)-1",
    [DC_LIMIT_EMPTY] = "an extent of 0",
    [DC_LIMIT_NEGATIVE] = "a negative pad",
    [DC_LIMIT_OP] = "op >= s",
    [DC_LIMIT_PADS] = "pads > d*(k-1)",
    [DC_LIMIT_STRIDED] = "s > 1 with d > 1",
};

/* ==== Axes ============================================================== */

typedef bool axis_condition(const dc_problem *p, int a);

/* Ranks of illegal problems may be anything. */
static bool some_axis(const dc_problem *p, axis_condition *holds)
{
    for (int a = 0; a < p->rank && a < 3; a++)
        if (holds(p, a))
            return true;
    return false;
}

static wide reach(const dc_problem *p, int a)
{
    return (wide)p->d[a] * ((wide)p->k[a] - 1);
}

/* What is cropped at the end if there were no op: op - pe grows the output. */
static wide end_crop(const dc_problem *p, int a)
{
    return (wide)p->pe[a] - p->op[a];
}

static bool axis_lopsided(const dc_problem *p, int a)
{
    return p->pb[a] != p->pe[a];
}

static bool axis_dilated(const dc_problem *p, int a)
{
    return p->d[a] > 1;
}

static bool axis_strided(const dc_problem *p, int a)
{
    return p->s[a] > 1;
}

static bool axis_illegal_op(const dc_problem *p, int a)
{
    return p->op[a] < 0 || (p->op[a] >= p->s[a] && p->op[a] >= p->d[a]);
}

static bool axis_no_input(const dc_problem *p, int a)
{
    return p->i[a] == 0;
}

static bool axis_no_output(const dc_problem *p, int a)
{
    return p->o[a] == 0;
}

static bool axis_negative(const dc_problem *p, int a)
{
    return p->pb[a] < 0 || p->pe[a] < 0;
}

/* A negative pad at the end is a larger output_shape, up to a stride. */
static bool axis_negative_explicit(const dc_problem *p, int a)
{
    return p->pb[a] < 0 || (p->pe[a] < 0 && -end_crop(p, a) >= p->s[a]);
}

static bool axis_op_at_stride(const dc_problem *p, int a)
{
    return p->op[a] >= p->s[a];
}

/* An op that a pad at the end takes back is another output_shape. */
static bool axis_op_past_stride(const dc_problem *p, int a)
{
    return axis_op_at_stride(p, a) && -end_crop(p, a) >= p->s[a];
}

static bool axis_pads_beyond(const dc_problem *p, int a)
{
    return p->pb[a] > reach(p, a) || p->pe[a] > reach(p, a);
}

static bool axis_crops_kernel(const dc_problem *p, int a)
{
    return p->pb[a] > reach(p, a) || end_crop(p, a) > reach(p, a);
}

/* ==== SAME and VALID ==================================================== */

/* Can a word mean what axis a says? */
typedef axis_condition word;

/* The whole output, and up to s - 1 positions more. */
static bool is_valid(const dc_problem *p, int a)
{
    const wide more = -end_crop(p, a);

    return p->pb[a] == 0 && more >= 0 && more < p->s[a];
}

/* The same, or an op that is refused afterwards. */
static bool is_valid_or_op(const dc_problem *p, int a)
{
    return is_valid(p, a) || (p->pb[a] == 0 && axis_op_past_stride(p, a));
}

/* Is the smaller half of all that is cropped at the begin, as SAME does it?  */
static bool is_halved(const dc_problem *p, int a)
{
    const wide rest = end_crop(p, a) - p->pb[a];

    return p->pb[a] >= 0 && (rest == 0 || rest == 1);
}

/* What the last position of the input reaches of the output: o - (i-1)*s. */
static wide last(const dc_problem *p, int a)
{
    return reach(p, a) + 1 - p->pb[a] - end_crop(p, a);
}

/* Any o with ceil(o / s) = i. */
static bool is_same(const dc_problem *p, int a)
{
    return is_halved(p, a) && last(p, a) >= 1 && last(p, a) <= p->s[a];
}

/* o = i*s */
static bool is_same_plain(const dc_problem *p, int a)
{
    return is_halved(p, a) && last(p, a) == p->s[a];
}

/* o = (i-1)*s + (d*(k-1)+1) mod 2 + output_padding, which is below s. */
static bool is_same_padded(const dc_problem *p, int a)
{
    const wide op = last(p, a) - (reach(p, a) + 1) % 2;

    return is_halved(p, a) && op >= 0 && op < p->s[a];
}

/* Is there one word for all axes? */
static bool has_word(const dc_problem *p, word *const *words, int count)
{
    for (int w = 0; w < count; w++) {
        bool all = true;

        for (int a = 0; a < p->rank && a < 3; a++)
            all &= words[w](p, a);
        if (all)
            return true;
    }
    return false;
}

/* ==== Problems ========================================================== */

static bool not_rank_two(const dc_problem *p)
{
    return p->rank != 2;
}

static bool is_f64(const dc_problem *p)
{
    return p->dtype == DC_F64;
}

static bool not_f32(const dc_problem *p)
{
    return p->dtype >= 0 && p->dtype < DC_FORMATS && p->dtype != DC_F32;
}

static bool not_f32_f16(const dc_problem *p)
{
    return not_f32(p) && p->dtype != DC_F16;
}

static bool no_batch(const dc_problem *p)
{
    return p->unbatched == 1;
}

static bool has_bias(const dc_problem *p)
{
    return p->has_bias == 1;
}

static bool grouped(const dc_problem *p)
{
    return p->g > 1;
}

static bool dilated(const dc_problem *p)
{
    return some_axis(p, axis_dilated);
}

static bool strided_dilated(const dc_problem *p)
{
    return some_axis(p, axis_strided) && some_axis(p, axis_dilated);
}

static bool lopsided(const dc_problem *p)
{
    return some_axis(p, axis_lopsided);
}

static bool illegal_op(const dc_problem *p)
{
    return some_axis(p, axis_illegal_op);
}

static bool no_output(const dc_problem *p)
{
    return some_axis(p, axis_no_output);
}

static bool no_positions(const dc_problem *p)
{
    return some_axis(p, axis_no_input) || no_output(p);
}

/* An empty batch makes every other extent uninteresting. */
static bool empty_but_batch(const dc_problem *p)
{
    return p->ci == 0 || p->co == 0 || (p->n > 0 && no_positions(p));
}

static bool any_empty(const dc_problem *p)
{
    return p->n == 0 || p->ci == 0 || p->co == 0 || no_positions(p);
}

static bool negative_pads(const dc_problem *p)
{
    return some_axis(p, axis_negative);
}

static bool negative_explicit(const dc_problem *p)
{
    return some_axis(p, axis_negative_explicit);
}

static bool op_at_stride(const dc_problem *p)
{
    return some_axis(p, axis_op_at_stride);
}

static bool op_past_stride(const dc_problem *p)
{
    return some_axis(p, axis_op_past_stride);
}

static bool pads_beyond(const dc_problem *p)
{
    return some_axis(p, axis_pads_beyond);
}

static bool crops_kernel(const dc_problem *p)
{
    return some_axis(p, axis_crops_kernel);
}

static bool no_keras_word(const dc_problem *p)
{
    static word *const words[] = {is_valid_or_op, is_same_plain,
                                  is_same_padded};

    return !has_word(p, words, 3);
}

/* Rank 2 takes numbers, too. */
static bool no_tensorflow_word(const dc_problem *p)
{
    static word *const words[] = {is_valid_or_op, is_same};

    return p->rank != 2 && !has_word(p, words, 2);
}

static bool no_tflite_word(const dc_problem *p)
{
    static word *const words[] = {is_valid, is_same};

    return !has_word(p, words, 2);
}

/* ==== The table ========================================================= */

const dc_limit dc_limits[] = {
#define LIMIT(profile, kind, rule, condition, source)                          \
    {profile, DC_##kind, DC_LIMIT_##rule, condition, source},
#include "cases/profile/limit.def"
#undef LIMIT
};

const int dc_limits_count = (int)(sizeof dc_limits / sizeof *dc_limits);

const char *const dc_limit_profiles[] = {
    "keras",      "lucid",  "onnx", "pytorch",
    "tensorflow", "tflite", "tosa", "webnn",
};

const int dc_limit_profiles_count =
    (int)(sizeof dc_limit_profiles / sizeof *dc_limit_profiles);

bool dc_limit_known(const char *profile)
{
    for (int k = 0; k < dc_limit_profiles_count; k++)
        if (strcmp(dc_limit_profiles[k], profile) == 0)
            return true;
    return false;
}

/* The least rule of this kind that holds for p, whatever the order of rows. */
static dc_limit_rule find(const char *profile, dc_limit_kind kind,
                          const dc_problem *p)
{
    dc_limit_rule least = DC_LIMIT_RULES;

    for (int k = 0; k < dc_limits_count; k++) {
        const dc_limit *const row = &dc_limits[k];

        if (row->kind == kind && row->rule < least &&
            (!profile || strcmp(row->profile, profile) == 0) && row->holds(p))
            least = row->rule;
    }
    return least == DC_LIMIT_RULES ? DC_LIMIT_NONE : least;
}

dc_limit_rule dc_limit_cannot(const char *profile, const dc_problem *p)
{
    return find(profile, DC_CANNOT, p);
}

dc_limit_rule dc_limit_refuses(const char *profile, const dc_problem *p)
{
    return find(profile, DC_REFUSED, p);
}

bool dc_limit_is_free(dc_limit_rule rule)
{
    return rule == DC_LIMIT_EMPTY || rule == DC_LIMIT_NEGATIVE;
}

void dc_limit_who(dc_limit_rule rule, char text[DC_LIMIT_WHO])
{
    size_t at = 0;

    text[0] = 0;
    for (int k = 0; k < dc_limits_count; k++)
        if (dc_limits[k].kind == DC_REFUSED && dc_limits[k].rule == rule)
            at += (size_t)snprintf(text + at, DC_LIMIT_WHO - at, "%s%s",
                                   at ? ", " : "", dc_limits[k].profile);
}

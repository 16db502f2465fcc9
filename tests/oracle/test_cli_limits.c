/* SPDX-License-Identifier: MIT
 *
 * Are legal problems that a framework documents as refused counted and named,
 * and is any other INVALID a failure?
 */
#include "cases/profile/limit.h"
#include "tests/support/cli.h"

#define LIMITS "verify --impl \"$P/limits.so\" --no-shrink "

/* What a kernel answers to one case, and what the run says of it. */
static void limits_are_named_and_no_failure(void **state)
{
    static const struct {
        const char *mode;
        const char *words;
        int code;
        const char *says; /* NULL: nothing is refused */
    } rows[] = {
        {"webnn", "--case i3_k2_d2_op1 --case i3_k2", 0,
         "refused: op >= s, as keras, lucid, onnx, tensorflow, webnn: 1 "
         "case\n"},
        {"webnn", "--case i3_k2_pe-1 --case n0_i3_k2 --case i3_k2", 0,
         "refused: an extent of 0, as keras, lucid, onnx, pytorch, "},
        {"keras", "--case i3_k2_s2_d2 --case i3_k2", 0,
         "refused: s > 1 with d > 1, as keras: 1 case\n"},
        {"tosa", "--case i9_k3_p3 --case i9_k3_d2_pb5 --case i3_k2", 0,
         "refused: pads > d*(k-1), as lucid, tosa: 2 cases\n"},
        {"some", "--case i4_k2_d2_op1 --case i3_k2_d2_op1", 0,
         "refused: op >= s, as keras, lucid, onnx, tensorflow, webnn: 1 "
         "case\n"},
        {"free-alone", "--case i3_k2_pe-1", 0,
         "refused: a negative pad, as onnx, pytorch, tensorflow, webnn: 1 "},
        /* nothing was computed */
        {"webnn", "--case i3_k2_d2_op1", 77, ", 0 pass, 0 fail, 1 unsupported"},
        /* no framework refuses these */
        {"op", "--case i3_k2_s2_op1", 1, "legal problem was answered INVALID"},
        {"strided", "--case i3_k2_s2", 1, "legal problem was answered INVALID"},
        {"reach", "--case i3_k2_p1", 1, "legal problem was answered INVALID"},
        {"webnn", "--case i3_k2_s2_op1 --case i9_k2_p3", 0, NULL},
        /* a problem is legal or not, whatever is computed of it */
        {"forward-alone", "--case i3_k2_d2_op1", 1,
         "forward: limit: a legal problem was answered INVALID (op >= s), and "
         "grad_input computes it: "},
        {"forward-alone", "--case i3_k2_d2_op1 --op forward", 77,
         "refused: op >= s"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        char words[256];
        outcome o;

        mode(rows[k].mode);
        snprintf(words, sizeof words, LIMITS "%s", rows[k].words);
        o = run(words);
        if (o.code != rows[k].code ||
            (rows[k].says ? !strstr(o.out, rows[k].says)
                          : strstr(o.out, "refused: ") != NULL))
            fail_msg("%s: %s: exit %d, no \"%s\"\n%s\n%s", rows[k].mode,
                     rows[k].words, o.code, rows[k].says, o.out, o.err);
        drop_outcome(&o);
    }
    mode("");
}

/* The command reproduces what only the comparison of operations shows. */
static void a_refusal_of_one_operation_is_reproduced(void **state)
{
    outcome o;

    (void)state;
    mode("forward-alone");
    o = run("verify --impl \"$P/limits.so\" --case i3_k2_d2_op1");
    if (o.code != 1 || strstr(o.out, " --op ") ||
        !strstr(o.out, "looks like: op >= s answered as illegal (M320, "))
        fail_msg("exit %d\n%s\n%s", o.code, o.out, o.err);
    drop_outcome(&o);
    mode("");
}

/* JSON names the rule for each operation, and counts. */
static void json_names_the_rule(void **state)
{
    outcome o;
    char *json;

    (void)state;
    mode("webnn");
    o = run(LIMITS "--case i3_k2_d2_op1 --json \"$T/limits.json\"");
    json = slurp("limits.json");
    if (o.code != 77 ||
        !strstr(json, "\"refused\":{\"forward\":\"op >= s\",") ||
        !strstr(json, "\"refused\":[{\"rule\":\"op >= s\",\"as\":\"keras, "
                      "lucid, onnx, tensorflow, webnn\",\"cases\":1}]"))
        fail_msg("exit %d\n%s\n%s", o.code, json, o.err);
    free(json);
    drop_outcome(&o);
    mode("");
}

/* With a profile, only what it can write is asked, and its limits alone may be
 * refused. */
static void a_profile_has_its_own_limits(void **state)
{
    static const struct {
        const char *mode, *words;
        int code;
        const char *says;
    } rows[] = {
        {"webnn", LIMITS "--tier smoke --profile webnn", 0,
         "refused: op >= s, as webnn: "},
        {"webnn", LIMITS "--case i3x3_k2_d2_op1_f32 --profile lucid", 77,
         "refused: op >= s, as lucid: "},
        {"webnn", LIMITS "--case i3x3_k2_d2_op1_f32 --profile pytorch", 1,
         "a legal problem was answered INVALID"},
        {"keras", LIMITS "--case i3x3_k2_s2_d2_f32 --profile webnn", 1,
         "a legal problem was answered INVALID"},
        {"refuses",
         "verify --impl \"$P/offers.so\" --tier smoke --profile webnn", 77,
         "asked in f32; not offered: f32 f16, profile webnn\n"},
        {"", LIMITS "--case i3x3_k2_d2 --profile tosa", 2,
         "--case i3x3_k2_d2 cannot be written in tosa: d > 1"},
        {"", LIMITS "--case threads:2 --profile tosa", 2, "tosa"},
        {"", LIMITS "--profile nobody", 2,
         "keras, lucid, onnx, pytorch, tensorflow, tflite, tosa or webnn"},
        {"", LIMITS "--profile tflite --dtype f64", 2, "the scope is empty"},
        {"", LIMITS "--profile keras --scope g=2", 2, "the scope is empty"},
        {"", "cases --profile tflite --certificate", 2, "--profile"},
        {"", "cases --tier smoke --profile tflite --scope s=2", 0, "_s2x2_"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        outcome o;

        mode(rows[k].mode);
        o = run(rows[k].words);
        if (o.code != rows[k].code ||
            !strstr(o.code == 2 ? o.err : o.out, rows[k].says))
            fail_msg("%s: %s: exit %d, no \"%s\"\n%.2000s\n%s", rows[k].mode,
                     rows[k].words, o.code, rows[k].says, o.out, o.err);
        drop_outcome(&o);
    }
    mode("");
}

/* A profile that is added is named wherever all of them are. */
static void every_profile_is_offered(void **state)
{
    static const char *const commands[] = {"help verify", "help cases",
                                           "verify --profile nobody"};

    (void)state;
    for (size_t c = 0; c < sizeof commands / sizeof *commands; c++) {
        outcome o = run(commands[c]);

        for (int k = 0; k < dc_limit_profiles_count; k++)
            if (!strstr(o.code ? o.err : o.out, dc_limit_profiles[k]))
                fail_msg("%s: no %s\n%s%s", commands[c], dc_limit_profiles[k],
                         o.out, o.err);
        drop_outcome(&o);
    }
}

static void each_profile_can_be_judged(void **state)
{
    (void)state;
    for (int k = 0; k < dc_limit_profiles_count; k++) {
        char words[128];
        char says[64];
        outcome o;

        snprintf(words, sizeof words, "verify --tier smoke --profile %s",
                 dc_limit_profiles[k]);
        snprintf(says, sizeof says, ", profile %s", dc_limit_profiles[k]);
        o = run(words);
        if (o.code != 0 || !strstr(o.out, says) ||
            !strstr(o.out, " 0 unsupported"))
            fail_msg("%s: exit %d\n%.2000s", words, o.code, o.out);
        drop_outcome(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_named_and_no_failure),
        cmocka_unit_test(a_refusal_of_one_operation_is_reproduced),
        cmocka_unit_test(json_names_the_rule),
        cmocka_unit_test(a_profile_has_its_own_limits),
        cmocka_unit_test(every_profile_is_offered),
        cmocka_unit_test(each_profile_can_be_judged),
    };

    reap_orphans();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

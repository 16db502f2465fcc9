/* SPDX-License-Identifier: MIT
 *
 * Are answers that ran elsewhere judged as strictly as calls, and is whatever
 * is odd about them said in a sentence that names the file?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/shell.h"

static shell sh;

/* Two cases: $A with a bias, $B without; fresh answers in $H/a. */
static const char fresh[] =
    "rm -rf $H/a; cp -r $H/json/tensors $H/a; "
    "A=$(ls $H/a | head -1); B=$(ls $H/a | tail -1); J=$H/json; ";

static void expect(int status, const char *says, const char *command)
{
    char whole[3072];

    snprintf(whole, sizeof whole, "%s%s", fresh, command);
    const int got = shell_run(&sh, whole);

    if (got != status || (says && !strstr(sh.said, says)))
        fail_msg("%s: exit %d: %s", command, got, sh.said);
}

static void right_answers_pass(void **state)
{
    static const char *const formats[] = {"npz", "safetensors", "json", "onnx"};
    char command[512];

    (void)state;
    for (size_t k = 0; k < sizeof formats / sizeof *formats; k++) {
        snprintf(command, sizeof command,
                 "$BIN vectors $H/f --format %s --tier smoke --match "
                 "'*i[1-4]_k*' >/dev/null && $BIN judge $H/f --answers "
                 "$H/f/tensors; S=$?; rm -r $H/f; exit $S",
                 formats[k]);
        expect(0, " 0 fail, 0 unsupported", command);
    }
}

/* Commands: what is in the pack $P has its checksums again ($SUM: but for the
 * tensors). */
static const char sums[] =
    "ALL='for f in $(cd $P && ls tensors); do s=$(sha256sum < "
    "$P/tensors/$f | cut -c1-64); o=$(sed -n \"s/^\\\\(.*\\\\)  "
    "tensors.$f/\\\\1/p\" $P/SHA256SUMS); sed -i s/$o/$s/ "
    "$P/cases.jsonl; done; eval \"$SUM\"'; "
    "SUM='(cd $P && sha256sum pack.json cases.jsonl tensors/* > SHA256SUMS)'; ";

/* What is not finite is compared as such, in every type that can hold it. */
static void answers_that_are_not_finite(void **state)
{
    static const char make[] =
        "S=n2_ci2_co2_i3x2_k2_s2_d2_p1_op1_b1; %s$BIN vectors $H/s --format %s "
        "$(for d in f64 f32 f16 bf16; do for r in 0 1 2 3 4 5 6 7 12; do "
        "echo --case ${S}_${d}_special_r$r; done; done) && %s; S=$?; "
        "rm -r $H/s; exit $S";
    static const struct {
        int status;
        const char *says, *format, *then;
    } rows[] = {
        {0, "36 pass", "npz", "$BIN judge $H/s --answers $H/s/tensors"},
        {0, "36 pass", "safetensors", "$BIN judge $H/s --answers $H/s/tensors"},
        {0, "36 pass", "json", "$BIN judge $H/s --answers $H/s/tensors"},
        /* what is declared says nothing against the pack */
        {0, "deconform: 36 cases", "npz",
         "{ $BIN judge $H/s --answers $H/s/tensors --declare flush; "
         "[ $? != 2 ]; }"},
        /* ... and hides nothing that is wrong with it */
        {2, "is not the reference's", "json",
         "P=$H/s && cp -r $P/tensors $P/b && sed -i '/\"y\":/,/hex/"
         "s/\"7fc00000\"/\"3f800000\"/g' $P/tensors/* && "
         "eval \"$ALL\" && $BIN judge $P --answers $P/b --declare flush"},
        /* a number where NaN alone is right, and NaN where a number is */
        {1, " fail, ", "json",
         "cp -r $H/s/tensors $H/s/b && sed -i 's/\"7fc00000\"/\"3f800000\"/g' "
         "$H/s/b/* && $BIN judge $H/s --answers $H/s/b --match '*f32*_r0'"},
        {1, " fail, ", "json",
         "cp -r $H/s/tensors $H/s/b && sed -i "
         "'s/\"3f[0-9a-f]*\"/\"7fc00000\"/g' "
         "$H/s/b/* && $BIN judge $H/s --answers $H/s/b --match '*f32*_r0'"},
    };
    char command[2048];

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        snprintf(command, sizeof command, make, sums, rows[k].format,
                 rows[k].then);
        expect(rows[k].status, rows[k].says, command);
    }
}

static void odd_answers_are_named(void **state)
{
    static const struct {
        int status;
        const char *says;
        const char *command; /* $A and $B are file names in $H/a */
    } rows[] = {
        {0, "2 pass", "$BIN judge $J --answers $H/a"},
        {1, "No such file", "rm $H/a/$A; $BIN judge $J --answers $H/a"},
        {1, "is no JSON",
         "truncate -s 300 $H/a/$A; $BIN judge $J --answers $H/a"},
        {1, "is no JSON", ": > $H/a/$A; $BIN judge $J --answers $H/a"},
        {1, "larger than",
         "head -c 3000000 /dev/zero > $H/a/$A; $BIN judge $J "
         "--answers $H/a"},
        {1, "has the type f32 instead of f64",
         "sed -i 's/\"dtype\":\"f64\"/\"dtype\":\"f32\"/' $H/a/*; $BIN judge "
         "$J --answers $H/a"},
        {1, "has the shape [1,2,1] instead of [1,1,2]",
         "sed -i 's/\"gx\":{\"shape\":\\[1,1,2\\]/\"gx\":{\"shape\":[1,2,1]/' "
         "$H/a/*; $BIN judge $J --answers $H/a"},
        {1, "has no tensor gx",
         "sed -i 's/\"gx\":/\"b\":/' $H/a/$A; "
         "$BIN judge $J --answers $H/a"},
        {1, "zz, which is no tensor of a case",
         "sed -i 's/\"w\"/\"zz\"/' $H/a/$A; $BIN judge $J --answers $H/a"},
        /* a blank at the end is seen, and a tab is no blank */
        {1, " holds y , which is no tensor of a case",
         "sed -i 's/\"w\"/\"y \"/' $H/a/$A; $BIN judge $J --answers $H/a"},
        {1, " holds y?, which is no tensor of a case",
         "sed -i 's/\"w\"/\"y\\\\t\"/' $H/a/$A; $BIN judge $J --answers $H/a"},
        {1, "has the type f64  instead of f64",
         "sed -i 's/\"dtype\":\"f64\"/\"dtype\":\"f64 \"/' $H/a/*; $BIN judge "
         "$J --answers $H/a"},
        {1, "every element of y is NaN",
         "sed -i '/\"y\":/,/hex/s/\"[0-9a-f]\\{16\\}\"/\"7ff8000000000000\"/g' "
         "$H/a/$A; $BIN judge $J --answers $H/a"},
        {1, "elements of gb are wrong",
         "sed -i "
         "'/\"gb\":/,/hex/s/\"[0-9a-f]\\{16\\}\"/\"4340000000000001\"/g' "
         "$H/a/$A; $BIN judge $J --answers $H/a"},
        {0, "2 pass",
         "sed -i '/\"gb\":/,/hex/s/\"[0-9a-f]\\{16\\}\"/\"43\"/g' "
         "$H/a/$A; $BIN judge $J --answers $H/a --op "
         "forward,grad_weight,grad_input"},
        {2, "answers no case of this pack (2 such names)",
         "touch $H/a/z.json $H/a/c0.json; $BIN judge $J --answers $H/a"},
        {2, "c0?.json",
         "touch \"$H/a/c0$(printf '\\033').json\"; "
         "$BIN judge $J --answers $H/a"},
        {0, "2 pass",
         "touch $H/a/README $H/a/.b; $BIN judge $J --answers $H/a"},
        {0, "1 unsupported",
         "rm $H/a/$A; echo \"${A%.json} no such kernel\" > "
         "$H/a/unsupported; $BIN judge $J --answers $H/a"},
        {0, "2 pass",
         "echo \"${A%.json} grad_bias  none\" > $H/a/unsupported; sed -i "
         "'s/\"gb\":/\"b\":/' $H/a/$A; $BIN judge $J --answers $H/a"},
        {77, "2 unsupported",
         "rm $H/a/*; (echo ${A%.json}; echo ${B%.json}) > "
         "$H/a/unsupported; $BIN judge $J --answers $H/a"},
        {2, "a answers no case of this pack: the answer to ",
         "rm $H/a/*; ! $BIN judge $J --answers $H/a && touch $H/a/y1.json "
         "$H/a/README && $BIN judge $J --answers $H/a"},
        {1, "judge ",
         "rm $H/a/$A; ! $BIN judge $J --answers $H/a | grep "
         "reproduce"},
        {1, "1 fail",
         "rm $H/a/*; mkfifo $H/a/$A; $BIN judge $J --answers $H/a "
         "--max-failures 1 --jobs 1"},
        {1, "Is a directory",
         "rm $H/a/$A; mkdir $H/a/$A; $BIN judge $J "
         "--answers $H/a"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        expect(rows[k].status, rows[k].says, rows[k].command);
}

/* What is wrong with the pack is a fault, and nothing is judged by it. */
static void odd_packs_are_refused(void **state)
{
    static const struct {
        const char *says;
        const char *change; /* in $P, a copy of the pack */
    } rows[] = {
        {"does not match its checksum", "echo >> $P/tensors/$A"},
        {"No such file", "rm $P/tensors/$A"},
        {"does not match its line in SHA256SUMS", "echo >> $P/pack.json"},
        {"does not match its line in SHA256SUMS", "echo >> $P/cases.jsonl"},
        {"No such file", "rm $P/SHA256SUMS"},
        {"No such file", "rm $P/pack.json"},
        {"layout 2 is not known",
         "sed -i 's/\\(_pack\": \\)1/\\12/' $P/pack.json; $SUM"},
        {"does not describe a pack", "echo '[]' > $P/pack.json; $SUM"},
        {"does not describe a pack", "echo '{' > $P/pack.json; $SUM"},
        {"format hdf5 is not known",
         "sed -i 's/\"json\"/\"hdf5\"/' $P/pack.json; $SUM"},
        {"line 1 is cut off or no JSON", "echo '{' > $P/cases.jsonl; $SUM"},
        {"holds no case", ": > $P/cases.jsonl; $SUM"},
        {"line 1: id, case and files are required",
         "echo '{}' > $P/cases.jsonl; $SUM"},
        {"line 1: id, case and files are required",
         "sed -i 's/\"id\":\"c/\"id\":\"..\\/c/' $P/cases.jsonl; $SUM"},
        {"line 1: a path does not stay below tensors/",
         "sed -i 's/tensors\\//tensors\\/..\\/..\\//g' $P/cases.jsonl; $SUM"},
        {"line 1: a path does not stay below tensors/",
         "sed -i 's/\"tensors\\//\"\\/etc\\//g' $P/cases.jsonl; $SUM"},
        {"line 1:", "sed -i 's/_k[0-9]*_/_k0_/' $P/cases.jsonl; $SUM"},
        {"is not the reference's",
         "sed -i "
         "'/\"gb\":/,/hex/s/\"[0-9a-f]\\{16\\}\"/\"4340000000000001\"/g' "
         "$P/tensors/*; $ALL"},
        {"has more than 1048576 lines",
         "yes '' | head -n 1048577 > $P/cases.jsonl; $SUM"},
        {"w has the shape [1,1,2] instead of [1,1,1]",
         "sed -i 's/\"w\":{\"shape\":\\[1,1,1\\]/\"w\":{\"shape\":[1,1,2]/' "
         "$P/tensors/$A; $ALL"},
        {"cases.jsonl, line 1: id, case and files",
         "sed -i 's/\"files\":\\[[^]]*\\]/\"files\":0/' $P/cases.jsonl; $SUM"},
        {" has no files",
         "sed -i 's/\"files\":\\[[^]]*\\]/\"files\":[]/' $P/cases.jsonl; $SUM"},
        {" is not the id of its case, c",
         "sed -i 's/\"id\":\"c/\"id\":\"cc/' $P/cases.jsonl; $SUM"},
        {" is there twice", "sed -i p $P/cases.jsonl; $SUM"},
        {" has a file that is not tensors/c",
         "sed -i \"s/tensors.$A/tensors\\/$B/\" $P/cases.jsonl; $SUM"},
        {"SHA256SUMS names a file that no case has: tensors/",
         "touch $P/tensors/a; $SUM"},
        {"SHA256SUMS names a file that no case has: tensors/a?",
         "printf '%064d  tensors/a\\t\\n' 0 >> $P/SHA256SUMS"},
        {"SHA256SUMS and cases.jsonl do not agree on tensors/",
         "sed -i 's/^[0-9a-f]\\{8\\}\\(.*json\\)$/01234567\\1/' "
         "$P/SHA256SUMS; (cd $P; sed -i '/pack.json/d; "
         "/cases.jsonl/d' SHA256SUMS; sha256sum pack.json cases.jsonl >> "
         "SHA256SUMS)"},
        {"SHA256SUMS and cases.jsonl do not agree on tensors/",
         "sed -i '/tensors/d' $P/SHA256SUMS"},
        {"SHA256SUMS names twice tensors/",
         "sed -i '/tensors/p' $P/SHA256SUMS"},
        {"is no checksum with a path", "echo odd >> $P/SHA256SUMS"},
        {"is no checksum with a path", "echo >> $P/SHA256SUMS"},
        {"is no checksum with a path",
         "printf '%064d  cut off' 0 >> $P/SHA256SUMS"},
        {"has no tensor w", "sed -i 's/\"w\":{/\"b\":{/' $P/tensors/$A; $ALL"},
    };
    char command[2048];

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        snprintf(command, sizeof command, "P=$H/p; rm -rf $P; cp -r $J $P; %s",
                 sums);
        /* the change is text: $SUM and $ALL are commands in it */
        char change[1024];
        const char *tail = strstr(rows[k].change, "$SUM");

        if (!tail)
            tail = strstr(rows[k].change, "$ALL");
        snprintf(change, sizeof change, "%.*s",
                 tail ? (int)(tail - rows[k].change)
                      : (int)strlen(rows[k].change),
                 rows[k].change);
        snprintf(command + strlen(command), sizeof command - strlen(command),
                 "%s%s $BIN judge $P --answers $H/a", change,
                 !tail            ? ";"
                 : tail[1] == 'S' ? " eval \"$SUM\";"
                                  : " eval \"$ALL\";");
        expect(2, rows[k].says, command);
    }
}

/* A device may say of its arithmetic what an implementation may; and what is
 * less precise than usual is a warning, or a failure if --strict is given. */
static void devices_declare(void **state)
{
    static const char flush[] =
        "$BIN vectors $H/d --format json --case i8_k2_f32_wide_r1 >/dev/null "
        "&& cp -r $H/d/tensors $H/d/a && sed -i "
        "'s/\"\\([08]\\)0[0-7][0-9a-f]\\{5\\}\"/\"\\10000000\"/g' $H/d/a/* && ";
    static const char rough[] =
        "$BIN vectors $H/d --format json --case ci128_i64_k1_f32_real_r1 "
        ">/dev/null && cp -r $H/d/tensors $H/d/a && sed -i '/\"y\":/,/hex/"
        "s/\\(\"[0-9a-f]\\{6\\}\\)[0-9a-f][0-9a-f]\"/\\100\"/g' $H/d/a/* && ";
    static const struct {
        int status;
        const char *says, *device, *options;
    } rows[] = {
        {1, "elements of y are wrong", flush, ""},
        {0, "1 pass", flush, "--declare flush"},
        {0, "1 pass", flush, "--declare truncating,flush"},
        {0, "1 pass", flush, "--declare truncating --declare flush"},
        {1, "1 fail", flush, "--declare truncating"},
        {1, "--declare truncating --op forward", flush, "--declare truncating"},
        {0, "1 warnings: less precise than usual", rough, ""},
        {1, "forward: grade: less precise than usual", rough, "--strict"},
        {1, " --accumulate f32 --strict --op", rough,
         "--accumulate f32 --strict"},
        {0, "1 pass", rough, "--accumulate f64 --op grad_input --strict"},
    };
    char command[1024];

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        snprintf(command, sizeof command,
                 "%s $BIN judge $H/d --answers $H/d/a %s; S=$?; rm -r $H/d; "
                 "exit $S",
                 rows[k].device, rows[k].options);
        expect(rows[k].status, rows[k].says, command);
    }
}

/* Inputs come from the pack, not from this version's generator. */
static void inputs_are_the_packs(void **state)
{
    (void)state;
    expect(0, "2 pass",
           "$BIN judge $J --answers $H/a --json $H/r.json --junit $H/r.xml && "
           "[ $(grep -c '\"verdict\"' $H/r.json) = 2 ] && grep -c testcase "
           "$H/r.xml && cat $H/r.json && $BIN judge $J --answers $H/a");
}

static void options_are_checked(void **state)
{
    static const struct {
        const char *command;
        const char *says;
    } rows[] = {
        {"$BIN judge", "DIR and --answers DIR2 are required"},
        {"$BIN judge $J", "DIR and --answers DIR2 are required"},
        {"$BIN judge --answers $H/a", "DIR and --answers DIR2 are required"},
        {"$BIN judge $J --answers $H/none", "none"},
        {"$BIN judge $H --answers $H/a", "SHA256SUMS"},
        {"$BIN judge $J $J --answers $H/a", "unexpected argument"},
        {"$BIN judge $J --answers", "needs a value"},
        {"$BIN judge $J --impl fast", "unknown option"},
        {"$BIN judge $J --answers $H/a --op sideways", "a list of forward"},
        {"$BIN judge $J --answers $H/a --jobs 0", "1..256"},
        {"$BIN judge $J --answers $H/a --max-failures x", "a whole number"},
        {"$BIN judge $J --answers $H/a --accumulate f8", "f64, f32, f16"},
        {"$BIN judge $J --answers $H/a --accumulate f16", "f16"},
        {"$BIN judge $J --answers $H/a --declare flash",
         "--declare flash: a list of transform"},
        {"$BIN judge $J --answers $H/a --strict=1", "takes no value"},
        {"$BIN judge $J --answers $H/a --match none", "no case is left"},
        {"$BIN judge $J --answers $H/a --case i3", "k"},
        {"$BIN judge $J --answers $H/a --case i2_k1_f64_real_r1 --case "
         "refuse:RANK0",
         "unknown key"},
        {"$BIN judge $J --answers $H/a --json $H/r --junit $H/r", "same file"},
        {"$BIN judge $J --answers $H/a --json /no/such", "cannot write"},
        {"$BIN judge $J --answers $H/a --junit /no/such", "cannot write"},
        {"$BIN vectors $H/c --format c --case i3_k2 && $BIN judge $H/c "
         "--answers $H/a",
         "holds no answers"},
        {"$BIN vectors --audit $H/c", "format c cannot be read back"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        expect(2, rows[k].says, rows[k].command);
    expect(0, "1 pass",
           "$BIN judge $J --answers $H/a --case i2_k1_f64_real_r1 "
           "--accumulate f64 --max-failures 3");
}

/* ONNX directories: a foreign tree, and the mistakes in it. */
static void onnx_trees(void **state)
{
    static const char model[] =
        "$BIN vectors $H/o --format onnx --case ci2_co2_i3_k2_s2_b1 "
        ">/dev/null; T=$H/o/tensors; D=$(ls -d $T/* | head -1); rm "
        "$H/o/pack.json; ODD='for k in 1 2; do mkdir $D/$k; cp -r "
        "$D/test_data_set_0 $D/$k; done; LC_ALL=C sed "
        "\"s/strides@./strides@\\x00/\" $D/model.onnx > $D/1/model.onnx; sed "
        "s/Transpose/Transpost/ $D/model.onnx > $D/2/model.onnx'; ";
    static const struct {
        int status;
        const char *says;
        const char *command;
    } rows[] = {
        {1, "1 cases, ", "$BIN vectors --audit $D"},
        {1, "0 wrong vectors", "$BIN vectors --audit $H/o"},
        /* strides of 0 and another operator: the audit goes on without */
        {1, "/1: s on axis w must be",
         "eval \"$ODD\"; $BIN vectors --audit $D"},
        {1, "1 cases, ", "eval \"$ODD\"; $BIN vectors --audit $D"},
        {1, "2 models left out", "eval \"$ODD\"; $BIN vectors --audit $D"},
        {0, "1\n",
         "eval \"$ODD\"; $BIN vectors --audit $D | grep -c '^left out: '"},
        {2, "no ONNX model",
         "truncate -s 40 $D/model.onnx; $BIN vectors "
         "--audit $D"},
        {2, "neither a pack nor",
         ": > $D/model.onnx; $BIN vectors --audit "
         "$D"},
        {2, "no ONNX tensor",
         "truncate -s 20 $D/test_data_set_0/output_0.pb; "
         "$BIN vectors --audit $D"},
        {2, "No such file",
         "rm $D/test_data_set_0/input_1.pb; $BIN vectors "
         "--audit $D"},
        {2, "instead of [1,2,6]",
         "cp $D/test_data_set_0/input_0.pb $D/test_data_set_0/output_0.pb; "
         "$BIN vectors --audit $D"},
        {1, "1 wrong vectors",
         "printf '\\1\\2' | dd of=$D/test_data_set_0/output_0.pb bs=1 seek=20 "
         "conv=notrunc 2>/dev/null; $BIN vectors --audit $D"},
    };
    char command[1024];

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        snprintf(command, sizeof command, "%s%s; S=$?; rm -r $H/o; exit $S",
                 model, rows[k].command);
        expect(rows[k].status, rows[k].says, command);
    }
}

static int start(void **state)
{
    (void)state;
    if (shell_open(&sh) != 0)
        return -1;
    return shell_run(&sh, "$BIN vectors $H/json --format json --case "
                          "i2_k1_b1_f64_int --case i2_k1_f64_real_r1");
}

static int stop(void **state)
{
    (void)state;
    shell_close(&sh);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_answers_pass),
        cmocka_unit_test(answers_that_are_not_finite),
        cmocka_unit_test(odd_answers_are_named),
        cmocka_unit_test(odd_packs_are_refused),
        cmocka_unit_test(devices_declare),
        cmocka_unit_test(inputs_are_the_packs),
        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(onnx_trees),
    };

    return cmocka_run_group_tests(tests, start, stop);
}

/* SPDX-License-Identifier: MIT
 *
 * Are packs the same bytes every time, are they complete or not there, and do
 * other readers agree with them?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "oracle/verbs/vectors_plan.h"
#include "oracle/verbs/verbs.h"
#include "tests/support/shell.h"

static shell sh;

/* ==== Packs ============================================================= */

static void expect(int status, const char *says, const char *command)
{
    const int got = shell_run(&sh, command);

    if (got != status || (says && !strstr(sh.said, says)))
        fail_msg("%s: exit %d: %s", command, got, sh.said);
}

static void same_bytes(void **state)
{
    static const char *const formats[] = {"npz", "onnx", "safetensors", "json",
                                          "c"};
    char command[512];

    (void)state;
    for (size_t k = 0; k < sizeof formats / sizeof *formats; k++) {
        snprintf(command, sizeof command,
                 "$BIN vectors $H/one --format %s --tier smoke --match "
                 "'*i[1-4]_k*' --jobs 1 && LC_ALL=de_DE.UTF-8 TZ=Asia/Tokyo "
                 "$BIN vectors $H/two/ --format %s --tier smoke --match "
                 "'*i[1-4]_k*' --jobs 2 && diff -r $H/one $H/two && "
                 "cd $H/one && sha256sum --quiet -c SHA256SUMS && "
                 "rm -r $H/one $H/two",
                 formats[k], formats[k]);
        expect(0, "values", command);
    }
}

static void golden_pack_is_reproduced(void **state)
{
    (void)state;
    expect(0, NULL,
           "$BIN vectors $H/golden --format json "
           "$(sed 's/^/--case /' cases/pack/golden.txt) && "
           "diff -r $H/golden cases/pack/golden");
    expect(0, "beyond its sizes, 0 wrong vectors",
           "$BIN vectors --audit $H/golden");
    expect(0, NULL,
           "[ $(du -s --apparent-size cases/pack/golden | cut -f1) -lt "
           "1024 ]");
}

static void packs_are_whole_or_not_there(void **state)
{
    (void)state;
    expect(2, "not an empty directory",
           "mkdir $H/full && touch $H/full/x && $BIN vectors $H/full --format "
           "npz --case i3_k2");
    /* a link to an empty directory: refused before a pack is made for it */
    expect(2, "link exists and is not an empty directory",
           "mkdir $H/hollow && ln -s hollow $H/link && $BIN vectors $H/link "
           "--format npz --case i3_k2");
    expect(2, "/full/x is no directory\n",
           "$BIN vectors $H/full/x/y --format npz --case i3_k2");
    expect(2, "no/such: there is no directory no\n",
           "cd $H && $BIN vectors no/such --format npz --case i3_k2");
    expect(0, NULL,
           "mkdir $H/empty && $BIN vectors $H/empty --format npz "
           "--case i3_k2 && [ -f $H/empty/pack.json ]");
    /* as a full disk: no file larger than a block */
    expect(2, "cannot write",
           "trap '' XFSZ; ulimit -f 1; $BIN vectors $H/disk --format json "
           "--case i200_k5_f32_real");
    expect(0, NULL, "[ -z \"$(ls -d $H/disk* 2>/dev/null)\" ]");
    expect(130, NULL,
           "$BIN vectors $H/int --format json --tier full --jobs 1 & "
           "while kill -0 $! && [ -z \"$(ls -d $H/int* 2>/dev/null)\" ]; do "
           "sleep 0.1; done; kill -INT $!; wait $!");
    expect(0, NULL, "[ -z \"$(ls -d $H/int* 2>/dev/null)\" ]");
}

static void options_are_checked(void **state)
{
    static const struct {
        const char *command;
        const char *says;
    } rows[] = {
        {"$BIN vectors", "DIR and --format are required"},
        {"$BIN vectors $H/x", "DIR and --format are required"},
        {"$BIN vectors --format npz", "DIR and --format are required"},
        {"$BIN vectors $H/x --format hdf5", "npz, onnx"},
        {"$BIN vectors $H/x $H/y --format npz", "unexpected argument"},
        {"$BIN vectors $H/x --frobnicate", "vectors: unknown option --frob"},
        {"$BIN vectors $H/x -xyz", "vectors: unknown option -x\n"},
        {"$BIN vectors $H/x --format", "needs a value"},
        {"$BIN vectors $H/x --format npz --tier huge", "smoke, ci, full or"},
        {"$BIN vectors $H/x --format npz --tier large",
         "--tier large: smoke, ci, full or layers\n"},
        {"$BIN vectors $H/x --format npz --dtype f8", "a list of f64"},
        {"$BIN vectors $H/x --format npz --dtype f32,f32", "named twice"},
        {"$BIN vectors $H/x --format npz --seed -1", "a whole number"},
        {"$BIN vectors $H/x --format npz --jobs 0", "1..256"},
        {"$BIN vectors $H/x --format npz --match nothing", "no case is left"},
        {"$BIN vectors $H/x --format npz --tier layers --match nothing",
         "no case is left"},
        {"$BIN vectors $H/x --format npz --case i3", "k"},
        {"$BIN vectors $H/x --format onnx --case u1_i3_k2", "can express none"},
        {"$BIN vectors $H/x --audit $H", "writes no pack"},
        {"$BIN vectors --audit $H/nowhere", "nowhere"},
        {"$BIN vectors --audit /dev/null", "neither a pack nor"},
        {"$BIN vectors '' --format npz --case i3_k2", "expected a directory"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        expect(2, rows[k].says, rows[k].command);
}

/* What a format cannot say is counted by its reason. */
static void left_out(void **state)
{
    (void)state;
    expect(0,
           "left out: 1: ONNX has no input without a batch axis\n"
           "left out: 2: ONNX takes no negative pads\n"
           "left out: 1: the output has no positions on axis w\n"
           "left out: 3: where something is not finite several answers are "
           "legal, which the format cannot say\n"
           "deconform: vectors: 4 cases, 7 left out",
           "$BIN vectors $H/out --format onnx --case u1_i3_k2 --case "
           "i3_k2_pb-1 --case i3_k2_pe-1 --case i1_k2_p1 --case "
           "i3_k2_special --case i3_k2_s2_op1_d3");
    expect(0, "\"ONNX takes no negative pads\": 2",
           "cat $H/out/pack.json && rm -r $H/out");
    expect(0, "vectors: 1 cases, 0 left out",
           "$BIN vectors $H/out --format npz --case i3_k2_special_r1 && "
           "grep -q '\"open\":{' $H/out/cases.jsonl");
}

/* Labels of equal cases are kept together, and layers keep their size. */
static void plans(void **state)
{
    char *argv[] = {
        (char[]){"vectors"}, (char[]){"x"},      (char[]){"--format"},
        (char[]){"npz"},     (char[]){"--tier"}, (char[]){"layers"},
        (char[]){"--dtype"}, (char[]){"f32"},    NULL};
    dc_settings layers;
    dc_vectors_plan plan;
    dc_error e;

    (void)state;
    assert_int_equal(dc_settings_read(&layers, &dc_vectors_verb, 8, argv, &e),
                     DC_OK);
    assert_int_equal(dc_vectors_collect(&layers, &plan, &e), DC_OK);
    assert_int_equal(plan.count, 38);
    assert_string_equal(plan.cases[0].labels[0].name, "dcgan_2");
    assert_int_equal(plan.cases[0].c.p.ci, 512);
    dc_vectors_release(&plan);
    dc_settings_free(&layers);
    expect(0, "2 cases, 0 left out",
           "$BIN vectors $H/twice --format npz --case i3_k2 --case "
           "i3_k2_f32_r0 --case i3_k2_r1");
}

/* ==== Other readers ===================================================== */

/* The example is complete, agrees, and would not agree with anything else. */
static void example_links(void **state)
{
    static const char *const defects[] = {
        "s/y.at. +=/y[at] =/", "s/b ? b.*:/0 ? 0 :/", "s/e < c->n/e < 1/",
        "s/ w.e .*f./ w[f]/"};
    char command[512];

    (void)state;
    expect(0, NULL, "[ $(wc -l < tests/packs/golden_example.c) -le 30 ]");
    expect(0, " cases, 0 wrong",
           "$BIN vectors $H/c --format c --tier smoke --match "
           "'*_ci2_*_b1_*' && cc -std=c99 -Wall -Wextra -Wconversion -Werror "
           "-I$H/c tests/packs/golden_example.c -o $H/example && $H/example && "
           "! $H/example | grep '^0 cases'");
    for (size_t k = 0; k < sizeof defects / sizeof *defects; k++) {
        snprintf(
            command, sizeof command,
            "sed '%s' tests/packs/golden_example.c > $H/defect.c && ! cmp -s "
            "tests/packs/golden_example.c $H/defect.c && cc -w -I$H/c "
            "$H/defect.c -o $H/defect && $H/defect",
            defects[k]);
        expect(1, " wrong", command);
    }
}

/* What the headers offer in every type: the golden values are right, and one
 * bit more is wrong. */
static void headers_check(void **state)
{
    (void)state;
    expect(0, NULL,
           "cat > $H/check.c <<'END'\n"
           "#include <stdio.h>\n"
           "#include <string.h>\n"
           "#include \"deconform_pack.h\"\n"
           "static int flip, size, full;\n"
           "static void give(const deconform_golden *c, void *y)\n"
           "{\n"
           "    int64_t n = c->n * c->co * deconform_volume(c->o);\n"
           "    memcpy(y, c->y, (size_t)(n * size));\n"
           "    if (n) ((unsigned char *)y)[(n - 1) * size] ^= flip, full++;\n"
           "}\n"
           "static void none(const deconform_golden *c, void *y)\n"
           "{ (void)c; (void)y; }\n"
           "int main(void)\n"
           "{\n"
           "    static const int sizes[] = {8, 4, 2, 2};\n"
           "    static double y[4096];\n"
           "    int bad = 0, n, m;\n"
           "    for (int d = 0; d < 4; d++) {\n"
           "        size = sizes[d];\n"
           "        flip = full = 0;\n"
           "        bad += deconform_check(d, give, y, sizeof y, &n) != 0;\n"
           "        bad += full < 2;\n"
           "        flip = 1;\n"
           "        bad += deconform_check(d, give, y, sizeof y, &m) != full / "
           "2;\n"
           "        bad += deconform_check(d, none, y, sizeof y, &m) != full / "
           "2;\n"
           "        deconform_check(d, none, y, 2, &m), bad += m >= n;\n"
           "    }\n"
           "    return bad;\n"
           "}\n"
           "END\n"
           "cc -w -I$H/c $H/check.c -o $H/check && $H/check");
}

/* What a header calls exact is so in every order: serial sums of gy. */
static void exact_is_true(void **state)
{
    (void)state;
    expect(0, "int exact 1 in 15 equal 1\nprobe exact 0 in 7 equal 0\n",
           "cat > $H/exact.c <<'END'\n"
           "#include <stdio.h>\n"
           "#include <string.h>\n"
           "#include \"deconform_pack.h\"\n"
           "int main(void)\n"
           "{\n"
           "    int bad = 0;\n"
           "    for (int k = 0; k < DECONFORM_PACK; k++) {\n"
           "        const deconform_golden *c = deconform_pack[k];\n"
           "        const float *gy = c->gy;\n"
           "        float s = 0;\n"
           "        for (int64_t e = 0; e < deconform_volume(c->o); e++)\n"
           "            s += gy[e];\n"
           "        int equal = deconform_equal(c, &s, c->gb, 1);\n"
           "        printf(\"%s exact %d in %d equal %d\\n\",\n"
           "               strstr(c->name, \"int\") ? \"int\" : \"probe\",\n"
           "               c->exact, c->exact_in, equal);\n"
           "        bad += (c->exact || c->exact_in & 8) && !equal;\n"
           "    }\n"
           "    return bad;\n"
           "}\n"
           "END\n"
           "$BIN vectors $H/gb --format c --case i10000_k1_f32_int_r1 --case "
           "i10000_k1_f32_probe_r2 && cc -w -I$H/gb $H/exact.c -o $H/exact && "
           "$H/exact");
}

static void numpy_and_schema(void **state)
{
    (void)state;
    if (shell_run(&sh, "/usr/bin/python3 -c 'import numpy, jsonschema'") != 0)
        skip();
    expect(0, "values confirmed",
           "$BIN vectors $H/npz --format npz --tier smoke --match "
           "'*i[1-4]_k*' && /usr/bin/python3 tests/packs/read_npz.py $H/npz");
    expect(
        0, NULL,
        "/usr/bin/python3 tests/packs/check_schema.py "
        "cases/pack/pack.schema.json "
        "cases/pack/golden && $BIN vectors $H/odd --format json --tier smoke "
        "--match '*special*' && /usr/bin/python3 tests/packs/check_schema.py "
        "cases/pack/pack.schema.json $H/odd && $BIN vectors $H/left --format "
        "onnx --case u1_i3_k2 --case i3_k2 && /usr/bin/python3 -c 'import "
        "json, jsonschema; jsonschema.validate(*map(json.load, map(open, "
        "(\"'$H'/left/pack.json\", \"cases/pack/pack.schema.json\"))))'");
}

static int start(void **state)
{
    (void)state;
    return shell_open(&sh);
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
        cmocka_unit_test(same_bytes),
        cmocka_unit_test(golden_pack_is_reproduced),
        cmocka_unit_test(packs_are_whole_or_not_there),
        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(left_out),
        cmocka_unit_test(plans),
        cmocka_unit_test(example_links),
        cmocka_unit_test(headers_check),
        cmocka_unit_test(exact_is_true),
        cmocka_unit_test(numpy_and_schema),
    };

    return cmocka_run_group_tests(tests, start, stop);
}

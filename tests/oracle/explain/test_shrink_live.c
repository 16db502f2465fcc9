/* SPDX-License-Identifier: MIT
 *
 * Are failing cases of an implementation reduced to the smallest ones, also if
 * it crashes, hangs or fails only now and then?  Does the reproducer of a case
 * run alone?
 */
#include "oracle/explain/shrink_live.h"
#include "oracle/explain/reproducer.h"
#include "tests/support/subject.h"

static const dc_judge everything = {.ops = {1, 1, 1, 1},
                                    .arithmetic = {.accumulate = -1}};

/* Judges the case and reduces it for its first finding. */
static dc_shrunk reduce_proving(const char *what, const char *spec,
                                double timeout, dc_proving prove)
{
    const dc_subject subject = subject_of(what, timeout);
    dc_result *const r = calloc(1, sizeof *r);
    dc_shrunk m;
    dc_endpoint *end = NULL;
    dc_error e = {.text = ""};

    assert_non_null(r);
    r->item.c = parse(spec);
    r->prove = prove;
    if (dc_endpoint_open(&end, &subject, &e) != DC_OK ||
        dc_judge_case(&everything, end, r, &e) != DC_OK)
        fail_msg("%s: %s", what, e.text);
    dc_endpoint_close(end);
    assert_true(r->n_findings > 0);
    if (dc_shrink_live_run(&subject, &everything, r, 0, &m, &e) != DC_OK)
        fail_msg("%s: %s", what, e.text);
    free(r);
    return m;
}

static dc_shrunk reduce(const char *what, const char *spec, double timeout)
{
    return reduce_proving(what, spec, timeout, DC_PROVE_NOTHING);
}

static void the_smallest_case_is_found(void **unused)
{
    static const struct {
        const char *what;
        const char *from;
        const char *smallest; /* family and seed are free */
        dc_op op;
        dc_check check;
        const char *text; /* part of the finding */
    } rows[] = {
        {"mutant:M016", "n2_ci3_co2_i4x5_k3x2_s2x1_p1x0_b1_f32_real_r5",
         "i1_k2_f32", DC_FORWARD, DC_CHECK_VALUE, "of y are wrong"},
        {"mutant:M063", "n2_ci3_co2_i4x5_k3x2_s2x1_p1x0_b1_f64_int_r5",
         "i1_k2_f64", DC_GRAD_INPUT, DC_CHECK_VALUE, "of gx are wrong"},
        {"mutant:M040", "n2_ci3_co27_i4_k3_s2_p1_b1_f32_int_r5",
         "co9_i1_k1_f32", DC_FORWARD, DC_CHECK_VALUE, "of y are wrong"},
        {"mutant:M003", "n2_ci3_co2_i4x5_k3x2_s2x3_op1x2_f32_int",
         "i1_k1_s2_op1_f32", DC_FORWARD, DC_CHECK_EXTENT, "INVALID"},
        {"mutant:M301", "n2_ci3_co2_i4x5_k3x2_s2x3_op1x2_f32_int", "i1_k1_f32",
         DC_FORWARD, DC_CHECK_CRASHED, "just past the end of x"},
        {"mutant:M311", "n2_ci3_co2_i4x5_k3x2_d2_pb5x0_f32_int",
         "i2_k1_pb1_f32", DC_FORWARD, DC_CHECK_CRASHED, "SIGABRT"},
        {"mutant:M317", "n2_ci3_co2_i4x5_k3x2_s2x3_op1x2_f32_int", "i1_k1_f32",
         DC_FORWARD, DC_CHECK_INPUTS, "changed its input w"},
        {"mutant:M332", "n2_ci3_co2_i4x5_k3x2_s2x3_op1x2_f32_int", "i1_k1_f32",
         DC_GRAD_WEIGHT, DC_CHECK_DIFFERENCE, "but"},
    };

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const dc_shrunk m = reduce(rows[r].what, rows[r].from, 10);
        dc_case want = parse(rows[r].smallest);
        char got_text[DC_CASE_MAX];
        char want_text[DC_CASE_MAX];

        want.family = m.smallest.family;
        want.seed = m.smallest.seed;
        want.p.dtype = m.smallest.p.dtype;
        dc_case_print(&m.smallest, got_text);
        dc_case_print(&want, want_text);
        assert_string_equal(got_text, want_text);
        assert_true(m.reproduced);
        assert_int_equal(m.op, rows[r].op);
        assert_int_equal(m.check, rows[r].check);
        assert_non_null(strstr(m.finding.text, rows[r].text));
        assert_in_range(m.calls, 2, 300);
        assert_in_range(m.elements, 1, DC_READABLE);
        assert_true(m.n_tensors >= 3);
    }
}

/* Cases that the engine's own moves do not reduce: channels in multiples of 8,
 * data that must round, and what only the structure proof shows. */
static void cases_with_a_threshold_are_reduced(void **unused)
{
    static const struct {
        const char *what;
        const char *from;
        int64_t elements; /* at most */
        dc_proving prove;
        dc_check check;
    } rows[] = {
        {"mutant:M214", "g3_ci24_co24_i3x2_k2_s2_f16_int_r3", 16,
         DC_PROVE_NOTHING, DC_CHECK_VALUE},
        {"mutant:M214", "n1_ci24_co24_g24_i1_k2_pb1_f16_int_r0", 16,
         DC_PROVE_NOTHING, DC_CHECK_VALUE},
        {"mutant:M140", "co2_i4_k1_s3_f16_wide_r90958", 8, DC_PROVE_NOTHING,
         DC_CHECK_VALUE},
        {"mutant:M038", "ci5_co2_i3_k2_s2_f64_probe_r1", 5, DC_PROVE_CASE,
         DC_CHECK_STRUCTURE},
    };

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const dc_shrunk m =
            reduce_proving(rows[r].what, rows[r].from, 10, rows[r].prove);

        assert_true(m.reproduced);
        assert_int_equal(m.check, rows[r].check);
        assert_in_range(m.calls, 2, 300);
        if (m.elements < 1 || m.elements > rows[r].elements)
            fail_msg("%s: %d elements", rows[r].what, (int)m.elements);
    }
}

static void hanging_costs_few_calls(void **unused)
{
    const dc_shrunk m =
        reduce("mutant:M315", "ci2_co2_i4_k3_s2_b1_f32_int", 0.3);

    (void)unused;
    assert_true(m.reproduced);
    assert_int_equal(m.verdict, DC_HANG);
    assert_true(m.seconds < 8);
}

/* Reduces a finding about forward that is made up. */
static dc_shrunk reduce_made_up(const char *what, const char *spec)
{
    dc_result *const r = calloc(1, sizeof *r);
    const dc_subject subject = subject_of(what, 10);
    dc_shrunk m;
    dc_error e;

    assert_non_null(r);
    r->item.c = parse(spec);
    assert_non_null(
        dc_result_find(r, DC_FORWARD, DC_FAIL, DC_CHECK_VALUE, "it was wrong"));
    assert_int_equal(dc_shrink_live_run(&subject, &everything, r, 0, &m, &e),
                     DC_OK);
    free(r);
    return m;
}

/* A first call that is slow, as where a library is loaded, is no hang. */
static void slow_to_start_shows_again(void **unused)
{
    char what[4096];
    dc_shrunk m;

    (void)unused;
    mode("lazy");
    m = reduce_made_up(plugin(what, "judge_modes"), "i3_k2_s2_f32_int");
    mode("");
    assert_true(m.reproduced);
    assert_true(m.calls > 1);
}

static void irreproducible_failures_are_reported(void **unused)
{
    const dc_shrunk m = reduce_made_up("fast", "i3_k2_s2"); /* fast is right */
    char *text = NULL;
    size_t size;
    FILE *to;

    (void)unused;
    assert_false(m.reproduced);
    assert_int_equal(m.calls, 1);
    to = open_memstream(&text, &size);
    assert_non_null(to);
    dc_shrink_live_print(&m, to);
    fclose(to);
    assert_non_null(strstr(text, "does not show again"));
    free(text);
}

static void tensors_are_printed(void **unused)
{
    dc_shrunk m = reduce("mutant:M025", "ci2_i3x3_k2x2_b1_f32_int_r1", 10);
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    (void)unused;
    assert_non_null(to);
    dc_shrink_live_print(&m, to);
    fclose(to);
    assert_non_null(strstr(text, "smallest: n1_ci1_co1_g1_i1_k1"));
    assert_non_null(strstr(text, "\n    b    ["));
    assert_non_null(strstr(text, "\n    want ["));
    assert_non_null(strstr(text, "\n    got  ["));
    free(text);
    /* two axes, and a tensor without elements */
    m.tensors[0] = (dc_small_tensor){"x", 4, {1, 1, 2, 2}, 4, {1, 2, 3, 4}};
    m.tensors[1] = (dc_small_tensor){"w", 3, {0, 1, 1}, 0, {0}};
    m.n_tensors = 2;
    to = open_memstream(&text, &size);
    assert_non_null(to);
    dc_shrink_live_print(&m, to);
    fclose(to);
    assert_non_null(strstr(text, "x    [[1, 2], [3, 4]]\n"));
    assert_non_null(strstr(text, "w    []\n"));
    free(text);
}

/* Without items and input channels gb alone has elements, more of them than are
 * ever printed. */
static void a_result_larger_than_its_inputs_is_reduced(void **unused)
{
    const dc_shrunk m = reduce(
        "pipe:exec python3 -c \"\n"
        "import json,struct,sys\n"
        "r,o=sys.stdin.buffer,sys.stdout.buffer\n"
        "for line in r:\n"
        "    q=json.loads(line)\n"
        "    a={'id':q['id'],'status':'ok','name':'tail','version':'1'}\n"
        "    b=b''\n"
        "    if q['op']=='grad_bias':\n"
        "        n=q['problem']['co']\n"
        "        a['tensors']=[{'name':'gb','shape':[n]}]\n"
        "        b=struct.pack('%dd'%n,*[k>=500 for k in range(n)])\n"
        "    elif q['op']!='hello': a['status']='unsupported'\n"
        "    o.write(json.dumps(a).encode()+b'\\n'+b)\n"
        "    o.flush()\n"
        "\"",
        "n0_ci0_co600_i1_k1_f64_int", 10);

    (void)unused;
    assert_true(m.reproduced);
    assert_int_equal(m.smallest.p.co, 501);
    assert_int_equal(m.n_tensors, 0);
}

static void no_implementation_is_a_fault(void **unused)
{
    const dc_subject subject = subject_of("./absent.so", 1);
    dc_result *const r = calloc(1, sizeof *r);
    dc_shrunk m;
    dc_error e = {.text = ""};

    (void)unused;
    assert_non_null(r);
    r->item.c = parse("i3_k2_s2");
    dc_result_find(r, DC_FORWARD, DC_FAIL, DC_CHECK_VALUE, "it was wrong");
    assert_true(dc_shrink_live_run(&subject, &everything, r, 0, &m, &e) !=
                DC_OK);
    assert_non_null(strstr(e.text, "absent.so"));
    free(r);
}

/* ==== Reproducers ======================================================== */

/* Writes, compiles and runs a reproducer; returns its exit status. */
static int reproduce(const char *spec, dc_op op, const char *lib)
{
    static const dc_arithmetic usual = {.accumulate = -1};
    char dir[] = "/tmp/dc-reproducer-XXXXXX";
    char file[64];
    char command[4096];
    const dc_case c = parse(spec);
    FILE *to;
    dc_error e;
    int code;

    assert_non_null(mkdtemp(dir));
    snprintf(file, sizeof file, "%s/r.c", dir);
    to = fopen(file, "w");
    assert_non_null(to);
    assert_int_equal(dc_reproducer_write(&c, op, &usual, to, &e), DC_OK);
    fclose(to);
    snprintf(command, sizeof command,
             "${CC:-cc} -std=c11 -Wall -Wextra -Werror -pedantic %s -o %s/r "
             "-ldl -lm && %s/r %s >%s/out; code=$?; "
             "[ -z \"$DC_SAYS\" ] || grep -q \"$DC_SAYS\" %s/out || code=99; "
             "rm -r %s; exit $code",
             file, dir, dir, lib, dir, dir, dir);
    code = system(command);
    assert_true(WIFEXITED(code));
    return WEXITSTATUS(code);
}

static void reproducers_run_alone(void **unused)
{
    static const struct {
        const char *spec;
        dc_op op;
    } rows[] = {
        {"n2_ci2_co4_g2_i3x2_k2x3_s2x1_pb1x0_op1x0_b1_f32_int_r3", DC_FORWARD},
        {"n2_ci2_co4_g2_i3x2_k2x3_s2x1_pb1x0_op1x0_b1_f64_real_r3",
         DC_GRAD_INPUT},
        {"n2_ci2_co4_g2_i3x2_k2x3_s2x1_pb1x0_op1x0_b1_f32_short_r3",
         DC_GRAD_WEIGHT},
        {"n0_ci2_co3_i3_k2_f32_int", DC_GRAD_BIAS},
    };
    char dir[] = "/tmp/deconform_reproduce_XXXXXX";
    char lib[64];
    char command[256];

    (void)unused;
    /* built here: the plug-in of a sanitized build would not load */
    assert_non_null(mkdtemp(dir));
    snprintf(lib, sizeof lib, "%s/sample.so", dir);
    snprintf(command, sizeof command, "cc -shared -fPIC -o %s fast/sample.c",
             lib);
    assert_int_equal(system(command), 0);
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        assert_int_equal(reproduce(rows[r].spec, rows[r].op, lib), 0);
    /* it does not offer f16: DC_UNSUPPORTED is a wrong answer here */
    assert_int_equal(reproduce("i2_k2_f16_int", DC_FORWARD, lib), 1);
    assert_int_equal(reproduce("i2_k2_bf16_real", DC_FORWARD, lib), 1);
    assert_int_equal(reproduce("i2_k2_f32_int", DC_FORWARD, ""), 2);
    snprintf(command, sizeof command, "rm -r %s", dir);
    assert_int_equal(system(command), 0);
}

/* What ends the plug-in ends the program, and what is changed is told. */
static void reproducers_show_accesses(void **unused)
{
    static const struct {
        const char *mode;
        const char *says;
        int code;
    } rows[] = {
        {"past-end", "tensors at the end", 128 + SIGSEGV},
        {"before", "byte -4 of the 40 of y was changed", 128 + SIGSEGV},
        {"read-past-end", "tensors at the end", 128 + SIGSEGV},
        {"read-before", "tensors at the begin", 128 + SIGSEGV},
        {"change", "byte [67] of the 48 of w was changed", 1},
        {"near", "byte 40 of the 40 of y was changed", 1},
        {"abort", "tensors at the end", 128 + SIGABRT},
        {"nomem", "status 3", 1},
        {"good", "y.0. = 1, right is", 1},
    };
    char lib[] = "/tmp/deconform_bad_XXXXXX.so";
    char command[256];

    (void)unused;
    assert_true(close(mkstemps(lib, 3)) == 0);
    snprintf(command, sizeof command,
             "cc -I. -shared -fPIC -o %s tests/plugins/misbehave.c", lib);
    assert_int_equal(system(command), 0);
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        mode(rows[r].mode);
        assert_int_equal(setenv("DC_SAYS", rows[r].says, 1), 0);
        assert_int_equal(reproduce("ci2_co2_i3_k3_f32_int", DC_FORWARD, lib),
                         rows[r].code);
    }
    unsetenv("DC_SAYS");
    mode("");
    remove(lib);
}

static void large_and_unwritable_reproducers_are_refused(void **unused)
{
    static const dc_arithmetic usual = {.accumulate = -1};
    const dc_case c = parse("i100000_k1");
    const dc_case small = parse("i1_k1");
    FILE *full = fopen("/dev/full", "w");
    dc_error e;

    (void)unused;
    assert_int_equal(dc_reproducer_write(&c, DC_FORWARD, &usual, stdout, &e),
                     DC_UNSUPPORTED);
    assert_non_null(full);
    assert_int_equal(dc_reproducer_write(&small, DC_FORWARD, &usual, full, &e),
                     DC_FAILED);
    fclose(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smallest_case_is_found),
        cmocka_unit_test(cases_with_a_threshold_are_reduced),
        cmocka_unit_test(hanging_costs_few_calls),
        cmocka_unit_test(slow_to_start_shows_again),
        cmocka_unit_test(irreproducible_failures_are_reported),
        cmocka_unit_test(tensors_are_printed),
        cmocka_unit_test(a_result_larger_than_its_inputs_is_reduced),
        cmocka_unit_test(no_implementation_is_a_fault),
        cmocka_unit_test(reproducers_run_alone),
        cmocka_unit_test(reproducers_show_accesses),
        cmocka_unit_test(large_and_unwritable_reproducers_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

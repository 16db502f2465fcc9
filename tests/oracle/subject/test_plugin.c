/* SPDX-License-Identifier: MIT
 *
 * Is --impl resolved to the right command, and is everything that is no
 * implementation refused with a sentence that names the culprit?
 */
#include "tests/support/subject.h"

#include <sys/stat.h>

#include "oracle/subject/plugin.h"

/* ==== Refusals =========================================================== */

static void test_refused(void **state)
{
    static const struct {
        const char *subject; /* plug-in NAME, pipe:COMMAND, or WHAT */
        const char *mode;
        double timeout;
        dc_status status;
        const char *text;
    } rows[] = {
        {BAD, "load-abi", PATIENT, DC_FAILED, "its ABI number is 7"},
        {BAD, "load-null", PATIENT, DC_FAILED, "returned no table"},
        {BAD, "load-anonymous", PATIENT, DC_FAILED, "has no name"},
        {BAD, "load-crash", PATIENT, DC_FAILED, "at hello it died by SIGABRT"},
        {BAD, "load-hang", 0.2, DC_FAILED, "did not answer hello within 0.6"},
        {"nosymbol", "", PATIENT, DC_FAILED, "no symbol deconform_plugin"},
        {"./no/such.so", "", PATIENT, DC_FAILED, "no such file"},
        {"./tests/pipes/answer.py", "", PATIENT, DC_FAILED, "answer.py: "},
        {"missing.so", "", PATIENT, DC_FAILED, "missing.so: no such file"},
        {"pipe:no-such-command-here", "", PATIENT, DC_FAILED,
         "exited with status 127: "},
        {"pipe:true", "", PATIENT, DC_FAILED, "exited with status 0"},
        {"pipe:cat", "", PATIENT, DC_FAILED, "garbage: hello is not ok"},
        {NULL, "hello-exit", PATIENT, DC_FAILED, "status 1: no licence found"},
        {NULL, "hello-silent", 0.2, DC_FAILED, "did not answer hello"},
        {NULL, "hello-garbage", PATIENT, DC_FAILED, "\"ready.\""},
        {NULL, "hello-long", PATIENT, DC_FAILED, "more than 64 KiB"},
        {NULL, "hello-refused", PATIENT, DC_FAILED, "no GPU"},
        {NULL, "hello-bare", PATIENT, DC_FAILED, "hello is not ok"},
        {NULL, "hello-anonymous", PATIENT, DC_FAILED, "says no name"},
        {NULL, "hello-closed", PATIENT, DC_FAILED, "closed its stdout"},
        {"onednn", "", PATIENT, DC_UNSUPPORTED,
         "adapter onednn is not built: run `make adapters`"},
        {"nobody", "", PATIENT, DC_INVALID,
         "unknown implementation nobody; known: fast, onednn"},
        {"", "", PATIENT, DC_INVALID, "unknown implementation"},
    };
    const int before = open_descriptors();
    char file[4096];

    (void)state;
    assert_int_equal(setenv("DECONFORM_PLUGINS", "/nowhere", 1), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *what = rows[i].subject;
        dc_endpoint *end = NULL;
        dc_error e = {.text = ""};

        if (!what)
            what = PIPE;
        else if (!strcmp(what, BAD) || !strcmp(what, "nosymbol"))
            what = plugin(file, what);
        mode(rows[i].mode);
        assert_int_equal(open_as(&end, what, rows[i].timeout, &e),
                         rows[i].status);
        assert_null(end);
        if (!strstr(e.text, rows[i].text))
            fail_msg("%s: %s", what, e.text);
        no_child(what);
        assert_int_equal(open_descriptors(), before);
    }
    unsetenv("DECONFORM_PLUGINS");
}

/* Our own binary is missing: a sentence, not a crash. */
static void test_no_binary(void **state)
{
    const dc_subject subject = {"fast", "/no/such/deconform", 1};
    dc_endpoint *end;
    dc_error e;

    (void)state;
    assert_int_equal(dc_endpoint_open(&end, &subject, &e), DC_FAILED);
    assert_non_null(strstr(e.text, "cannot start /no/such/deconform"));
    dc_endpoint_close(NULL);
}

/* ==== Adapters by their names ============================================ */

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(name, 0755), 0);
}

static void test_launch(void **state)
{
    static const char *const files[] = {
        ".build/plugins/onednn.so", "plugins/extra.so",
        "oracle/adapters/torch.py", "oracle/adapters/mine"};
    static const struct {
        const char *what;
        bool hosted;
        int word; /* which word of argv ends with `ends` */
        const char *ends;
    } rows[] = {
        {"fast", true, 2, "fast"},
        {"onednn", true, 2, "/.build/plugins/onednn.so"},
        {"extra", true, 2, "/plugins/extra.so"},
        {"torch", false, 0, "/oracle/adapters/torch.py"},
        {"torch-native", false, 1, "--native"},
        {"mine", false, 0, "/oracle/adapters/mine"},
        {"x.so", true, 2, "x.so"},
        {"a/b", true, 2, "a/b"},
        {"pipe:a b", false, 2, "a b"},
    };
    char root[] = "/tmp/deconform-launch-XXXXXX";
    char name[4096];
    char self[4096];
    dc_launch launch;
    dc_error e;

    (void)state;
    assert_non_null(mkdtemp(root));
    snprintf(self, sizeof self, "%s/deconform", root);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(name, sizeof name, "mkdir -p $(dirname %s/%s)", root,
                 files[i]);
        assert_int_equal(system(name), 0);
        snprintf(name, sizeof name, "%s/%s", root, files[i]);
        write_file(name, "#!/bin/sh\n");
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const dc_subject subject = {rows[i].what, self, 1};
        const char *word;

        assert_int_equal(dc_plugin_find(&subject, &launch, &e), DC_OK);
        assert_int_equal(launch.hosted, rows[i].hosted);
        word = launch.argv[rows[i].word];
        assert_non_null(word);
        assert_true(strlen(word) >= strlen(rows[i].ends));
        assert_string_equal(word + strlen(word) - strlen(rows[i].ends),
                            rows[i].ends);
        dc_plugin_forget(&launch);
    }
    /* without a path to our binary, the running one */
    assert_int_equal(
        dc_plugin_find(&(dc_subject){"fast", "deconform", 1}, &launch, &e),
        DC_OK);
    assert_string_equal(launch.argv[0], "/proc/self/exe");
    dc_plugin_forget(&launch);
    assert_int_equal(
        dc_plugin_find(&(dc_subject){"torch-none", NULL, 1}, &launch, &e),
        DC_INVALID);
    snprintf(name, sizeof name, "rm -r %s", root);
    assert_int_equal(system(name), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_no_binary),
        cmocka_unit_test(test_launch),
    };

    reap_orphans();
    return cmocka_run_group_tests_name("plugin", tests, NULL, NULL);
}

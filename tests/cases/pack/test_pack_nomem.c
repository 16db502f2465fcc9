/* SPDX-License-Identifier: MIT
 *
 * What happens to packs if memory runs out?  Every allocation of writing and
 * reading fails once: the result is a status or a sentence, and never an
 * incomplete file or tensor.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cases/pack/pack_onnx.h"
#include "tests/support/pack.h"
#include "tests/support/nomem.h"

static dc_case shared;
static double tensors[DC_TENSORS][512];

static dc_pack_case packed_case(void)
{
    static const dc_pack_label label = {"a name", "what it hunts"};
    dc_pack_case c = {.c = shared, .labels = &label, .n_labels = 1};

    dc_pack_identify(&c);
    for (int t = 0; t < DC_TENSORS; t++)
        c.tensors[t] = tensors[t];
    return c;
}

/* Every format writes a case, and reads back what it can. */
static dc_status write_and_read(void)
{
    const dc_pack_case c = packed_case();
    dc_status status = DC_OK;

    for (int f = 0; f < dc_pack_formats_count && status == DC_OK; f++) {
        const dc_pack_format *format = &dc_pack_formats[f];
        dc_pack_sink sink = {.root = home};
        dc_pack_tensors back = {.p = c.c.p};
        dc_error e = {DC_OK, NULL, -1, ""};
        char base[512];

        if (format->admit && format->admit(&c, &e) != DC_OK)
            continue;
        status = format->write(&c, &sink, &e);
        if (status != DC_OK || !format->read)
            continue;
        snprintf(base, sizeof base, "%s/%s", home, sink.files[0].path);
        if (!format->suffix[0])
            *strrchr(base, '/') = 0;
        status = format->read(base, format->tensors, &back, &e);
        dc_pack_release(&back);
    }
    return status;
}

/* The index that a run without a failure wrote. */
static char whole[16384];
static const char *const index_files[] = {"pack.json", "cases.jsonl",
                                          "SHA256SUMS"};

/* Reads the index, without a failure, and takes it away. */
static void take_index(char text[sizeof whole])
{
    size_t at = 0;

    for (int k = 0; k < 3; k++) {
        char path[256];
        FILE *f;

        snprintf(path, sizeof path, "%s/%s", home, index_files[k]);
        f = fopen(path, "rb");
        assert_non_null(f);
        at += fread(text + at, 1, sizeof whole - 1 - at, f);
        fclose(f);
        unlink(path);
    }
    text[at] = 0;
}

/* jansson 2.14 writes beyond its own block when a text that it parses cannot
 * grow: it gets what it asks for, but where a JSON text is written. */
static void spare_jansson(void)
{
#if !DC_SANITIZED
    json_set_alloc_funcs(__libc_malloc, __libc_free);
#endif
}

/* An index is whole, or a status says that it is not. */
static dc_status write_index(void)
{
    static const char *const rungs[] = {"integer", "mpfr", NULL};
    static const int64_t settled[] = {3, 4};
    static const int64_t open[] = {1, 5};
    static const dc_pack_reason why[] = {{"a reason", 3}, {"", 0}};
    dc_pack_about about = {"deconform", "json", "smoke", "*",   "f32",  7,
                           1,           3,      why,     rungs, settled};
    dc_pack_case c = packed_case();
    dc_pack_sink sink = {.root = home};
    dc_pack_sink extra = {.root = home};
    char text[sizeof whole];
    dc_error e;
    dc_status status;

    c.variant = "odd";
    c.c.family = DC_SPECIAL;
    dc_pack_identify(&c);
    status = dc_pack_find("json")->write(&c, &sink, &e);
    c.open[DC_Y] = open;
    c.n_open[DC_Y] = 2;
    json_set_alloc_funcs(malloc, free);
    if (status == DC_OK)
        status = dc_pack_index(&about, &c, &sink, &extra, &e);
    spare_jansson();
    if (status == DC_OK && left == 0 &&
        whole[0]) { /* one failed, and all went on? */
        take_index(text);
        assert_string_equal(text, whole);
    }
    return status;
}

/* What a tensor that was not read leaves is a sentence, not silence. */
static dc_status whole_tensors(const dc_pack_tensors *t, int expected)
{
    dc_status status = DC_OK;

    for (int k = 0; k < DC_TENSORS; k++)
        if (expected & 1 << k && !t->data[k]) {
            assert_true(t->wrong[k][0] != 0);
            status = DC_NOMEM;
        }
    return status;
}

static dc_status read_index(void)
{
    dc_pack_tensors back;
    dc_pack p;
    dc_error e;
    dc_status status = dc_pack_open(&p, home, &e);

    if (status != DC_OK)
        return status;
    assert_int_equal(p.count, 1);
    assert_string_equal(p.entries[0].files[0].path + 8 + 13, "_odd.json");
    status = dc_pack_load(&p, 0, &back, &e);
    if (status == DC_OK) {
        status = whole_tensors(&back, (1 << DC_TENSORS) - 1);
        assert_int_equal(status, DC_OK);
        dc_pack_release(&back);
    }
    dc_pack_close(&p);
    return status;
}

static dc_status read_foreign(void)
{
    const dc_pack_case c = packed_case();
    dc_pack_tensors back;
    char dir[256];
    dc_error e;
    dc_status status;

    snprintf(dir, sizeof dir, "%s/tensors/%s", home, c.id);
    status = dc_pack_foreign(dir, &back, &e);
    if (status == DC_OK) {
        status =
            whole_tensors(&back, 1 << DC_X | 1 << DC_W | 1 << DC_B | 1 << DC_Y);
        dc_pack_release(&back);
    }
    return status;
}

static const step steps[] = {
    {"write and read", write_and_read, 1},
    {"index", write_index, 1},
    {"index, read", read_index, 1},
    {"foreign model", read_foreign, 1},
};

static void test_every_allocation(void **state)
{
    (void)state;
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++)
        starve(&steps[s]);
}

static int prepare(void **state)
{
    spare_jansson();
    if (start(state) != 0 ||
        dc_case_parse("n2_ci4_co6_g2_i3x4_k2x3_s2_p1_b1_f32_int_r2", &shared,
                      NULL) != DC_OK ||
        write_and_read() != DC_OK || write_index() != DC_OK)
        return -1;
    take_index(whole);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_allocation),
    };

    return cmocka_run_group_tests(tests, prepare, stop);
}

/* SPDX-License-Identifier: MIT
 *
 * Is every case of every tier legal and reproducible, alone and from its
 * string, and do the shapes that broke public software occur often enough?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "cases/catalog/catalog.h"
#include "cases/data/data.h"
#include "cases/space/sweep.h"
#include "ref/counts.h"
#include "ref/format.h"

static dc_sweep sweep_of(dc_tier tier, int n_dtypes)
{
    static const int order[] = {DC_F32, DC_F64, DC_BF16, DC_F16};
    dc_sweep sweep = {.tier = tier, .seed = 1, .n_dtypes = n_dtypes};

    for (int d = 0; d < n_dtypes; d++)
        sweep.dtypes[d] = order[d];
    return sweep;
}

/* A scenario of the large tier takes the narrowest of the types. */
static void large_ones_are_narrow(void **state)
{
    static const int narrowest[] = {DC_F32, DC_F32, DC_BF16, DC_BF16};

    (void)state;
    for (int n = 1; n <= 4; n++) {
        dc_sweep sweep = sweep_of(DC_LARGE, n);
        dc_item item;

        assert_int_equal(dc_sweep_open(&sweep), DC_OK);
        const int64_t count = dc_sweep_count(&sweep);

        assert_true(count > 0);
        for (int64_t k = 0; k < count; k++) {
            dc_sweep_case(&sweep, k, &item);
            assert_int_equal(item.kind, DC_ITEM_LARGE);
            assert_int_equal(item.c.p.dtype, narrowest[n - 1]);
        }
        dc_sweep_close(&sweep);
    }
}

static int same_case(const dc_case *a, const dc_case *b)
{
    char one[DC_CASE_MAX];
    char other[DC_CASE_MAX];

    dc_case_print(a, one);
    dc_case_print(b, other);
    return strcmp(one, other) == 0;
}

static void tiers_have_their_sizes(void **state)
{
    static const struct {
        dc_tier tier;
        const char *name;
        int64_t least, most;
    } rows[] = {{DC_SMOKE, "smoke", 300, 800},
                {DC_CI, "ci", 4000, 8000},
                {DC_FULL, "full", 50000, 100000}};

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const dc_sweep sweep = sweep_of(rows[r].tier, 2);

        assert_string_equal(dc_tier_names[rows[r].tier], rows[r].name);
        assert_in_range(dc_sweep_count(&sweep), rows[r].least, rows[r].most);
    }
}

/* Products of forward, at most: a plane of real size has more than others. */
static int64_t most_products(const dc_item *item)
{
    return item->name && strcmp(item->name, "plane") == 0 ? 410000 : 150000;
}

/* Legal, of a type of the sweep, not too large, and the same from its string
 * and when asked for alone. */
static void check_item(const dc_sweep *sweep, int64_t index,
                       const dc_item *item)
{
    char text[DC_CASE_MAX];
    dc_problem p = item->c.p;
    dc_item alone;
    dc_counts counts;
    dc_case again;
    dc_error e;
    int known = 0;

    dc_case_print(&item->c, text);
    if (dc_problem_check(&p, &e) != DC_OK)
        fail_msg("%lld: %s: %s", (long long)index, text, e.text);
    if (dc_case_parse(text, &again, &e) != DC_OK ||
        !same_case(&again, &item->c) || memcmp(again.p.o, p.o, sizeof p.o) != 0)
        fail_msg("%lld: %s is read as another case", (long long)index, text);
    memset(&alone, 0xa5, sizeof alone);
    dc_sweep_case(sweep, index, &alone);
    if (!same_case(&alone.c, &item->c) || alone.name != item->name ||
        alone.hunts != item->hunts)
        fail_msg("%lld: %s differs when asked for alone", (long long)index,
                 text);
    for (int d = 0; d < sweep->n_dtypes; d++)
        known |= sweep->dtypes[d] == p.dtype;
    if (!known)
        fail_msg("%lld: %s was not asked for", (long long)index, text);
    if (dc_counts_of(&p, &counts, &e) != DC_OK ||
        counts.mul[DC_FORWARD] > most_products(item))
        fail_msg("%lld: %s is too large", (long long)index, text);
    assert_true(!item->name == !item->hunts);
}

static void every_case_is_legal_and_reproducible(void **state)
{
    static const struct {
        dc_tier tier;
        int n_dtypes;
        int64_t step;
        int opened; /* with the blocks that are built beforehand */
    } rows[] = {{DC_SMOKE, 1, 1, 0}, {DC_SMOKE, 4, 1, 1}, {DC_CI, 2, 1, 0},
                {DC_CI, 2, 3, 1},    {DC_CI, 3, 7, 0},    {DC_FULL, 2, 23, 0}};

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        dc_sweep sweep = sweep_of(rows[r].tier, rows[r].n_dtypes);
        const int64_t bare = dc_sweep_count(&sweep);

        if (rows[r].opened)
            assert_int_equal(dc_sweep_open(&sweep), DC_OK);
        const int64_t count = dc_sweep_count(&sweep);
        dc_item *const items = calloc((size_t)count, sizeof *items);

        assert_true(rows[r].opened ? count > bare : count == bare);
        assert_non_null(items);
        for (int64_t k = 0; k < count; k += rows[r].step) /* in order */
            dc_sweep_case(&sweep, k, &items[k]);
        for (int64_t k = (count - 1) / rows[r].step * rows[r].step; k >= 0;
             k -= rows[r].step) /* and back */
            if (items[k].kind == DC_ITEM_CASE)
                check_item(&sweep, k, &items[k]);
        free(items);
        dc_sweep_close(&sweep);
        assert_int_equal(dc_sweep_count(&sweep), bare);
    }
}

/* Every name comes in every type and as many families as the tier says. */
static void every_named_case_comes(void **state)
{
    static const struct {
        dc_tier tier;
        int catalog, layers; /* families, at least */
    } rows[] = {{DC_SMOKE, 1, 0}, {DC_CI, 4, 2}, {DC_FULL, 4, 4}};

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const dc_sweep sweep = sweep_of(rows[r].tier, 2);
        const int64_t count = dc_sweep_count(&sweep);
        int64_t seen[256][2] = {{0}};
        int last = -1;

        assert_in_range(dc_catalog_count + dc_layers_count, 1, 256);
        for (int64_t k = 0; k < count; k++) {
            dc_item item;
            int row = 0;

            dc_sweep_case(&sweep, k, &item);
            if (!item.name)
                continue;
            while (row < dc_catalog_count && dc_catalog[row].name != item.name)
                row++;
            for (int q = 0; row >= dc_catalog_count && q < dc_layers_count; q++)
                if (dc_layers[q].name == item.name)
                    row = dc_catalog_count + q;
            assert_in_range(row, 0, dc_catalog_count + dc_layers_count - 1);
            seen[row][item.c.p.dtype == DC_F32]++;
            last = (int)k;
        }
        for (int row = 0; row < dc_catalog_count + dc_layers_count; row++)
            for (int d = 0; d < 2; d++)
                assert_true(seen[row][d] >= (row < dc_catalog_count
                                                 ? rows[r].catalog
                                                 : rows[r].layers));
        assert_true(last < count - 200); /* the random block follows */
    }
}

/* ==== How often ========================================================= */

/* What a problem is, as far as frequencies are promised. */
typedef struct {
    int ones, gaps, dense, over, grouped, batch, channels, unequal, twin;
    int empty, no_output, negative, dilated_op, unbatched, bias;
} traits;

static traits traits_of(const dc_problem *p)
{
    traits t = {.ones = 1, .dense = 1, .unequal = 1, .twin = 1};

    for (int a = 0; a < p->rank; a++) {
        const int64_t reach = p->d[a] * (p->k[a] - 1);

        t.ones &= p->k[a] == 1;
        t.gaps |= p->k[a] < p->s[a];
        t.dense &= p->s[a] == 1;
        t.over |= p->pb[a] > reach || p->pe[a] > reach;
        t.empty |= p->i[a] == 0;
        t.no_output |= p->o[a] == 0;
        t.negative |= p->pb[a] < 0 || p->pe[a] < 0;
        t.dilated_op |= p->op[a] >= p->s[a] && p->op[a] > 0;
        if (a == 0)
            continue;
        t.unequal &= p->i[a] != p->i[a - 1];
        t.twin &= p->i[a] == p->i[a - 1] && p->k[a] == p->k[a - 1] &&
                  p->s[a] == p->s[a - 1] && p->d[a] == p->d[a - 1] &&
                  p->pb[a] == p->pb[a - 1] && p->pe[a] == p->pe[a - 1] &&
                  p->op[a] == p->op[a - 1];
    }
    t.grouped = p->g > 1 && !t.dense;
    t.batch = p->n >= 2;
    t.channels = p->ci != p->co;
    t.empty |= p->n == 0 || p->ci == 0 || p->co == 0;
    t.unbatched = p->unbatched;
    t.bias = p->has_bias;
    return t;
}

/* The random block of ci, of more than one axis where axes are compared. */
static void shapes_come_as_often_as_they_must(void **state)
{
    static const struct {
        const char *name;
        size_t at;
        int axes;        /* of problems with at least so many */
        int least, most; /* in thousandths */
    } rows[] = {
#define AT(f) #f, offsetof(traits, f)
        {AT(ones), 1, 160, 350},       /* k = 1: 1 in 6 */
        {AT(gaps), 1, 250, 750},       /* k < s: 1 in 4 */
        {AT(dense), 1, 90, 250},       /* s = 1 on all axes: 1 in 10 */
        {AT(over), 1, 160, 300},       /* a pad beyond d(k-1): 1 in 5 */
        {AT(grouped), 1, 230, 450},    /* g > 1 with a stride: 1 in 4 */
        {AT(batch), 1, 650, 900},      /* n >= 2: mostly */
        {AT(channels), 1, 650, 950},   /* ci != co: mostly */
        {AT(unequal), 2, 650, 950},    /* unequal axes: mostly */
        {AT(twin), 2, 50, 250},        /* square twins, on purpose */
        {AT(empty), 1, 8, 60},         /* zero-size */
        {AT(no_output), 1, 10, 100},   /* ... also o = 0 */
        {AT(negative), 1, 20, 100},    /* negative pads */
        {AT(dilated_op), 1, 100, 350}, /* s <= op < d */
        {AT(unbatched), 1, 50, 150},   {AT(bias), 1, 400, 600},
#undef AT
    };
    enum { ROWS = sizeof rows / sizeof *rows };
    const dc_sweep sweep = sweep_of(DC_CI, 2);
    const int64_t count = dc_sweep_count(&sweep);
    int64_t hits[ROWS] = {0};
    int64_t of[4] = {0}; /* problems with at least so many axes */

    for (int64_t k = 0; k < count; k++) {
        dc_item item;
        traits t;

        dc_sweep_case(&sweep, k, &item);
        if (item.name)
            continue;
        t = traits_of(&item.c.p);
        for (int axes = 1; axes <= item.c.p.rank; axes++)
            of[axes]++;
        for (int r = 0; r < ROWS; r++)
            hits[r] +=
                item.c.p.rank >= rows[r].axes &&
                *(const int *)(const void *)((const char *)&t + rows[r].at);
    }
    assert_true(of[1] >= 3500 && of[2] > of[1] / 2 && of[3] > of[1] / 8);
    for (int r = 0; r < ROWS; r++) {
        const int64_t share = 1000 * hits[r] / of[rows[r].axes];

        if (share < rows[r].least || share > rows[r].most)
            fail_msg("%s: %lld in a thousand", rows[r].name, (long long)share);
    }
    (void)state;
}

/* Channels of a group about the widths of vector registers, on both sides. */
static void channels_climb_the_ladder(void **state)
{
    static const int64_t ladder[] = {1,  2,  3,  4,  5,  7,  8,  9, 15,
                                     16, 17, 23, 24, 25, 31, 32, 33};
    const dc_sweep sweep = sweep_of(DC_CI, 2);
    const int64_t count = dc_sweep_count(&sweep);
    int seen[2][34] = {{0}};

    (void)state;
    for (int64_t k = 0; k < count; k++) {
        dc_item item;

        dc_sweep_case(&sweep, k, &item);
        const int64_t ci = item.c.p.ci / item.c.p.g;
        const int64_t co = item.c.p.co / item.c.p.g;
        if (item.name)
            continue;
        seen[0][ci < 34 ? ci : 0]++;
        seen[1][co < 34 ? co : 0]++;
    }
    for (int side = 0; side < 2; side++)
        for (size_t k = 0; k < sizeof ladder / sizeof *ladder; k++)
            if (seen[side][ladder[k]] < 5)
                fail_msg("%s/g = %d comes %d times", side ? "co" : "ci",
                         (int)ladder[k], seen[side][ladder[k]]);
}

/* Every family, type and rank meets every other; another seed is another
 * sweep, and its cases have seeds of their own. */
static void everything_meets_everything(void **state)
{
    dc_sweep sweep = sweep_of(DC_CI, 4);
    dc_sweep other = sweep;
    const int64_t count = dc_sweep_count(&sweep);
    int met[DC_FAMILIES][DC_FORMATS][4] = {{{0}}};
    int differ = 0;
    int random = 0;

    (void)state;
    other.seed = 2;
    for (int64_t k = 0; k < count; k++) {
        dc_item item;
        dc_item twin;

        dc_sweep_case(&sweep, k, &item);
        met[item.c.family][item.c.p.dtype][item.c.p.rank]++;
        if (item.name)
            continue;
        dc_sweep_case(&other, k, &twin);
        random++;
        differ += !same_case(&item.c, &twin.c);
    }
    for (int f = 0; f < DC_FAMILIES; f++)
        for (int d = 0; d < DC_FORMATS; d++)
            for (int rank = 1; rank <= 3; rank++)
                if (met[f][d][rank] < 3)
                    fail_msg("%s %s rank %d comes %d times", dc_family_names[f],
                             dc_formats[d].name, rank, met[f][d][rank]);
    assert_true(differ > random * 99 / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiers_have_their_sizes),
        cmocka_unit_test(every_case_is_legal_and_reproducible),
        cmocka_unit_test(every_named_case_comes),
        cmocka_unit_test(shapes_come_as_often_as_they_must),
        cmocka_unit_test(channels_climb_the_ladder),
        cmocka_unit_test(everything_meets_everything),
        cmocka_unit_test(large_ones_are_narrow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

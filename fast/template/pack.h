/* SPDX-License-Identifier: MIT
 *
 * The weights of forward and grad_input, packed into the panels of a plan's
 * products in the order of use.  A template over REAL.
 */

/* Where the rows and the entries of a product stand in w. */
static void find_weights(const dc_fast_plan *p, const product *r,
                         int64_t channels, int64_t *rows, int64_t *entries)
{
    int64_t phases[DC_FAST_AXES];
    int64_t count[DC_FAST_AXES];
    dc_fast_index e = {{0}};

    for (int a = 0; a < DC_FAST_AXES; a++) {
        phases[a] = r->set[a]->phases;
        count[a] = r->group[a]->entries;
    }
    for (int64_t c = 0; c < channels; c++)
        do {
            *rows = c * p->w_out;
            for (int a = 0; a < DC_FAST_AXES; a++)
                *rows += p->axis[a].phase[r->set[a]->phase + e.at[a]].tap *
                         p->axis[a].tap_pitch;
            rows++;
        } while (dc_fast_next(&e, phases));
    do {
        *entries = 0;
        for (int a = 0; a < DC_FAST_AXES; a++)
            *entries += p->axis[a].entry[r->group[a]->entry + e.at[a]].tap *
                        p->axis[a].tap_pitch;
        entries++;
    } while (dc_fast_next(&e, count));
}

/* A product's weights in the making: a[panel][input channel][entry][row]. */
typedef struct packing {
    REAL *a;
    const int64_t *row; /* where rows and entries stand in w */
    const int64_t *entry;
    int64_t rows;
    int64_t entries;
    int64_t high;
    int ready; /* w holds the entries of its input channels in this order */
} packing;

/* All products of a part; `table` receives where their weights stand. */
static int64_t find_products(const correlation *j, dc_fast_index part,
                             int64_t channels, packing *list, int64_t *table)
{
    const dc_fast_plan *const p = j->plan;
    int64_t groups[DC_FAST_AXES];
    dc_fast_index group = {{0}};
    int64_t count = 0;

    count_groups(p, part, groups);
    do {
        const product r = product_of(p, part, group);
        packing *const f = &list[count++];

        f->rows = channels * r.phases;
        f->entries = r.entries;
        f->high = tile_rows(j->does, f->rows);
        f->row = table;
        f->entry = table + f->rows;
        f->ready = r.phases == 1 && r.entries == p->w_in;
        find_weights(p, &r, channels, table, table + f->rows);
        for (int64_t e = 0; e < r.entries; e++)
            f->ready = f->ready && f->entry[e] == e;
        table += f->rows + r.entries;
    } while (dc_fast_next(&group, groups));
    return count;
}

/* to[i] = from[row[i]], rows often in runs of neighbours. */
static void copy_rows(REAL *to, const REAL *from, const int64_t *row,
                      int64_t rows)
{
    enum { FEW = 4 };

    for (int64_t i = 0; i < rows;)
        if (i + FEW <= rows && row[i + FEW - 1] - row[i] == FEW - 1) {
            memcpy(to + i, from + row[i], FEW * sizeof *to);
            i += FEW;
        } else {
            to[i] = from[row[i]];
            i++;
        }
}

/* Rows n and on of a product, one panel, of input channel c, which begins at
 * w; `turned` holds [tap][row] of that panel, or is NULL. */
static void pack_panel(const correlation *j, const packing *f, int64_t n,
                       int64_t c, int64_t inputs, const REAL *w,
                       const REAL *turned)
{
    const dc_fast_plan *const p = j->plan;
    const int64_t some = dc_fast_min(f->high, f->rows - n);
    const int64_t *const row = f->row + n;
    const int64_t left = inputs - c - 1; /* channels to come */
    REAL *const to = f->a + (n * inputs + c * some) * f->entries;

    /* whole vectors reach into the next channels */
    if (turned && left * some * f->entries >= SPARE)
        j->does->deal(to, some, turned + (row[0] - n * p->w_out) * PANEL, PANEL,
                      f->entry, f->entries);
    else if (row[some - 1] - row[0] == some - 1 &&
             left * some * f->entries >= SPARE && left * p->w_in >= PANEL)
        j->does->deal(to, some, w + row[0], 1, f->entry, f->entries);
    else
        for (int64_t e = 0; e < f->entries; e++)
            copy_rows(to + e * some, w + f->entry[e], row, some);
}

/* Taps that are turned at once, at most. */
enum { TAPS = 64 };

/* Are the rows of all products the channels themselves, most taps in use? */
static int are_channels(const correlation *j, const packing *list,
                        int64_t count, int64_t taps)
{
    int64_t used = 0;
    int same = taps > 1 && taps <= TAPS;

    for (int64_t n = 0; n < count; n++) {
        same &= list[n].rows == list[0].rows &&
                list[n].row[list[n].rows - 1] - list[n].row[0] ==
                    (list[n].rows - 1) * j->plan->w_out;
        used += list[n].entries;
    }
    return same && 2 * used >= taps;
}

/* All weights of a chunk of input channels, which begin at w, to a and on;
 * returns where they end. */
static REAL *pack_chunk(const correlation *j, packing *list, int64_t count,
                        int64_t inputs, const REAL *w, REAL *a)
{
    /* few panels are written at a time, and input channels, which lie far
     * apart in w, are read piece by piece: both spare the TLB */
    enum { PANELS = 32 };
    const dc_fast_plan *const p = j->plan;
    const REAL *const end = j->w + p->g * p->w_group;
    const int64_t taps = dc_fast_min(p->w_in, p->w_out);
    const packing *const f = list;
    const int turn = !f->ready && are_channels(j, list, count, taps);
    int64_t longest = 0;

    for (int64_t n = 0; n < count; n++) {
        list[n].a = a;
        a += list[n].rows * list[n].entries * inputs;
    }
    for (int64_t n = 0; f->ready && n < f->rows; n += f->high) {
        const int64_t some = dc_fast_min(f->high, f->rows - n);

        j->does->transpose(f->a + n * inputs * f->entries, some, w + f->row[n],
                           p->w_out, some, inputs * f->entries, end);
    }
    for (int64_t n = 0; !f->ready && n < count; n++)
        longest =
            dc_fast_max(longest, dc_fast_ceil(list[n].rows, list[n].high));
    for (int64_t first = 0; first < longest; first += PANELS)
        for (int64_t c = 0; c < inputs; c++) {
            const int64_t last = dc_fast_min(first + PANELS, longest);
            const REAL *const from = w + c * p->w_in;

            for (int64_t panel = first; panel < last; panel++) {
                REAL turned[TAPS * PANEL + SPARE];
                const int64_t at = panel * f->high;

                if (turn)
                    j->does->transpose(
                        turned, PANEL, from + at * p->w_out, p->w_out,
                        dc_fast_min(f->high, f->rows - at), taps, end);
                for (int64_t n = 0; n < count; n++)
                    if (panel * list[n].high < list[n].rows)
                        pack_panel(j, &list[n], panel * list[n].high, c, inputs,
                                   from, turn ? turned : NULL);
            }
        }
    return a;
}

/* Task: the weights of one group and block, in the order of use. */
static void pack_task(const void *argument, int64_t index, void *room)
{
    const correlation *const j = argument;
    const dc_fast_plan *const p = j->plan;
    const int64_t g = index / j->blocks;
    const int64_t block = index % j->blocks;
    const REAL *const w = j->w + g * p->w_group + block * p->block * p->w_out;
    REAL *a = j->a + index * j->a_block;
    packing *const list = room;
    int64_t *const table = (void *)(list + j->products);
    int64_t parts[DC_FAST_AXES];
    dc_fast_index part = {{0}};

    count_parts(p, parts);
    do {
        const int64_t count =
            find_products(j, part, block_channels(p, block), list, table);

        for (int64_t c = 0; c < p->in_channels; c += p->chunk) {
            const int64_t inputs = dc_fast_min(p->chunk, p->in_channels - c);

            a = pack_chunk(j, list, count, inputs, w + c * p->w_in, a);
        }
    } while (dc_fast_next(&part, parts));
}

/* SPDX-License-Identifier: MIT
 *
 * Which elements of x, w and y meet?  Found once per call, from the geometry
 * alone: axis by axis, with the mutant's mistakes.
 */
#include "oracle/mutants/mutant_links.h"

#include <stdlib.h>

const int dc_links_slot[DC_OPS] = {IN_Y, IN_X, IN_W, IN_Y};

int64_t dc_links_apply(dc_axis_rule *rule, const dc_problem *p, int a,
                       int64_t right)
{
    return rule ? rule(p, a) : right;
}

/* Output position of input j and tap t on axis a, or -1 outside. */
static int64_t meet(const dc_work *k, int a, int64_t j, int64_t t)
{
    const dc_problem *const p = k->p;
    const int64_t s = dc_links_apply(k->m->s, p, a, p->s[a]);
    const int64_t d = dc_links_apply(k->m->d, p, a, p->d[a]);
    const int64_t pb = dc_links_apply(k->m->pb, p, a, p->pb[a]);
    const int64_t end = dc_links_apply(k->m->ends, p, a, p->o[a]);
    int64_t o = j * s - pb + t * d;

    if (k->m->find & DC_PHASE_BY_TAP)
        o = j * s - pb + t * d / s * s + t % s;
    if (k->m->find & DC_CONVOLUTION) {
        o = j + pb - t * d;
        if (o % s != 0)
            return -1;
        o /= s;
    }
    return o < end ? o : -1;
}

/* Elements of a row: the extent of axis a, or mistaken that of h for w. */
static int64_t pitch(const dc_work *k, int mistake, const int64_t *extent,
                     int a)
{
    const int other = k->m->find & mistake && a > 0 && a == k->p->rank - 1;

    return extent[a - other];
}

/* Appends the links of axis a to every link of the axes before it. */
static dc_status link_axis(dc_work *k, int a)
{
    const dc_problem *const p = k->p;
    const int64_t taps = dc_links_apply(k->m->taps, p, a, p->k[a]);
    const int64_t most = p->i[a] * taps;
    dc_link *const own =
        most > DC_LINKS_MOST ? NULL : calloc((size_t)most + 1, sizeof *own);
    dc_link *all = NULL;
    int64_t count = 0;

    for (int64_t j = 0; own && j < p->i[a]; j++)
        for (int64_t t = 0; t < taps; t++) {
            const int64_t o = meet(k, a, j, t);
            const int back = dc_links_apply(k->m->mirror, p, a, 0) != 0;

            if (o < 0)
                continue;
            own[count].at[IN_X] = j;
            own[count].at[IN_W] = (back ? p->k[a] - 1 - t : t) * k->tap[a];
            own[count++].at[IN_Y] = o;
        }
    const int64_t total = k->link_count * count;
    const int64_t row_of_x = pitch(k, DC_X_PITCH, p->i, a);
    const int64_t row_of_y = pitch(k, DC_Y_PITCH, p->o, a);

    if (own && total <= DC_LINKS_MOST)
        all = calloc((size_t)total + 1, sizeof *all);
    for (int64_t e = 0; all && e < total; e++) {
        const dc_link *const u = &k->links[e / count];
        const dc_link *const v = &own[e % count];

        all[e].at[IN_X] = u->at[IN_X] * row_of_x + v->at[IN_X];
        all[e].at[IN_W] = u->at[IN_W] + v->at[IN_W];
        all[e].at[IN_Y] = u->at[IN_Y] * row_of_y + v->at[IN_Y];
    }
    free(own);
    if (!all)
        return DC_NOMEM;
    free(k->links);
    k->links = all;
    k->link_count = total;
    return DC_OK;
}

/* All links, and how many of them land where. */
dc_status dc_links_find(dc_work *k)
{
    const dc_problem *const p = k->p;
    const int slot = dc_links_slot[k->op];
    /* the taps of [co/g][k..][ci] lie ci apart */
    const int64_t places =
        k->plane[slot] *
        (slot == IN_W && k->m->find & DC_W_IN_LAST ? p->ci : 1);
    dc_status status = DC_OK;

    k->links = calloc(1, sizeof *k->links);
    k->link_count = 1;
    if (!k->links)
        return DC_NOMEM;
    for (int a = 0; a < p->rank && status == DC_OK; a++)
        status = link_axis(k, a);
    k->landed = calloc((size_t)places + 1, sizeof *k->landed);
    if (status != DC_OK || !k->landed)
        return DC_NOMEM;
    for (int64_t e = 0; e < k->link_count; e++) {
        /* a mistaken pitch may leave the plane: come in again */
        k->links[e].at[IN_X] %= k->plane[IN_X];
        k->links[e].at[IN_Y] %= k->plane[IN_Y];
        k->landed[k->links[e].at[slot]]++;
    }
    return DC_OK;
}

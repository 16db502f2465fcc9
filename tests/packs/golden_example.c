/* SPDX-License-Identifier: MIT
 * A device without files checks its forward: deconform vectors PACK --format c
 * --dtype f32 && cc -IPACK tests/packs/golden_example.c && ./a.out */
#include <stdio.h>
#include "deconform_pack.h"

/* The implementation under test: here each product goes to where it lands. */
static void forward(const deconform_golden *c, void *room)
{
    const float *x = c->x, *w = c->w, *b = c->b;
    float *y = room;
    const int64_t I = deconform_volume(c->i), O = deconform_volume(c->o);
    const int64_t F = c->co / c->g * deconform_volume(c->k);
    for (int64_t e = 0; e < c->n * c->co * O; e++)
        y[e] = b ? b[e / O % c->co] : 0;
    for (int64_t e = 0; e < c->n * c->ci * I; e++)
        for (int64_t f = 0; f < F; f++) {
            const int64_t at = deconform_lands(c, e, f);
            if (at >= 0)
                y[at] += x[e] * w[e / I % c->ci * F + f];
        }
}

int main(void)
{
    static float y[1 << 20];
    int cases, wrong = deconform_check(1, forward, y, sizeof y, &cases);
    printf("%d cases, %d wrong\n", cases, wrong);
    return wrong != 0;
}

/* SPDX-License-Identifier: MIT
 *
 * A device without a file system checks its forward against a golden pack:
 *   deconform vectors PACK --format c --dtype f32
 *   cc -IPACK tests/golden_example.c && ./a.out
 */
#include <stdio.h>
#include <string.h>

#include "deconform_pack.h"

/* The implementation under test: here a plain scatter. */
static void forward(const deconform_golden *c, float *y)
{
    const int64_t I = c->i[0] * c->i[1] * c->i[2],
                  K = c->k[0] * c->k[1] * c->k[2];
    const int64_t O = c->o[0] * c->o[1] * c->o[2], G = c->co / c->g;
    const float *x = c->x, *w = c->w, *b = c->b;
    for (int64_t e = 0; e < c->n * c->co * O; e++)
        y[e] = b ? b[e / O % c->co] : 0;
    for (int64_t e = 0; e < c->n * c->ci * I; e++)
        for (int64_t f = 0; f < G * K; f++) {
            const int64_t ci = e / I % c->ci,
                          co = ci / (c->ci / c->g) * G + f / K;
            int64_t at = (e / I / c->ci * c->co + co) * O, j = e % I, t = f % K;
            int64_t inside = 1, step = 1;
            for (int a = 2; a >= 0; j /= c->i[a], t /= c->k[a], a--) {
                const int64_t o =
                    j % c->i[a] * c->s[a] - c->pb[a] + t % c->k[a] * c->d[a];
                inside &= o >= 0 && o < c->o[a];
                at += o * step, step *= c->o[a];
            }
            if (inside)
                y[at] += x[e] * w[ci * G * K + f];
        }
}

int main(void)
{
    static float y[1 << 20];
    int cases = 0, wrong = 0;
    for (int k = 0; k < DECONFORM_PACK; k++) {
        const deconform_golden *c = deconform_pack[k];
        const int64_t count = c->n * c->co * c->o[0] * c->o[1] * c->o[2];
        if (c->dtype != 1 || !c->exact || count > 1 << 20)
            continue;
        forward(c, y);
        for (int64_t e = 0; e < count; e++)
            if (y[e] != ((const float *)c->y)[e] && ++wrong)
                break;
        cases++;
    }
    printf("%d cases, %d wrong\n", cases, wrong);
    return wrong != 0;
}

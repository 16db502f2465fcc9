/* SPDX-License-Identifier: MIT
 *
 * Problems of every rank as problems of rank 3, for plug-ins without the
 * suite's own code.
 */
#ifndef LIFTED_H
#define LIFTED_H

#include "ref/deconform.h"

/* Refuses illegal problems, and fields that are larger than `most`. */
static inline dc_status legal(const dc_problem *p, int64_t most)
{
    if (dc_validate(p) != DC_OK)
        return DC_INVALID;
    if (p->n > most || p->ci > most || p->co > most)
        return DC_UNSUPPORTED;
    for (int a = 0; a < p->rank; a++)
        if (p->i[a] > most || p->k[a] > most || p->s[a] > most ||
            p->d[a] > most || p->pb[a] > most || p->pb[a] < -most ||
            p->pe[a] > most || p->pe[a] < -most)
            return DC_UNSUPPORTED;
    return DC_OK;
}

/* The same problem with unit axes in front. */
static inline dc_problem lifted(const dc_problem *p)
{
    dc_problem q = *p;

    q.rank = 3;
    for (int a = 0; a < 3; a++) {
        const int from = a - (3 - p->rank);
        q.i[a] = from < 0 ? 1 : p->i[from];
        q.k[a] = from < 0 ? 1 : p->k[from];
        q.s[a] = from < 0 ? 1 : p->s[from];
        q.d[a] = from < 0 ? 1 : p->d[from];
        q.pb[a] = from < 0 ? 0 : p->pb[from];
        q.pe[a] = from < 0 ? 0 : p->pe[from];
        q.op[a] = from < 0 ? 0 : p->op[from];
        q.o[a] = from < 0 ? 1 : p->o[from];
    }
    return q;
}

static inline int64_t volume(const int64_t e[3])
{
    return e[0] * e[1] * e[2];
}

#endif

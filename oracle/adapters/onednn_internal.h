/* SPDX-License-Identifier: MIT
 *
 * Describes our tensors to oneDNN: x, w, b and y in the layout of the contract,
 * and as the primitive shall have them.  Only onednn.c includes it.
 */
#ifndef DC_ONEDNN_INTERNAL_H
#define DC_ONEDNN_INTERNAL_H

#include <stdint.h>

#include <dnnl.h>

#include "ref/deconform.h"

#ifdef DC_ONEDNN_PLAIN
enum { DC_ONEDNN_ANY = 0 };
#else
enum { DC_ONEDNN_ANY = 1 };
#endif

/* The tensors of a deconvolution, each together with its gradient, and the
 * primitive's scratch memory. */
typedef enum { SRC, WEI, BIA, DST, TMP, ROLES } dc_onednn_role;

/* One call: everything that has to be released after it. */
typedef struct {
    dnnl_memory_desc_t ours[ROLES];   /* in the layout of the contract */
    dnnl_memory_desc_t wanted[ROLES]; /* as the primitive shall have them */
    dnnl_dims_t s, d, pb, pe;         /* the library's: d - 1, pe - op */
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_primitive_attr_t attr;
    dnnl_primitive_desc_t hint, desc;
    dnnl_primitive_t primitive;
    dnnl_memory_t outer[ROLES]; /* the caller's tensors */
    dnnl_memory_t inner[ROLES]; /* the same in the primitive's layout */
} dc_onednn_call;

static inline dc_status failed(dnnl_status_t status)
{
    if (status == dnnl_success)
        return DC_OK;
    return status == dnnl_out_of_memory ? DC_NOMEM : DC_FAILED;
}

/* While a primitive is described, "unimplemented" and "invalid arguments" mean
 * that the library does not offer it; later they would mean that it failed. */
static inline dc_status refused(dnnl_status_t status)
{
    if (status == dnnl_unimplemented || status == dnnl_invalid_arguments)
        return DC_UNSUPPORTED;
    return failed(status);
}

/* Fills strides[from..to) for dense C order; `last` is the stride of axis to-1.
 * Returns the stride of the axis before `from`. */
static inline int64_t dense(int64_t last, int from, int to,
                            const dnnl_dims_t dims, dnnl_dims_t strides)
{
    for (int a = to - 1; a >= from; a--) {
        strides[a] = last;
        last *= dims[a] > 0 ? dims[a] : 1;
    }
    return last;
}

/* Describes one tensor in our layout and as the primitive shall have it. */
static inline dc_status describe(dc_onednn_call *c, dc_onednn_role role,
                                 int ndims, const dnnl_dims_t dims,
                                 const dnnl_dims_t strides, int dtype)
{
    const dnnl_data_type_t type = dtype == DC_BF16 ? dnnl_bf16 : dnnl_f32;
    const dc_status status = refused(dnnl_memory_desc_init_by_strides(
        &c->ours[role], ndims, dims, type, strides));

    if (status || !DC_ONEDNN_ANY || role == BIA) {
        c->wanted[role] = c->ours[role];
        return status;
    }
    return refused(dnnl_memory_desc_init_by_tag(&c->wanted[role], ndims, dims,
                                                type, dnnl_format_tag_any));
}

/* x [n,ci,i..] or y [n,co,o..]; extent: of their spatial axes. */
static inline dc_status describe_data(dc_onednn_call *c, const dc_problem *p,
                                      dc_onednn_role role, int64_t channels,
                                      const int64_t *extent)
{
    dnnl_dims_t dims = {p->n, channels};
    dnnl_dims_t strides;

    for (int a = 0; a < p->rank; a++)
        dims[2 + a] = extent[a];
    dense(1, 0, 2 + p->rank, dims, strides);
    return describe(c, role, 2 + p->rank, dims, strides, p->dtype);
}

/* w [ci,co/g,k..].  The library's logical order is ([g,] co/g, ci/g, k..); the
 * strides express that ours has the two channel axes in the other order. */
static inline dc_status describe_weight(dc_onednn_call *c, const dc_problem *p)
{
    const int at = p->g > 1; /* the axis of co/g */
    const int ndims = at + 2 + p->rank;
    dnnl_dims_t dims = {p->g};
    dnnl_dims_t strides;

    dims[at] = p->co / p->g;
    dims[at + 1] = p->ci / p->g;
    for (int a = 0; a < p->rank; a++)
        dims[at + 2 + a] = p->k[a];
    const int64_t taps = dense(1, at + 2, ndims, dims, strides);
    const int64_t row = dense(taps, at, at + 1, dims, strides);
    const int64_t group = dense(row, at + 1, at + 2, dims, strides);
    dense(group, 0, at, dims, strides);
    return describe(c, WEI, ndims, dims, strides, p->dtype);
}

static inline dc_status describe_all(dc_onednn_call *c, const dc_problem *p)
{
    const dnnl_dims_t channels = {p->co};
    const dnnl_dims_t one = {1};
    dc_status status = describe_data(c, p, SRC, p->ci, p->i);

    for (int a = 0; a < p->rank; a++) {
        c->s[a] = p->s[a];
        c->d[a] = p->d[a] - 1;
        c->pb[a] = p->pb[a];
        c->pe[a] = p->pe[a] - p->op[a];
    }
    if (!status)
        status = describe_data(c, p, DST, p->co, p->o);
    if (!status)
        status = describe_weight(c, p);
    if (!status)
        status = describe(c, BIA, 1, channels, one, p->dtype);
    return status;
}

#endif

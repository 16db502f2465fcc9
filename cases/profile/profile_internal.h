/* SPDX-License-Identifier: MIT
 *
 * What do the profiles share?  Lists spread over the axes, the checks that
 * every framework makes in the same words, and the way back from a problem to
 * a call.  Only profile*.c include this file.
 */
#ifndef DC_PROFILE_INTERNAL_H
#define DC_PROFILE_INTERNAL_H

#include "cases/profile/profile.h"

/* Spreads a list over the axes: `otherwise` when not given, one number for
 * all, or one per axis; any other length is refused under `name`. */
dc_status dc_profile_spread(const dc_list *list, int rank, int64_t otherwise,
                            const char *name, int64_t *out, dc_error *e);

/* Turns everything but padding words and output sizes into p: rank, lists,
 * groups and divisibility, the input's shape (batched: rank+2 axes;
 * unbatched, where the framework takes it: rank+1).  p is not complete yet:
 * the pads are those that were given, o is unknown. */
dc_status dc_profile_common(const dc_user_layer *u, int takes_unbatched,
                            dc_problem *p, dc_error *e);

/* Completes p and refuses an output without positions, as frameworks do. */
dc_status dc_profile_finish(dc_problem *p, dc_error *e);

/* How a framework whose layer is a class ConvTranspose1d..3d writes a call. */
typedef struct {
    const char *package; /* "torch.nn" */
    const char *title;   /* "PyTorch" */
    dc_status (*resolve)(const dc_user_layer *u, dc_problem *p, dc_error *e);
} dc_profile_class;

/* Writes p as a call of that class.  What the framework can say is what its
 * resolver accepts: p goes back through it, and its refusal is the reason. */
dc_status dc_profile_call(const dc_profile_class *c, const dc_problem *p,
                          char *text, size_t size, dc_error *e);

/* The profiles themselves; the table is in profile.c. */
dc_status dc_profile_pytorch_resolve(const dc_user_layer *u, dc_problem *p,
                                     dc_error *e);
dc_status dc_profile_pytorch_express(const dc_problem *p, char *text,
                                     size_t size, dc_error *e);
dc_status dc_profile_lucid_resolve(const dc_user_layer *u, dc_problem *p,
                                   dc_error *e);
dc_status dc_profile_lucid_express(const dc_problem *p, char *text, size_t size,
                                   dc_error *e);
dc_status dc_profile_onnx_resolve(const dc_user_layer *u, dc_problem *p,
                                  dc_error *e);
dc_status dc_profile_onnx_express(const dc_problem *p, char *text, size_t size,
                                  dc_error *e);

#endif

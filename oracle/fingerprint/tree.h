/* SPDX-License-Identifier: MIT
 *
 * Which shape has a summation tree, if the size of the smallest subtree that
 * contains both leaves is known for every pair of leaves?
 */
#ifndef DC_TREE_H
#define DC_TREE_H

#include <stddef.h>

enum { DC_TREE_LEAVES_MAX = 64 };

/* size[i * m + j], i < j < m: number of leaves of the smallest subtree that
 * contains leaves i and j; m is at most DC_TREE_LEAVES_MAX.  Writes the class
 * of the tree: "serial", "serial from the last", "pairwise", "4 interleaved
 * lanes, each ...", "blocks of 8, each ...", or "another tree" with its shape
 * in brackets, cut to fit. */
void dc_tree_describe(const int *size, int m, char *text, size_t text_size);

#endif

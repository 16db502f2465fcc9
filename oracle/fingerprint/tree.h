/* SPDX-License-Identifier: MIT
 *
 * What shape has a summation tree, when for every pair of leaves the size of
 * the smallest subtree that holds both is known?
 */
#ifndef DC_TREE_H
#define DC_TREE_H

#include <stddef.h>

/* size[i * m + j] for i < j: leaves of the smallest subtree with i and j.
 * Writes the class: "serial", "serial from the last", "4 interleaved lanes,
 * then pairwise", "blocks of 8, ...", "pairwise", or "another tree" with its
 * shape in brackets where that fits. */
void dc_tree_describe(const int *size, int m, char *text, size_t room);

#endif

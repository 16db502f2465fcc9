/* SPDX-License-Identifier: MIT
 *
 * Classes of summation trees.  A class predicts the size of the smallest
 * subtree for every pair of leaves; a tree belongs to the class whose
 * predictions all hold.  The method is that of FPRev (Xie et al., 2024).
 */
#include "oracle/fingerprint/tree.h"

#include <stdbool.h>
#include <stdio.h>

/* How partial sums (or leaves) 0..count-1 are joined. */
typedef enum { SERIAL, REVERSED, HALVES, NEIGHBOURS, JOINS } join;

static const char *const join_names[JOINS] = {"serial", "serial from the last",
                                              "pairwise by halves", "pairwise"};

static int max(int a, int b)
{
    return a > b ? a : b;
}

static int min(int a, int b)
{
    return a < b ? a : b;
}

/* Number of the `count` members in the smallest subtree that contains members
 * a and b, a != b. */
static int subtree_size(join how, int a, int b, int count)
{
    int width = 1;

    switch (how) {
    case SERIAL:
        return max(a, b) + 1;
    case REVERSED:
        return count - min(a, b);
    case NEIGHBOURS:
        while (a / width != b / width)
            width *= 2;
        return min(width, count - a / width * width);
    default: /* HALVES: a is added to a + count/2, then to a + count/4 ... */
        while (a % (count / width) != b % (count / width))
            width *= 2;
        return width;
    }
}

/* How the leaves are distributed to partial sums. */
typedef struct {
    bool interleaved; /* part of leaf i: i mod parts; otherwise, parts are
                         blocks of neighbours */
    int parts;
    join inner; /* within a part */
    join outer; /* of the parts */
} shape;

static int predict(const shape *s, int i, int j, int m)
{
    const int length = m / s->parts; /* leaves of a part */
    const int pi = s->interleaved ? i % s->parts : i / length;
    const int pj = s->interleaved ? j % s->parts : j / length;
    const int ii = s->interleaved ? i / s->parts : i % length;
    const int jj = s->interleaved ? j / s->parts : j % length;

    if (pi == pj)
        return subtree_size(s->inner, ii, jj, length);
    return subtree_size(s->outer, pi, pj, s->parts) * length;
}

static bool fits(const shape *s, const int *size, int m)
{
    for (int i = 0; i < m; i++)
        for (int j = i + 1; j < m; j++)
            if (size[i * m + j] != predict(s, i, j, m))
                return false;
    return true;
}

static void print_shape(const shape *s, int m, char *text, size_t size)
{
    if (s->parts == 1)
        snprintf(text, size, "%s", join_names[s->inner]);
    else if (s->interleaved)
        snprintf(text, size, "%d interleaved lanes, each %s; lanes joined %s",
                 s->parts, join_names[s->inner], join_names[s->outer]);
    else
        snprintf(text, size, "blocks of %d, each %s; blocks joined %s",
                 m / s->parts, join_names[s->inner], join_names[s->outer]);
}

/* Does the smallest subtree with leaves a and b have at least n leaves? */
static bool spans(const int *size, int m, int a, int b, int n)
{
    return a != b && size[min(a, b) * m + max(a, b)] >= n;
}

/* Prints the subtree with these leaves in brackets.  Its two children are the
 * leaves that meet leaves[0] below this node, and the others.  Returns the
 * length of the full text, as snprintf does. */
static int print_brackets(const int *size, int m, const int *leaves, int count,
                          char *text, int text_size)
{
    int child[2][DC_TREE_LEAVES_MAX];
    int n[2] = {0, 0};
    int at;

    if (count == 1)
        return snprintf(text, (size_t)text_size, "%d", leaves[0]);
    for (int k = 0; k < count; k++) {
        const bool other = spans(size, m, leaves[0], leaves[k], count);

        child[other][n[other]++] = leaves[k];
    }
    if (n[0] == count || text_size < 8)
        return snprintf(text, (size_t)text_size, "..");
    at = snprintf(text, (size_t)text_size, "(");
    for (int k = 0; k < 2 && at < text_size; k++) {
        at +=
            print_brackets(size, m, child[k], n[k], text + at, text_size - at);
        if (at < text_size)
            at += snprintf(text + at, (size_t)(text_size - at), "%s",
                           k ? ")" : " ");
    }
    return at;
}

void dc_tree_describe(const int *size, int m, char *text, size_t text_size)
{
    int leaves[DC_TREE_LEAVES_MAX];
    char brackets[400];

    for (int parts = 1; parts <= m / 2; parts *= 2)
        for (int k = 0; k < 2 * JOINS * JOINS && m % parts == 0; k++) {
            const shape s = {k / (JOINS * JOINS), parts,
                             (join)(k / JOINS % JOINS), (join)(k % JOINS)};

            if (fits(&s, size, m)) {
                print_shape(&s, m, text, text_size);
                return;
            }
        }
    for (int k = 0; k < m; k++)
        leaves[k] = k;
    print_brackets(size, m, leaves, m, brackets, (int)sizeof brackets);
    snprintf(text, text_size, "another tree: %.120s", brackets);
}

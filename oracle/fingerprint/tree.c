/* SPDX-License-Identifier: MIT
 *
 * Classes of summation trees.  A class predicts the size of the smallest
 * subtree of every pair; the class whose prediction holds everywhere is it.
 * The idea of reading a tree from such sizes is FPRev's (Xie et al., 2024).
 */
#include "oracle/fingerprint/tree.h"

#include <stdio.h>
#include <string.h>

/* How partial sums (or leaves) number 0..count-1 are joined. */
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

/* Members of the smallest subtree with members a != b of count joined so. */
static int joined(join how, int a, int b, int count)
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
    default: /* member a meets a + count/2, then a + count/4, ... */
        while (a % (count / width) != b % (count / width))
            width *= 2;
        return width;
    }
}

/* How the leaves are dealt to the partial sums. */
typedef struct {
    int interleaved; /* 1: lane = i mod parts; 0: blocks of neighbours */
    int parts;
    join inner; /* within a part */
    join outer; /* of the parts */
} shape;

static int predicted(const shape *s, int i, int j, int m)
{
    const int length = m / s->parts; /* leaves of a part */
    const int pi = s->interleaved ? i % s->parts : i / length;
    const int pj = s->interleaved ? j % s->parts : j / length;
    const int ii = s->interleaved ? i / s->parts : i % length;
    const int jj = s->interleaved ? j / s->parts : j % length;

    if (pi == pj)
        return joined(s->inner, ii, jj, length);
    return joined(s->outer, pi, pj, s->parts) * length;
}

static int fits(const shape *s, const int *size, int m)
{
    for (int i = 0; i < m; i++)
        for (int j = i + 1; j < m; j++)
            if (size[i * m + j] != predicted(s, i, j, m))
                return 0;
    return 1;
}

static void name(const shape *s, int m, char *text, size_t room)
{
    if (s->parts == 1)
        snprintf(text, room, "%s", join_names[s->inner]);
    else if (s->interleaved)
        snprintf(text, room, "%d interleaved lanes, each %s; lanes joined %s",
                 s->parts, join_names[s->inner], join_names[s->outer]);
    else
        snprintf(text, room, "blocks of %d, each %s; blocks joined %s",
                 m / s->parts, join_names[s->inner], join_names[s->outer]);
}

/* The tree in brackets, largest subtree first: leaves that share the smallest
 * subtree belong together. */
static int bracket(const int *size, int m, const int *leaves, int count,
                   char *text, int room)
{
    int part[64];
    int left = 0;
    int at;

    if (count == 1)
        return snprintf(text, (size_t)room, "%d", leaves[0]);
    /* leaf 0 and all that meet it below this node */
    for (int k = 0; k < count; k++) {
        const int a = min(leaves[0], leaves[k]);
        const int b = max(leaves[0], leaves[k]);
        if (k == 0 || size[a * m + b] < count)
            part[left++] = leaves[k];
    }
    if (left == count || room < 8)
        return snprintf(text, (size_t)room, "..");
    at = snprintf(text, (size_t)room, "(");
    at += bracket(size, m, part, left, text + at, room - at);
    if (at < room)
        at += snprintf(text + at, (size_t)(room - at), " ");
    left = 0;
    for (int k = 1; k < count; k++) {
        const int a = min(leaves[0], leaves[k]);
        const int b = max(leaves[0], leaves[k]);
        if (size[a * m + b] >= count)
            part[left++] = leaves[k];
    }
    if (at < room)
        at += bracket(size, m, part, left, text + at, room - at);
    if (at < room)
        at += snprintf(text + at, (size_t)(room - at), ")");
    return at;
}

void dc_tree_describe(const int *size, int m, char *text, size_t room)
{
    int leaves[64];
    char shape_text[400];

    for (int parts = 1; parts <= m / 2; parts *= 2)
        for (int interleaved = 0; interleaved < 2; interleaved++)
            for (int inner = 0; inner < JOINS; inner++)
                for (int outer = 0; outer < JOINS; outer++) {
                    const shape s = {interleaved, parts, (join)inner,
                                     (join)outer};
                    if (m % parts == 0 && fits(&s, size, m)) {
                        name(&s, m, text, room);
                        return;
                    }
                }
    for (int k = 0; k < m; k++)
        leaves[k] = k;
    bracket(size, m, leaves, m, shape_text, (int)sizeof shape_text);
    snprintf(text, room, "another tree: %.120s", shape_text);
}

/* The native walk of packed forests: plain C11 without Python, called through ctypes, which gives up the GIL.
 *
 * Nothing here checks a packed forest: `check.py` has done it once, when the file was read. Nothing is allocated.
 * Sums are taken in the order of the trees and in the library's own dtype; no option that lets a compiler reorder or
 * contract floating-point arithmetic may be used to build this file. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

enum { BLOCK = 64, LANES = 8, TREES = 16, FEW = 5 };
enum { ABREAST = 16, MANY = 8 }; /* rows of one step, and from how many on it is worth them */
enum { MISSING_LEFT = 1, ZERO_IS_MISSING = 2, CONSTANT = 4 };           /* kinds of slots */
enum { NARROW = 0, WIDE_SINGLE = 1, WIDE_DOUBLE = 2 };                  /* layouts */
enum { TRUNCATED = 0, NONNEGATIVE = 1, EXACT = 2 };                     /* rules of categories */
enum { INFINITE = 1, MISSING = 2 };                                     /* what is refused: the first, or both */
#define CATEGORICAL 0x80000000u
#define NAN_LEFT 0x40000000u
#define OTHERS_LEFT 0x20000000u
#define SLOT 0x1fffffffu

typedef struct { float threshold; uint16_t left, slot; } narrow_node;
typedef struct { double threshold; uint32_t left, slot; } wide_node;

typedef struct { /* `native.py` declares the same */
    const void *nodes;
    const int64_t *start;      /* of each tree among the nodes */
    const int32_t *leaf;       /* row of `values` for each node that is a leaf */
    const int32_t *group;      /* output that each tree adds to, -1: to all, from one row of `values` */
    const void *values, *base; /* double or float */
    const int32_t *features;   /* column of each slot */
    const uint8_t *kinds;      /* of each slot */
    const int64_t *set_start;  /* of each set among the words */
    const uint32_t *set_words;
    int64_t trees, groups, slots, columns, divisor;
    int32_t layout, doubles, categorical, rule, refuses, link;
    double missing, zero, scale;
    const void *entries;       /* nodes by slot and threshold, see bits.h; NULL where rows are only walked */
    const int64_t *slot_start; /* of each slot among them */
    const int32_t *in_order;   /* rows of `values` of the leaves of each tree in order, a place for each bit of a mask */
} trimtab_forest;

#if defined(__clang__)
#define UNROLLED _Pragma("unroll")
#elif defined(__GNUC__)
#define UNROLLED _Pragma("GCC unroll 16")
#else
#define UNROLLED
#endif

/* Whether a value goes left at a categorical node. */
static inline int in_set(const trimtab_forest *f, uint32_t node, int64_t set, double value)
{
    if (value != value) return (node & NAN_LEFT) != 0;
    const int64_t bits = 32 * (f->set_start[set + 1] - f->set_start[set]);
    if (!(value > -1.0 && value < (double)bits) || (f->rule != TRUNCATED && value < 0.0))
        return (node & OTHERS_LEFT) != 0;
    const int64_t category = (int64_t)value;
    if (f->rule == EXACT && (double)category != value) return (node & OTHERS_LEFT) != 0;
    return f->set_words[f->set_start[set] + category / 32] >> (category % 32) & 1;
}

static inline void start(const trimtab_forest *f, int rows, void *out)
{
    for (int row = 0; row < rows; row++)
        for (int64_t group = 0; group < f->groups; group++) {
            const int64_t at = row * f->groups + group;
            if (f->doubles) ((double *)out)[at] = ((const double *)f->base)[group];
            else ((float *)out)[at] = ((const float *)f->base)[group];
        }
}

#define ADD(TYPE, AT) /* AT: the row of `values` that a row has come to */                          \
    {                                                                                               \
        TYPE *sums = out;                                                                           \
        const TYPE *values = f->values;                                                             \
        if (group >= 0)                                                                             \
            for (int row = 0; row < rows; row++) sums[row * f->groups + group] += values[AT];       \
        else                                                                                        \
            for (int row = 0; row < rows; row++)                                                    \
                for (int64_t k = 0; k < f->groups; k++)                                             \
                    sums[row * f->groups + k] += values[(AT) * f->groups + k];                      \
    }

/* One tree's leaves added to the sums of some rows. */
static inline void add(const trimtab_forest *f, int64_t tree, const uint32_t *leaves, int rows, void *out)
{
    const int32_t *leaf = f->leaf + f->start[tree];
    const int32_t group = f->group[tree];
    if (f->doubles) ADD(double, leaf[leaves[row]]) else ADD(float, leaf[leaves[row]])
}

#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__)
#define CLONES __attribute__((target_clones("avx512f", "avx2", "default"))) /* the same bits on any of them */
#else
#define CLONES
#endif

#define T float
#define NODE narrow_node
#define NAME(part) narrow_##part
#define MASK uint32_t
#define FEW_LEAVES 1
#define CATEGORIES 0
#include "bits.h"
#include "walk.h"
#undef FEW_LEAVES
#define FEW_LEAVES 0
#undef MASK
#define MASK uint64_t
#undef NODE
#undef NAME
#define NODE wide_node
#define NAME(part) single_##part
#include "walk.h"
#undef NAME
#undef CATEGORIES
#define NAME(part) single_sets_##part
#define CATEGORIES 1
#include "walk.h"
#undef NAME
#undef T
#define T double
#define NAME(part) double_sets_##part
#include "walk.h"
#undef NAME
#undef CATEGORIES
#define NAME(part) double_##part
#define CATEGORIES 0
#undef FEW_LEAVES
#define FEW_LEAVES 1
#include "bits.h"
#include "walk.h"

enum { LOGISTIC = 1, EXP, SOFTMAX, LOG1P_EXP, LOGISTIC_SINGLE, EXP_SINGLE, SOFTMAX_SINGLE };

static void softmax(double *row, int64_t width)
{
    double most = row[0], sum = 0;
    for (int64_t k = 1; k < width; k++) most = row[k] < most ? most : row[k];
    for (int64_t k = 0; k < width; k++) sum += row[k] = exp(row[k] - most);
    for (int64_t k = 0; k < width; k++) row[k] /= sum;
}

static void softmax_single(float *row, int64_t width)
{
    float most = row[0];
    double sum = 0;
    for (int64_t k = 1; k < width; k++) most = fmaxf(row[k], most);
    for (int64_t k = 0; k < width; k++) sum += row[k] = expf(row[k] - most);
    for (int64_t k = 0; k < width; k++) row[k] /= (float)sum;
}

static float logistic_single(float score)
{
    const float least = 88.7f < -score ? 88.7f : -score; /* as XGBoost bounds it */
    return 1.0f / (expf(least) + 1.0f);
}

/* Scores to answers in place, by the C library's functions, which the libraries call too. */
static void link(const trimtab_forest *f, double *wide, float *single, int64_t rows)
{
    const int64_t width = f->groups, all = rows * width;
    if (f->divisor > 1 && f->doubles)
        for (int64_t k = 0; k < all; k++) wide[k] /= (double)f->divisor;
    switch (f->link) {
    case LOGISTIC: for (int64_t k = 0; k < all; k++) wide[k] = 1.0 / (1.0 + exp(-f->scale * wide[k])); break;
    case EXP: for (int64_t k = 0; k < all; k++) wide[k] = exp(wide[k]); break;
    case LOG1P_EXP: for (int64_t k = 0; k < all; k++) wide[k] = log1p(exp(wide[k])); break;
    case SOFTMAX: for (int64_t k = 0; k < rows; k++) softmax(wide + k * width, width); break;
    case LOGISTIC_SINGLE: for (int64_t k = 0; k < all; k++) single[k] = logistic_single(single[k]); break;
    case EXP_SINGLE: for (int64_t k = 0; k < all; k++) single[k] = expf(single[k]); break;
    case SOFTMAX_SINGLE: for (int64_t k = 0; k < rows; k++) softmax_single(single + k * width, width); break;
    default: break;
    }
}

/* Raw scores, or answers as far as `link` makes them, [count, groups] of rows; steps count elements; `scratch` holds
 * slots * BLOCK elements. Returns 0, or what was refused, and then `out` means nothing. */
int32_t trimtab_forest_run(const trimtab_forest *f, const void *rows, int64_t count, int64_t row_step,
                           int64_t column_step, void *scratch, void *out, int32_t answers)
{
    int32_t refused;
    if (f->layout == NARROW) refused = narrow_run(f, rows, count, row_step, column_step, scratch, out);
    else if (f->layout == WIDE_SINGLE && f->categorical)
        refused = single_sets_run(f, rows, count, row_step, column_step, scratch, out);
    else if (f->layout == WIDE_SINGLE) refused = single_run(f, rows, count, row_step, column_step, scratch, out);
    else if (f->categorical) refused = double_sets_run(f, rows, count, row_step, column_step, scratch, out);
    else refused = double_run(f, rows, count, row_step, column_step, scratch, out);
    if (answers && !refused) link(f, out, out, count);
    return refused;
}

/* Lays a forest out for many rows (bits.h). Returns 0, or 1 where that cannot be: it has categories, large trees, or
 * thresholds that are no numbers. entries: room for 24 bytes a node. */
int32_t trimtab_forest_lay_out(const trimtab_forest *f, void *entries, int64_t *slot_start, int32_t *in_order)
{
    if (f->categorical) return 1;
    if (f->layout == NARROW) return narrow_lay_out(f, entries, slot_start, in_order);
    if (f->layout == WIDE_DOUBLE) return double_lay_out(f, entries, slot_start, in_order);
    return 1;
}

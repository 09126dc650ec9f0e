/* Weighted sums of whole rows in FP64, and the sigmoid of them: plain C11 without Python, called through ctypes.
 *
 * A row's sum is taken in the order of its columns whatever rows stand beside it, so that its answer is the same alone
 * and among others. Nothing here checks the model: `weighing.py` lays it out. Nothing is allocated. */
#include <math.h>
#include <stdint.h>

enum { SIDE_BY_SIDE = 8 }; /* rows of one output: a sum waits for its last addition, only others fill that wait */

typedef struct { /* `weighing.py` declares the same */
    const double *weights;   /* columns x outputs */
    const double *intercept; /* of each output */
    const double *limit;     /* of each column: what is further from zero is left to numpy */
    const double *fill;      /* of each column: what a missing value counts as, NaN: left to numpy; NULL: all are */
    int64_t columns, outputs;
    int32_t sigmoid;
} trimtab_linear;

static inline double filled(const trimtab_linear *m, double value, int64_t column)
{
    return m->fill && value != value ? m->fill[column] : value;
}

static void single(const trimtab_linear *m, const double *rows, int64_t count, double *out)
{
    int64_t row = 0;
    for (; row + SIDE_BY_SIDE <= count; row += SIDE_BY_SIDE) {
        const double *x = rows + row * m->columns;
        double sums[SIDE_BY_SIDE] = {0};
        for (int64_t column = 0; column < m->columns; column++)
            for (int k = 0; k < SIDE_BY_SIDE; k++)
                sums[k] += filled(m, x[k * m->columns + column], column) * m->weights[column];
        for (int k = 0; k < SIDE_BY_SIDE; k++) out[row + k] = sums[k] + m->intercept[0];
    }
    for (; row < count; row++) {
        double sum = 0;
        for (int64_t column = 0; column < m->columns; column++)
            sum += filled(m, rows[row * m->columns + column], column) * m->weights[column];
        out[row] = sum + m->intercept[0];
    }
}

static void several(const trimtab_linear *m, const double *rows, int64_t count, double *out)
{
    for (int64_t row = 0; row < count; row++) {
        double *sums = out + row * m->outputs;
        for (int64_t k = 0; k < m->outputs; k++) sums[k] = 0;
        for (int64_t column = 0; column < m->columns; column++) {
            const double value = filled(m, rows[row * m->columns + column], column);
            const double *weights = m->weights + column * m->outputs;
            for (int64_t k = 0; k < m->outputs; k++) sums[k] += value * weights[k];
        }
        for (int64_t k = 0; k < m->outputs; k++) sums[k] += m->intercept[k];
    }
}

/* Scores or chances [count, outputs] of rows [count, columns]. Returns whether numpy has to look at them instead. */
int32_t trimtab_linear_run(const trimtab_linear *m, const double *rows, int64_t count, double *out)
{
    int32_t fits = 1;
    for (int64_t row = 0; row < count; row++)
        for (int64_t column = 0; column < m->columns; column++)
            fits &= fabs(filled(m, rows[row * m->columns + column], column)) <= m->limit[column];
    if (!fits) return 1;
    if (m->outputs == 1) single(m, rows, count, out);
    else several(m, rows, count, out);
    if (m->sigmoid)
        for (int64_t k = 0; k < count * m->outputs; k++) out[k] = 1.0 / (1.0 + exp(-out[k]));
    return 0;
}

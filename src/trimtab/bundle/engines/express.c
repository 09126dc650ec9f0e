/* A request in one call: from the text of a body to the model's answers, where the text is one that was seen before
 * around other numbers. Plain C11 without Python, called through ctypes.
 *
 * A frame is the text of a body with holes, which hold lists of numbers. `frames.py` of the server makes frames of
 * bodies that were read in full; whatever fits none is read in full again. Nothing is allocated. */
#include <stdint.h>
#include <string.h>

typedef struct { /* `native.py` declares the same, and the two below */
    int64_t count;       /* numbers */
    int64_t first, step; /* where in the matrix they belong */
} trimtab_hole;

typedef struct {
    const char *text;         /* what stands before, between and behind the holes, without a gap */
    const int64_t *lengths;   /* of these texts: one more than holes */
    const trimtab_hole *holes;
    int64_t count, rows;      /* holes, and rows of the matrix */
} trimtab_frame;

typedef struct {
    const trimtab_frame *frames;
    const void *model;
    void *matrix, *scratch, *answers;
    int64_t count, columns;   /* frames, and columns of the matrix */
    int32_t forest, single;   /* which model, and whether the matrix is FP32 */
} trimtab_express;

static int fits(const trimtab_express *e, const trimtab_frame *frame, const char *at, const char *end)
{
    const char *text = frame->text;
    for (int64_t k = 0; k <= frame->count; k++) {
        const int64_t length = frame->lengths[k];
        if (end - at < length || memcmp(at, text, (size_t)length) != 0) return 0;
        at += length, text += length;
        if (k == frame->count) break;
        const trimtab_hole *hole = frame->holes + k;
        at = numbers(at, end, hole->count, hole->first, hole->step, e->single, e->matrix);
        if (!at) return 0;
    }
    return at == end;
}

/* The number of the frame that the text between two places fits, the answers of the model being made, if there is one;
 * or -1: somebody else has to look at it, because it fits none, or because the model refuses the rows. */
int32_t trimtab_express_run(const trimtab_express *e, const char *text, int64_t begin, int64_t end)
{
    for (int64_t k = 0; k < e->count; k++) {
        const trimtab_frame *frame = e->frames + k;
        if (!fits(e, frame, text + begin, text + end)) continue;
        if (!e->model) return (int32_t)k;
        const int32_t refused =
            e->forest ? trimtab_forest_run(e->model, e->matrix, frame->rows, e->columns, 1, e->scratch, e->answers, 1)
                      : trimtab_linear_run(e->model, e->matrix, frame->rows, e->answers);
        return refused ? -1 : (int32_t)k;
    }
    return -1;
}

/* The walk for one kind of row (T) and node (NODE); included once for each, as NAME(...), with CATEGORIES 0 or 1.
 *
 * Children are neighbours and a leaf is its own left child, so a step has no branch: the next node is `left`, plus one
 * when the value is not at most the threshold. A block is held slot by slot, so that the row is a constant of the
 * instruction. Eight rows of one tree (or sixteen trees of one row) run side by side until none moves: a step waits for
 * two loads, and only independent steps fill that wait. */

static inline uint32_t NAME(step)(const trimtab_forest *f, const NODE *tree, uint32_t at, const T *x, size_t stride)
{
    const NODE node = tree[at];
#if CATEGORIES
    const T value = x[(size_t)(node.slot & SLOT) * stride];
    if (node.slot & CATEGORICAL)
        return node.left + !in_set(f, node.slot, (int64_t)node.threshold, (double)value);
    return node.left + !(value <= node.threshold);
#else
    (void)f;
    return node.left + !(x[(size_t)node.slot * stride] <= node.threshold);
#endif
}

/* The leaf of each row of a block in one tree; `rows` is a multiple of LANES. */
static void NAME(leaves)(const trimtab_forest *f, const NODE *tree, const T *block, int rows, uint32_t *leaves)
{
    for (int first = 0; first < rows; first += LANES) {
        const T *x = block + first;
        uint32_t at[LANES] = {0}, moved;
        do {
            for (int step = 0; step < 3; step++)
                UNROLLED
                for (int k = 0; k < LANES; k++) at[k] = NAME(step)(f, tree, at[k], x + k, BLOCK);
            moved = 0;
            UNROLLED
            for (int k = 0; k < LANES; k++) {
                const uint32_t next = NAME(step)(f, tree, at[k], x + k, BLOCK);
                moved |= next ^ at[k];
                at[k] = next;
            }
        } while (moved);
        for (int k = 0; k < LANES; k++) leaves[first + k] = at[k];
    }
}

/* The leaf of one row in each of TREES trees from `first` on. */
static void NAME(leaf)(const trimtab_forest *f, int64_t first, const T *row, uint32_t *leaves)
{
    const NODE *trees[TREES];
    uint32_t at[TREES] = {0}, moved;
    for (int k = 0; k < TREES; k++) { /* the last tree again where there are no more */
        const int64_t tree = first + k < f->trees ? first + k : f->trees - 1;
        trees[k] = (const NODE *)f->nodes + f->start[tree];
    }
    do {
        UNROLLED
        for (int k = 0; k < TREES; k++) at[k] = NAME(step)(f, trees[k], at[k], row, 1);
        moved = 0;
        UNROLLED
        for (int k = 0; k < TREES; k++) {
            const uint32_t next = NAME(step)(f, trees[k], at[k], row, 1);
            moved |= next ^ at[k];
            at[k] = next;
        }
    } while (moved);
    for (int k = 0; k < TREES; k++) leaves[k] = at[k];
}

/* The slots of `count` rows, slot by slot with `stride` between them; rows up to `padded` are filled up with zeros. */
static void NAME(fill)(const trimtab_forest *f, const T *rows, int64_t row_step, int64_t column_step, int count,
                       int padded, int stride, T *block)
{
    for (int64_t slot = 0; slot < f->slots; slot++, block += stride) {
        const int kind = f->kinds[slot];
        const T *source = rows + f->features[slot] * column_step;
        const T missing = (T)f->missing, absent = kind & MISSING_LEFT ? (T)-INFINITY : (T)NAN;
        const T zero = (T)(kind & ZERO_IS_MISSING ? f->zero : -1.0);
        const int read = kind & CONSTANT ? 0 : count; /* whatever the rows hold, leaves find a zero */
        for (int k = 0; k < read; k++) {
            const T value = source[k * row_step], size = value < 0 ? -value : value;
            block[k] = size > zero && value != missing ? value : absent;
        }
        for (int k = read; k < padded; k++) block[k] = 0;
    }
}

/* What of the rows the library would refuse, in any column. */
static int32_t NAME(refused)(const trimtab_forest *f, const T *rows, int64_t count, int64_t row_step,
                             int64_t column_step)
{
    int infinite = 0, missing = 0;
    for (int64_t row = 0; row < count; row++)
        for (int64_t column = 0; column < f->columns; column++) {
            const T value = rows[row * row_step + column * column_step];
            infinite |= value == (T)INFINITY || value == (T)-INFINITY;
            missing |= value != value;
        }
    return infinite ? INFINITE : missing && f->refuses == MISSING ? MISSING : 0;
}

static int32_t NAME(run)(const trimtab_forest *f, const T *rows, int64_t count, int64_t row_step, int64_t column_step,
                         T *scratch, char *out)
{
    const int32_t refused = f->refuses ? NAME(refused)(f, rows, count, row_step, column_step) : 0;
    if (refused) return refused;
    const int64_t width = f->groups * (f->doubles ? (int64_t)sizeof(double) : (int64_t)sizeof(float));
    uint32_t leaves[BLOCK > TREES ? BLOCK : TREES];
#if FEW_LEAVES
    MASK *const masks = (MASK *)(scratch + f->slots * BLOCK);
    while (f->entries && count >= MANY) {
        const int here = count < ABREAST ? (int)count : ABREAST;
        NAME(fill)(f, rows, row_step, column_step, here, ABREAST, ABREAST, scratch);
        NAME(abreast)(f, scratch, masks, here, out);
        rows += here * row_step, out += here * width, count -= here;
    }
#endif
    while (count >= FEW) {
        const int here = count < BLOCK ? (int)count : BLOCK;
        const int padded = (here + LANES - 1) / LANES * LANES;
        NAME(fill)(f, rows, row_step, column_step, here, padded, BLOCK, scratch);
        start(f, here, out);
        for (int64_t tree = 0; tree < f->trees; tree++) {
            NAME(leaves)(f, (const NODE *)f->nodes + f->start[tree], scratch, padded, leaves);
            add(f, tree, leaves, here, out);
        }
        rows += here * row_step, out += here * width, count -= here;
    }
    for (; count > 0; count--, rows += row_step, out += width) {
        NAME(fill)(f, rows, row_step, column_step, 1, 1, 1, scratch);
        start(f, 1, out);
        for (int64_t tree = 0; tree < f->trees; tree += TREES) {
            NAME(leaf)(f, tree, scratch, leaves);
            for (int k = 0; k < TREES && tree + k < f->trees; k++) add(f, tree + k, leaves + k, 1, out);
        }
    }
    return 0;
}

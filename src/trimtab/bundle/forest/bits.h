/* Many rows through trees of few leaves, without walking; included once for a kind of row (T), node (NODE) and set of
 * leaves (MASK), as NAME(...).
 *
 * Each row has a bit for every leaf of a tree, in order. A node whose value goes right rules out the leaves on its left;
 * when all such nodes were seen, the first leaf that is left is the one where a walk would end. Nodes are looked at slot by
 * slot from the lowest threshold up, as far as any of the rows goes right; rows stand side by side in each step, in
 * vectors. The method is QuickScorer's (Lucchese et al., SIGIR 2015). */

typedef struct { T threshold; uint32_t tree; MASK ruled_out; } NAME(entry);

typedef T NAME(lanes) __attribute__((vector_size(ABREAST * sizeof(T)), aligned(sizeof(T)), may_alias));
typedef MASK NAME(marks) __attribute__((vector_size(ABREAST * sizeof(MASK)), aligned(sizeof(MASK)), may_alias));

static int NAME(by_threshold)(const void *one, const void *other)
{
    const T a = ((const NAME(entry) *)one)->threshold, b = ((const NAME(entry) *)other)->threshold;
    return (a > b) - (a < b);
}

/* Lays the nodes out; returns 1 where a tree has too many leaves for a mask, or a threshold is no number. */
static int32_t NAME(lay_out)(const trimtab_forest *f, NAME(entry) *entries, int64_t *slot_start, int32_t *in_order)
{
    enum { LEAVES = 8 * sizeof(MASK), NODES = 2 * LEAVES - 1 };
    const NODE *const nodes = f->nodes;
    for (int64_t slot = 0; slot <= f->slots; slot++) slot_start[slot] = 0;
    for (int64_t tree = 0; tree < f->trees; tree++) {
        const NODE *const own = nodes + f->start[tree];
        const int64_t count = f->start[tree + 1] - f->start[tree];
        if (count > NODES) return 1;
        for (int64_t at = 0; at < count; at++)
            if (own[at].left != at) {
                if (own[at].threshold != own[at].threshold) return 1;
                slot_start[own[at].slot + 1]++;
            }
    }
    for (int64_t slot = 0; slot < f->slots; slot++) slot_start[slot + 1] += slot_start[slot];
    for (int64_t tree = 0; tree < f->trees; tree++) {
        const NODE *const own = nodes + f->start[tree];
        const int count = (int)(f->start[tree + 1] - f->start[tree]);
        int below[NODES], first[NODES]; /* leaves of a node's subtree, and which of the tree's is the first of them */
        for (int at = count - 1; at >= 0; at--)
            below[at] = own[at].left == (uint32_t)at ? 1 : below[own[at].left] + below[own[at].left + 1];
        first[0] = 0;
        for (int at = 0; at < count; at++) {
            const uint32_t left = own[at].left;
            if (left == (uint32_t)at) {
                in_order[tree * LEAVES + first[at]] = f->leaf[f->start[tree] + at];
                continue;
            }
            first[left] = first[at], first[left + 1] = first[at] + below[left];
            NAME(entry) *const entry = entries + slot_start[own[at].slot]++;
            entry->threshold = own[at].threshold, entry->tree = (uint32_t)tree;
            entry->ruled_out = (((MASK)1 << below[left]) - 1) << first[at]; /* fewer than all: the right has some */
        }
    }
    for (int64_t slot = f->slots; slot > 0; slot--) slot_start[slot] = slot_start[slot - 1];
    slot_start[0] = 0;
    for (int64_t slot = 0; slot < f->slots; slot++)
        qsort(entries + slot_start[slot], (size_t)(slot_start[slot + 1] - slot_start[slot]), sizeof *entries,
              NAME(by_threshold));
    return 0;
}

/* The sums of `rows` rows, ABREAST at most; block: slot by slot, ABREAST values each. */
CLONES static void NAME(abreast)(const trimtab_forest *f, const T *block, MASK *masks, int rows, void *out)
{
    enum { LEAVES = 8 * sizeof(MASK) };
    const NAME(entry) *const entries = f->entries;
    for (int64_t at = 0; at < f->trees * ABREAST; at++) masks[at] = ~(MASK)0;
    for (int64_t slot = 0; slot < f->slots; slot++) {
        const T *const values = block + slot * ABREAST;
        const NAME(lanes) x = *(const NAME(lanes) *)values;
        T most = values[0];
        int unordered = 0;
        for (int k = 0; k < ABREAST; k++) {
            most = values[k] > most ? values[k] : most;
            unordered |= values[k] != values[k]; /* goes right everywhere */
        }
        const NAME(entry) *const end = entries + f->slot_start[slot + 1];
        for (const NAME(entry) *entry = entries + f->slot_start[slot]; entry < end; entry++) {
            if (!unordered && most <= entry->threshold) break;
            NAME(marks) *const mask = (NAME(marks) *)(masks + (int64_t)entry->tree * ABREAST);
            *mask &= (NAME(marks))(x <= entry->threshold) | ~entry->ruled_out;
        }
    }
    start(f, rows, out);
    for (int64_t tree = 0; tree < f->trees; tree++) {
        const MASK *const mask = masks + tree * ABREAST;
        const int32_t *const leaf = f->in_order + tree * LEAVES;
        const int32_t group = f->group[tree];
        if (f->doubles) ADD(double, leaf[__builtin_ctzll(mask[row])]) else ADD(float, leaf[__builtin_ctzll(mask[row])])
    }
}

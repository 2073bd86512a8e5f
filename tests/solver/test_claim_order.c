/* The kept-up order of open claims against the real sort, over random growth, in both modes. */
#include "base/random.h"
#include "solver/claim_order.h"
#include "solver/claim_sort.h"
#include "tests/harness.h"

enum {
    MOST_CLAIMS = 400,
    STEPS = 3000,
    ROUNDS = 40
};

/* The stupid implementation: an array of (count, id), sorted anew each time. */
typedef struct model {
    uint64_t items[MOST_CLAIMS];
    uint32_t count;
    bool is_stable;
} model;

static void sort_model(model *from)
{
    if (!from->is_stable) {
        wb_claim_sort(from->items, from->count);
        return;
    }
    for (uint32_t i = 1; i < from->count; i++) {
        const uint64_t moved = from->items[i];
        uint32_t slot = i;
        for (; slot > 0 && wb_claim_sort_key(from->items[slot - 1]) > wb_claim_sort_key(moved);
             slot--) {
            from->items[slot] = from->items[slot - 1];
        }
        from->items[slot] = moved;
    }
}

static bool is_same(const model *from, const wb_claim_order *order)
{
    if (from->count != order->count) {
        return false;
    }
    for (uint32_t i = 0; i < from->count; i++) {
        if (wb_claim_sort_id(from->items[i]) != order->ids[i] ||
            wb_claim_sort_key(from->items[i]) != wb_claim_order_pod_count(order, i)) {
            return false;
        }
    }
    return true;
}

/* Grows claims near the front as the solver does, anywhere, or adds one. */
static bool run_round(uint64_t round, bool is_stable)
{
    wb_arena arena;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_claim_order order;
    wb_claim_order_init(&order, &arena, is_stable);
    static model from;
    from = (model){.is_stable = is_stable};
    const wb_random_key key = {.seed = 11, .stream = WB_RANDOM_TEST, .ordinal = round};
    const uint64_t most = 1 + wb_random_below(key, 0, MOST_CLAIMS);
    bool is_equal = true;
    for (uint64_t step = 0; step < STEPS && is_equal; step++) {
        const uint64_t roll = wb_random_below(key, 1 + step * 3, 10);
        if (from.count == 0 || (roll < 3 && from.count < most)) {
            from.items[from.count] = wb_claim_sort_item(1, from.count);
            wb_claim_order_add(&order, from.count++);
        } else {
            const uint64_t bound = roll < 6 ? 1 + from.count / 8 : from.count;
            const uint32_t place = (uint32_t)wb_random_below(key, 2 + step * 3, bound);
            const uint32_t pod_count = wb_claim_sort_key(from.items[place]);
            from.items[place] += UINT64_C(1) << 32;
            wb_claim_order_grow(&order, place, pod_count);
        }
        sort_model(&from);
        wb_claim_order_settle(&order);
        wb_claim_order_settle(&order); /* nothing changed: nothing moves */
        is_equal = is_same(&from, &order);
    }
    wb_arena_release(&arena);
    return is_equal;
}

static void follows_the_unstable_sort(void)
{
    for (uint64_t round = 0; round < ROUNDS; round++) {
        CU_ASSERT_FATAL(run_round(round, false));
    }
}

static void follows_a_stable_sort(void)
{
    for (uint64_t round = 0; round < ROUNDS; round++) {
        CU_ASSERT_FATAL(run_round(round, true));
    }
}

static const wb_test_case cases[] = {
    {"the order is the one that the real sort leaves, step by step", follows_the_unstable_sort},
    {"in the stable mode it is the stable one", follows_a_stable_sort},
};

int main(void)
{
    return wb_test_run("claim_order", cases, WB_TEST_COUNT(cases));
}

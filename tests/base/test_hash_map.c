/* The hash map against an array indexed by key, under programs that insert and remove. */
#include "base/hash_map.h"
#include "tests/harness.h"

enum {
    KEY_COUNT = 500,
    STEP_COUNT = 20000
};

typedef struct model {
    wb_hash_map map;
    bool is_there[KEY_COUNT];
    uint64_t values[KEY_COUNT];
    size_t count;
} model;

/* Keys that differ in high or low bits only: a weak mix would pile them up. */
static uint64_t spread_key(size_t key, uint64_t seed)
{
    return seed % 2 == 0 ? (uint64_t)key : (uint64_t)key << 52;
}

static void step(model *m, uint64_t seed, uint64_t bits)
{
    const size_t key = (size_t)(bits % KEY_COUNT);
    const uint64_t spread = spread_key(key, seed);
    /* Phases of mostly inserting and mostly removing, so that the map grows, empties, grows. */
    const bool inserts = (bits >> 32) % 10 < ((bits >> 60) % 2 == 0 ? 7U : 3U);
    if (inserts) {
        CU_ASSERT_EQUAL(wb_hash_map_put(&m->map, spread, bits), !m->is_there[key]);
        m->count += m->is_there[key] ? 0 : 1;
        m->is_there[key] = true;
        m->values[key] = bits;
    } else {
        CU_ASSERT_EQUAL(wb_hash_map_remove(&m->map, spread), m->is_there[key]);
        m->count -= m->is_there[key] ? 1 : 0;
        m->is_there[key] = false;
    }
    CU_ASSERT_EQUAL(m->map.used_count, m->count);
}

static bool agrees(const model *m, uint64_t seed)
{
    size_t removed = 0;
    for (size_t slot = 0; slot < m->map.slot_count; slot++) {
        removed += m->map.states[slot] == 2;
    }
    if (removed != m->map.removed_count) {
        return false;
    }
    for (size_t key = 0; key < KEY_COUNT; key++) {
        uint64_t value = 77;
        const bool is_there = wb_hash_map_get(&m->map, spread_key(key, seed), &value);
        if (is_there != m->is_there[key] || value != (is_there ? m->values[key] : 77)) {
            return false;
        }
    }
    return true;
}

/* The first step after which the map is seen to differ, or STEP_COUNT. */
static uint64_t run_steps(model *m, uint64_t seed)
{
    uint64_t done = 0;
    bool is_equal = true;
    while (is_equal && done < STEP_COUNT) {
        step(m, seed, wb_hash_map_join(seed, done));
        is_equal = done % 1000 != 0 || agrees(m, seed);
        done += is_equal ? 1 : 0;
    }
    return done;
}

static void hold_to_the_model(void)
{
    for (uint64_t seed = 0; seed < 4; seed++) {
        model m = {.count = 0};
        wb_hash_map_init(&m.map);
        const uint64_t done = run_steps(&m, seed);
        if (done != STEP_COUNT) {
            printf("seed %llu, step %llu\n", (unsigned long long)seed, (unsigned long long)done);
            CU_FAIL("the map lost or invented a key");
        }
        /* Removed marks are swept: 500 keys never need more than 2048 slots. */
        CU_ASSERT(m.map.slot_count <= 2048);
        wb_hash_map_release(&m.map);
    }
}

static void know_nothing_when_empty(void)
{
    wb_hash_map map;
    wb_hash_map_init(&map);
    uint64_t value = 5;
    CU_ASSERT_FALSE(wb_hash_map_get(&map, 0, &value));
    CU_ASSERT_FALSE(wb_hash_map_remove(&map, 0));
    CU_ASSERT_EQUAL(value, 5);
    CU_ASSERT_TRUE(wb_hash_map_put(&map, 0, 9));
    wb_hash_map_clear(&map);
    CU_ASSERT_FALSE(wb_hash_map_get(&map, 0, &value));
    CU_ASSERT_TRUE(wb_hash_map_put(&map, UINT64_MAX, 1));
    wb_hash_map_release(&map);
}

static void pin_the_mix(void)
{
    /* splitmix64 from state 0: the first output of the reference code. */
    CU_ASSERT_EQUAL(wb_hash_map_mix(UINT64_C(0x9e3779b97f4a7c15)), UINT64_C(0xe220a8397b1dcdaf));
    CU_ASSERT(wb_hash_map_join(1, 2) != wb_hash_map_join(2, 1));
    CU_ASSERT(wb_hash_map_join(0, 0) != 0);
}

static const wb_test_case cases[] = {
    {"puts, gets and removes agree with an array", hold_to_the_model},
    {"an empty map knows no key", know_nothing_when_empty},
    {"the mix is splitmix64's", pin_the_mix},
};

int main(void)
{
    return wb_test_run("hash_map", cases, WB_TEST_COUNT(cases));
}

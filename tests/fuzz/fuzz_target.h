/*
 * The shape of a fuzz target. Each fuzz_<noun>.c defines this one function, under the name that
 * libFuzzer calls; corpus_replay.c calls it with the corpus instead.
 */
#ifndef WB_TESTS_FUZZ_FUZZ_TARGET_H
#define WB_TESTS_FUZZ_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* Takes any bytes, must neither crash nor leak nor depend on earlier calls. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif

/* Archives for the tests of what unpacks them. */
#ifndef WB_TESTS_BASE_PACKED_BYTES_H
#define WB_TESTS_BASE_PACKED_BYTES_H

#include <stddef.h>

typedef struct wb_packed_bytes {
    unsigned char *bytes; /* owned */
    size_t length;
} wb_packed_bytes;

/* length bytes as one gzip member, or one zstd frame; released by the caller. */
wb_packed_bytes wb_packed_bytes_gzip(const void *bytes, size_t length);
wb_packed_bytes wb_packed_bytes_zstd(const void *bytes, size_t length);

/* Frees the bytes. */
void wb_packed_bytes_release(wb_packed_bytes *packed);

#endif

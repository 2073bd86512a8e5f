#include "tests/base/packed_bytes.h"

#include <string.h>
#include <zlib.h>

#include <zstd.h>

#include "base/heap_memory.h"
#include "tests/harness.h"

wb_packed_bytes wb_packed_bytes_gzip(const void *bytes, size_t length)
{
    z_stream zlib;
    memset(&zlib, 0, sizeof(zlib));
    CU_ASSERT_EQUAL_FATAL(
        deflateInit2(&zlib, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, 0), Z_OK);
    const size_t room = deflateBound(&zlib, length) + 64;
    wb_packed_bytes packed = {wb_heap_memory_alloc(room, 1), 0};
    unsigned char *copy = wb_heap_memory_alloc(length, 1); /* zlib's input is not const */
    memcpy(copy, bytes, length);
    zlib.next_in = copy;
    zlib.avail_in = (uInt)length;
    zlib.next_out = packed.bytes;
    zlib.avail_out = (uInt)room;
    CU_ASSERT_EQUAL_FATAL(deflate(&zlib, Z_FINISH), Z_STREAM_END);
    packed.length = room - zlib.avail_out;
    (void)deflateEnd(&zlib);
    wb_heap_memory_free(copy);
    return packed;
}

wb_packed_bytes wb_packed_bytes_zstd(const void *bytes, size_t length)
{
    const size_t room = ZSTD_compressBound(length);
    wb_packed_bytes packed = {wb_heap_memory_alloc(room, 1), 0};
    /* With a checksum, as the zstd command writes it: damage in the data must show. */
    ZSTD_CCtx *context = ZSTD_createCCtx();
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    packed.length = ZSTD_compress2(context, packed.bytes, room, bytes, length);
    CU_ASSERT_FALSE_FATAL(ZSTD_isError(packed.length));
    (void)ZSTD_freeCCtx(context);
    return packed;
}

void wb_packed_bytes_release(wb_packed_bytes *packed)
{
    wb_heap_memory_free(packed->bytes);
    packed->bytes = NULL;
    packed->length = 0;
}

/*
 * A catalog from AWS' own files, for regions, prices or types that the shipped tables do not have.
 *
 * Read are, each by what is in it and in any number and order, what these print as JSON:
 *
 *     aws ec2 describe-instance-types            sizes; without it the shipped ones
 *     aws ec2 describe-instance-type-offerings   which types a region or zone has; without it all
 *     aws ec2 describe-spot-price-history        spot price by zone, the latest of each; without it
 *                                                the shipped advisor's savings
 *     aws pricing get-products                   on-demand price; without it the shipped ones
 *     the price list's bulk file                 the same
 *     (offers/v1.0/aws/AmazonEC2/current/REGION/index.json)
 *
 * What a kind of file says replaces the shipped table of that kind altogether. Knows nothing of the
 * command line.
 */
#ifndef WB_KUBE_CATALOG_CATALOG_IMPORT_H
#define WB_KUBE_CATALOG_CATALOG_IMPORT_H

#include <stddef.h>
#include <stdint.h>

#include "kube/catalog/catalog.h"

typedef struct wb_catalog_import_options {
    const char *const *paths; /* "-" is standard input; .gz and .zst are unpacked */
    uint32_t path_count;
    const char *region;       /* NULL: the one that the files name */
    const char *const *zones; /* none: those that the files name, else the region's a, b, c */
    uint32_t zone_count;
    size_t limit_bytes; /* of one unpacked file; 0: 1 GiB */
} wb_catalog_import_options;

/* What came of it, for a message to the user. */
typedef struct wb_catalog_import_counts {
    uint32_t instance_types;   /* read from files */
    uint32_t on_demand_prices; /* read: Linux, shared tenancy, of the region */
    uint32_t spot_prices;      /* read: Linux, latest of each type and zone of the region */
    uint32_t skipped;          /* records of other systems, tenancies, regions, architectures */
    uint32_t unpriced_types;   /* left out of the catalog */
} wb_catalog_import_counts;

/* Reads all files and makes one catalog, in arena. WB_ERR_INPUT: a file is wrong (with its place),
 * the files name several regions, or no type has a price. WB_ERR_IO, WB_ERR_LIMIT: as reading a
 * document. out_counts may be NULL. */
WB_MUST_CHECK wb_status wb_catalog_import(wb_arena *arena, wb_intern *intern,
                                          const wb_catalog_import_options *options, wb_catalog *out,
                                          wb_catalog_import_counts *out_counts, wb_error *err);

/* Writes catalog as JSON to path, which appears only when it is complete ("-": standard output). */
WB_MUST_CHECK wb_status wb_catalog_import_write(const wb_catalog *catalog, const wb_intern *intern,
                                                const char *path, wb_error *err);

/* Reads the one catalog of a JSON file; what werkbank run --catalog takes. */
WB_MUST_CHECK wb_status wb_catalog_import_read_back(wb_arena *arena, wb_intern *intern,
                                                    const char *path, wb_catalog *out,
                                                    wb_error *err);

#endif

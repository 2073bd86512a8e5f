/*
 * The catalog of a golden case: inline, or a file named by the case that lies beside it or in a
 * folder above; of it the types that the case chooses.
 */
#ifndef WB_BENCH_CASE_CATALOG_H
#define WB_BENCH_CASE_CATALOG_H

#include "base/document.h"
#include "kube/catalog/catalog.h"

/* Path of the file that the case at case_path names. WB_ERR_INPUT: it is nowhere. */
WB_MUST_CHECK wb_status wb_case_catalog_find(wb_arena *arena, const char *case_path,
                                             const wb_node *root, const char **out_path,
                                             wb_error *err);

/* catalogInline, which must be there; plainInstanceRequirements seen to. */
WB_MUST_CHECK wb_status wb_case_catalog_inline(wb_arena *arena, wb_intern *intern,
                                               const wb_node *root, wb_catalog *out, wb_error *err);

/* The types of catalog that the case's instanceTypes choose, or all. */
wb_catalog wb_case_catalog_select(wb_arena *arena, const wb_intern *intern, const wb_node *root,
                                  const wb_catalog *catalog);

/* The whole way, for one case at case_path: found or inline, read, decoded, selected. */
WB_MUST_CHECK wb_status wb_case_catalog_load(wb_arena *arena, wb_intern *intern,
                                             const char *case_path, const wb_node *root,
                                             wb_catalog *out, wb_error *err);

#endif

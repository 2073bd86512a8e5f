/*
 * Picks instance types by a label expression, as `werkbank catalog list -l` takes it:
 *
 *     family=m5,arch!=arm64,zone in (us-east-1a,us-east-1b),instance-cpu>8,!instance-gpu-name
 *
 * kubectl's selector grammar (=, ==, !=, in, notin, key, !key; comma is "and"), plus comparisons as
 * NodePool requirements have them (>, <, >=, <= with a whole number). A key may leave out its
 * prefix, and "instance-" with it: "karpenter.k8s.aws/instance-family" is "instance-family" and
 * "family" too. != and notin match types that lack the label, as in kubectl; comparisons do not.
 * Zone and capacity type are no labels of a type but of its offerings: a type is picked when one
 * offering meets all that is said of the two. Knows nothing of tables or printing.
 */
#ifndef WB_KUBE_CATALOG_CATALOG_SELECTOR_H
#define WB_KUBE_CATALOG_CATALOG_SELECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "kube/catalog/catalog.h"

#define WB_CATALOG_SELECTOR_TERMS_MAX  64
#define WB_CATALOG_SELECTOR_VALUES_MAX 256 /* of one in (...) */

typedef struct wb_catalog_selector {
    const wb_label_expression *of_type; /* all must match the type's labels */
    uint32_t of_type_count;
    const wb_label_expression *of_offering; /* all must match an offering's zone and market */
    uint32_t of_offering_count;
} wb_catalog_selector;

/* Reads text; NULL or blank text picks everything. Keys are looked up in catalog: one that no type
 * of it has is an error, since it would be a slip of the pen. WB_ERR_INPUT: with the column. The
 * result lives in arena. */
WB_MUST_CHECK wb_status wb_catalog_selector_parse(wb_arena *arena, wb_intern *intern,
                                                  const wb_catalog *catalog, const char *text,
                                                  wb_catalog_selector *out, wb_error *err);

/* Whether the type's labels match; its offerings are not looked at. */
bool wb_catalog_selector_matches_type(const wb_catalog_selector *selector, const wb_intern *intern,
                                      const wb_catalog_type *type);

/* Whether the offering's zone and capacity type match; its availability is not looked at. */
bool wb_catalog_selector_matches_offering(const wb_catalog_selector *selector,
                                          const wb_intern *intern, const wb_offering *offering);

#endif

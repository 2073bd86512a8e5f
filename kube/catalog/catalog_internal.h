/* What the files that make catalogs share (catalog_load.c, catalog_decode.c, catalog_import.c). */
#ifndef WB_KUBE_CATALOG_CATALOG_INTERNAL_H
#define WB_KUBE_CATALOG_CATALOG_INTERNAL_H

#include "base/arena.h"
#include "kube/catalog/catalog.h"

/* Makes catalog's way from names to types anew, in arena; call it when the types are complete. Ids
 * of names interned one after the other lie close together, so the way is an array over their
 * range: at most one entry per interned string. */
void wb_catalog_index(wb_arena *arena, wb_catalog *catalog);

#endif

/*
 * How tables of fields (kube/schema_*.c and the like) are written: WB_OBJECT("spec", &pod_spec),
 * WB_BOOL("stdin").
 *
 * Only those files include this, so its short names meet no others.
 */
#ifndef WB_KUBE_SCHEMA_TABLE_H
#define WB_KUBE_SCHEMA_TABLE_H

#include "kube/schema.h"

/* clang-format off */
#define WB_SCHEMA_ROW(name, kind, shape) {name, WB_SCHEMA_##kind, WB_SCHEMA_##shape, NULL}
#define WB_OBJECT(name, object)             {name, WB_SCHEMA_OBJECT, WB_SCHEMA_ONE, object}
#define WB_LIST_OF_OBJECTS(name, object)    {name, WB_SCHEMA_OBJECT, WB_SCHEMA_LIST, object}
#define WB_SCHEMA_OF(fields)             {fields, sizeof(fields) / sizeof((fields)[0])}
/* clang-format on */
#define WB_ANY(name)               WB_SCHEMA_ROW(name, ANY, ONE)
#define WB_STRING(name)            WB_SCHEMA_ROW(name, STRING, ONE)
#define WB_INTEGER(name)           WB_SCHEMA_ROW(name, INTEGER, ONE)
#define WB_NUMBER(name)            WB_SCHEMA_ROW(name, NUMBER, ONE)
#define WB_BOOL(name)              WB_SCHEMA_ROW(name, BOOL, ONE)
#define WB_QUANTITY(name)          WB_SCHEMA_ROW(name, QUANTITY, ONE)
#define WB_COUNT(name)             WB_SCHEMA_ROW(name, COUNT, ONE)
#define WB_LIST_OF_STRINGS(name)   WB_SCHEMA_ROW(name, STRING, LIST)
#define WB_LIST_OF_INTEGERS(name)  WB_SCHEMA_ROW(name, INTEGER, LIST)
#define WB_LIST_OF_NUMBERS(name)   WB_SCHEMA_ROW(name, NUMBER, LIST)
#define WB_MAP_OF_STRINGS(name)    WB_SCHEMA_ROW(name, STRING, MAP)
#define WB_MAP_OF_NUMBERS(name)    WB_SCHEMA_ROW(name, NUMBER, MAP)
#define WB_MAP_OF_BOOLS(name)      WB_SCHEMA_ROW(name, BOOL, MAP)
#define WB_MAP_OF_QUANTITIES(name) WB_SCHEMA_ROW(name, QUANTITY, MAP)

#endif

/*
 * Classes of instance types that boot otherwise than the rest: bare metal, machines with
 * accelerators, or what a user has measured. A class is a label selector over the catalog
 * (kube/catalog/catalog_selector.h) and the phases that it changes; the phases that it leaves are
 * those of the AMI family and of the contender's boot model. The first class that a type is in
 * counts.
 */
#ifndef WB_SIM_CLOUD_BOOT_CLASS_H
#define WB_SIM_CLOUD_BOOT_CLASS_H

#include "kube/catalog/catalog.h"
#include "sim/cloud/boot_model.h"

#define WB_BOOT_PHASE_UNSET \
    {                       \
        -1, 0.0             \
    }

/* The fields of a class that changes nothing yet. */
#define WB_BOOT_CLASS_OF(selector_)                                                     \
    .selector = (selector_), .start = WB_BOOT_PHASE_UNSET, .join = WB_BOOT_PHASE_UNSET, \
    .ready = WB_BOOT_PHASE_UNSET, .startup_taints = WB_BOOT_PHASE_UNSET,                \
    .shutdown = WB_BOOT_PHASE_UNSET

typedef struct wb_boot_class {
    const char *selector; /* borrowed */
    /* A negative median: the class leaves that phase alone. */
    wb_boot_phase start, join, ready, startup_taints, shutdown;
} wb_boot_class;

/* The classes of which something is published, and how many they are: bare metal, accelerators,
 * instance store. boot_class.c names the sources. */
const wb_boot_class *wb_boot_class_typical(uint32_t *out_count);

/* The types of a catalog with the class that each is in, for as long as classes are entered. */
typedef struct wb_boot_class_table {
    const wb_catalog *catalog;
    wb_arena *arena;
    wb_intern *intern;
    const wb_boot_class **of_type; /* catalog->type_count entries; NULL: none yet */
} wb_boot_class_table;

/* Enters boot_class (borrowed) for each type that its selector picks and that has none yet.
 * *out_count: types that it picks, those of other classes included. WB_ERR_INPUT: the selector does
 * not parse, with the column; nothing is entered. */
WB_MUST_CHECK wb_status wb_boot_class_assign(const wb_boot_class_table *table,
                                             const wb_boot_class *boot_class, uint32_t *out_count,
                                             wb_error *err);

/* The phase to draw from: the class's own, or otherwise. */
static inline const wb_boot_phase *wb_boot_class_phase(const wb_boot_phase *of_class,
                                                       const wb_boot_phase *otherwise)
{
    return of_class->median_ms >= 0 ? of_class : otherwise;
}

#endif

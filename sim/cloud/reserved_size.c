#include "sim/cloud/reserved_size.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define UNITS_PER_XLARGE 8
#define UNITS_PER_VCPU   2 /* an xlarge has four */
#define XLARGES_MAX      1000

typedef struct size_row {
    const char *name;
    double units;
} size_row;

static const size_row sizes[] = {
    {"nano", 0.25},  {"micro", 0.5}, {"small", 1.0},
    {"medium", 2.0}, {"large", 4.0}, {"xlarge", UNITS_PER_XLARGE},
};

/* Bare metal for which AWS' table has another number than the vCPUs give. */
static const size_row odd_metals[] = {{"u-18tb1.metal", 448.0}, {"u-24tb1.metal", 448.0}};

static const char *const inflexible_families[] = {
    "g4ad", "g4dn",  "g5",   "g5g",  "g6", "g6e",     "g6f",     "gr6",
    "gr6f", "hpc7a", "inf1", "inf2", "p5", "u7i-6tb", "u7i-8tb",
};

/* Of "m5.large" the 2 of "m5"; of a name without a dot all. */
static size_t family_length(const char *type_name)
{
    return strcspn(type_name, ".");
}

/* 12 of "12xlarge" and "12xl"; 0 for anything else. */
static int32_t count_xlarges(const char *size, const char *suffix)
{
    int32_t count = 0;
    while (*size >= '0' && *size <= '9' && count < XLARGES_MAX) {
        count = count * 10 + (*size - '0');
        size++;
    }
    return strcmp(size, suffix) == 0 ? count : 0;
}

double wb_reserved_size_units(const char *type_name, int64_t vcpu_count)
{
    static const char metal[] = "metal";
    assert(type_name != NULL && vcpu_count >= 0);
    const char *size = type_name + family_length(type_name);
    if (*size == '\0') {
        return 0.0;
    }
    size++;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        if (strcmp(size, sizes[i].name) == 0) {
            return sizes[i].units;
        }
    }
    for (size_t i = 0; i < sizeof odd_metals / sizeof odd_metals[0]; i++) {
        if (strcmp(type_name, odd_metals[i].name) == 0) {
            return odd_metals[i].units;
        }
    }
    if (strcmp(size, metal) == 0) {
        return (double)vcpu_count * UNITS_PER_VCPU;
    }
    if (strncmp(size, "metal-", sizeof metal) == 0) { /* metal-24xl: the size that it stands for */
        return (double)count_xlarges(size + sizeof metal, "xl") * UNITS_PER_XLARGE;
    }
    return (double)count_xlarges(size, "xlarge") * UNITS_PER_XLARGE;
}

bool wb_reserved_size_is_same_family(const char *type_name, const char *other)
{
    assert(type_name != NULL && other != NULL);
    const size_t length = family_length(type_name);
    return length == family_length(other) && strncmp(type_name, other, length) == 0;
}

bool wb_reserved_size_is_flexible(const char *type_name)
{
    assert(type_name != NULL);
    for (size_t i = 0; i < sizeof inflexible_families / sizeof inflexible_families[0]; i++) {
        if (wb_reserved_size_is_same_family(type_name, inflexible_families[i])) {
            return false;
        }
    }
    return true;
}

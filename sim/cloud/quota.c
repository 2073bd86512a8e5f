#include "sim/cloud/quota.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

wb_quotas wb_quota_unlimited(void)
{
    wb_quotas quotas;
    for (int market = 0; market < WB_QUOTA_MARKET_COUNT; market++) {
        for (int class = 0; class < WB_QUOTA_CLASS_COUNT; class ++) {
            quotas.vcpus[market][class] = -1;
        }
    }
    return quotas;
}

const char *wb_quota_class_name(wb_quota_class class)
{
    static const char *const names[WB_QUOTA_CLASS_COUNT] = {
        [WB_QUOTA_STANDARD] = "standard",
        [WB_QUOTA_F] = "f",
        [WB_QUOTA_G_AND_VT] = "gAndVt",
        [WB_QUOTA_HPC] = "hpc",
        [WB_QUOTA_HIGH_MEMORY] = "highMemory",
        [WB_QUOTA_INF] = "inf",
        [WB_QUOTA_P] = "p",
        [WB_QUOTA_DL] = "dl",
        [WB_QUOTA_TRN] = "trn",
        [WB_QUOTA_X] = "x",
    };
    assert(class < WB_QUOTA_CLASS_COUNT);
    return names[class];
}

/* The letters before the generation's number say the family; "u-" and "u7i" are the high memory
 * ones. What is in no row (is4gen, im4gn and whatever comes) is standard, as AWS does with new
 * general families. */
wb_quota_class wb_quota_class_of(const char *type_name)
{
    static const struct {
        const char *letters;
        wb_quota_class class;
    } rows[] = {
        {"f", WB_QUOTA_F},         {"g", WB_QUOTA_G_AND_VT}, {"gr", WB_QUOTA_G_AND_VT},
        {"vt", WB_QUOTA_G_AND_VT}, {"hpc", WB_QUOTA_HPC},    {"u", WB_QUOTA_HIGH_MEMORY},
        {"inf", WB_QUOTA_INF},     {"p", WB_QUOTA_P},        {"dl", WB_QUOTA_DL},
        {"trn", WB_QUOTA_TRN},     {"x", WB_QUOTA_X},
    };
    assert(type_name != NULL);
    size_t length = 0;
    while (type_name[length] >= 'a' && type_name[length] <= 'z') {
        length++;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strlen(rows[i].letters) == length && strncmp(type_name, rows[i].letters, length) == 0) {
            return rows[i].class;
        }
    }
    return WB_QUOTA_STANDARD;
}

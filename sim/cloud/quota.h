/*
 * EC2's service quotas: running vCPUs of an account, per class of instance families and market.
 * "Standard" holds the families A, C, D, H, I, M, R, T and Z together; the others have quotas of
 * their own.
 */
#ifndef WB_SIM_CLOUD_QUOTA_H
#define WB_SIM_CLOUD_QUOTA_H

#include <stdint.h>

typedef enum wb_quota_class {
    WB_QUOTA_STANDARD,
    WB_QUOTA_F,
    WB_QUOTA_G_AND_VT,
    WB_QUOTA_HPC,
    WB_QUOTA_HIGH_MEMORY, /* u-... */
    WB_QUOTA_INF,
    WB_QUOTA_P,
    WB_QUOTA_DL,
    WB_QUOTA_TRN,
    WB_QUOTA_X,
    WB_QUOTA_CLASS_COUNT
} wb_quota_class;

typedef enum wb_quota_market {
    WB_QUOTA_ON_DEMAND, /* reserved capacity counts here too */
    WB_QUOTA_SPOT,
    WB_QUOTA_MARKET_COUNT
} wb_quota_market;

/* vCPUs; -1: unlimited. */
typedef struct wb_quotas {
    int64_t vcpus[WB_QUOTA_MARKET_COUNT][WB_QUOTA_CLASS_COUNT];
} wb_quotas;

/* Nothing is limited. */
wb_quotas wb_quota_unlimited(void);

/* The class of an instance type by its name ("m5.large"); by its family's letters. */
wb_quota_class wb_quota_class_of(const char *type_name);

/* "standard", "gAndVt", ...: as scenarios spell it. */
const char *wb_quota_class_name(wb_quota_class class);

#endif

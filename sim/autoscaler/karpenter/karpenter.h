/* The contender karpenter: see the .c file's head for what of the real one it does. */
#ifndef WB_SIM_AUTOSCALER_KARPENTER_KARPENTER_H
#define WB_SIM_AUTOSCALER_KARPENTER_KARPENTER_H

#include "sim/autoscaler/autoscaler.h"

/* Registered in autoscaler.c under the kind "karpenter". */
extern const wb_autoscaler_ops wb_karpenter_ops;

#endif

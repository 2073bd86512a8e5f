/* The contender fixed: see the .c file's head for what of the real one it does. */
#ifndef WB_SIM_AUTOSCALER_FIXED_FIXED_AUTOSCALER_H
#define WB_SIM_AUTOSCALER_FIXED_FIXED_AUTOSCALER_H

#include "sim/autoscaler/autoscaler.h"

/* Registered in autoscaler.c under the kind "fixed". */
extern const wb_autoscaler_ops wb_fixed_autoscaler_ops;

#endif

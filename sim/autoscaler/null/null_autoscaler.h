/* The contender null: see the .c file's head for what of the real one it does. */
#ifndef WB_SIM_AUTOSCALER_NULL_NULL_AUTOSCALER_H
#define WB_SIM_AUTOSCALER_NULL_NULL_AUTOSCALER_H

#include "sim/autoscaler/autoscaler.h"

/* Registered in autoscaler.c under the kind "null". */
extern const wb_autoscaler_ops wb_null_autoscaler_ops;

#endif

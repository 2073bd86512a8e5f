/* The contender recorded: see the .c file's head for what it re-enacts. */
#ifndef WB_SIM_AUTOSCALER_RECORDED_RECORDED_AUTOSCALER_H
#define WB_SIM_AUTOSCALER_RECORDED_RECORDED_AUTOSCALER_H

#include "sim/autoscaler/autoscaler.h"

/* Registered in autoscaler.c under the kind "recorded". */
extern const wb_autoscaler_ops wb_recorded_autoscaler_ops;

#endif

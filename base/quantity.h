/*
 * Kubernetes quantities: "100m", "1.5Gi", "2e3", "5E".
 *
 * A quantity is an exact decimal; the API server keeps up to 9 digits after the point (finer is
 * rounded up) and refuses what does not fit into 64 bits at its scale. We keep nano-units in 128
 * bits while parsing and hand out integers in the unit asked for, rounded up as Kubernetes does.
 * Source: k8s.io/apimachinery resource.Quantity grammar: <sign?><digits><.digits?><suffix>, suffix
 * one of n u m "" k M G T P E, Ki Mi Gi Ti Pi Ei, or e/E with an exponent.
 *
 * Requests are compared in milli-units of CPU and in bytes:
 *
 *     wb_quantity quantity;
 *     WB_TRY(wb_quantity_parse("1.5Gi", &quantity, err));
 *     const int64_t memory_bytes = wb_quantity_units(&quantity);   1610612736
 *
 * Rounding up means that a pod never gets less than it asked for; sums are made after rounding, as
 * the scheduler makes them.
 */
#ifndef WB_BASE_QUANTITY_H
#define WB_BASE_QUANTITY_H

#include <stdint.h>

#include "base/status.h"

typedef enum wb_quantity_format {
    WB_QUANTITY_DECIMAL_SI,       /* n u m "" k M G T P E */
    WB_QUANTITY_BINARY_SI,        /* Ki .. Ei */
    WB_QUANTITY_DECIMAL_EXPONENT, /* e3 */
} wb_quantity_format;

typedef struct wb_quantity {
    __extension__ __int128 nanos; /* value * 10^9 */
    wb_quantity_format format;    /* as written, kept for round-trip printing */
} wb_quantity;

/* WB_ERR_INPUT: text is not a quantity, or beyond +-(2^63-1) whole units. err says why, without a
 * position (the caller puts that in front). */
WB_MUST_CHECK wb_status wb_quantity_parse(const char *text, wb_quantity *out, wb_error *err);

/* Value in milli-units or whole units, rounded up (away from zero upwards, as Value() does).
 * milli of a value beyond 2^63/1000 units saturates at INT64_MAX. */
int64_t wb_quantity_milli(const wb_quantity *quantity);
int64_t wb_quantity_units(const wb_quantity *quantity);

/* Canonical text (Kubernetes' own: the largest suffix that keeps the number an integer). out must
 * hold at least 48 bytes. */
void wb_quantity_print(const wb_quantity *quantity, char out[48]);

/* Canonical text of a plain amount: 1500 milli as "1500m", 2^30 bytes as "1Gi". */
void wb_quantity_print_milli(int64_t milli, char out[48]);
void wb_quantity_print_bytes(int64_t bytes, char out[48]);

#endif

/* The bill of a run as its company pays it (sim/cloud/money.h), written with the run and read back.
 * No part of the run's digest: it is settled from what is in it. */
#ifndef WB_SIM_STORE_STORE_BILL_H
#define WB_SIM_STORE_STORE_BILL_H

#include "sim/cloud/money.h"
#include "sim/store/store.h"

/* What the run's rows will say; bill must live until the run is finished. Without this call the run
 * has none, and its figure "as paid" is not known. */
void wb_recorder_set_bill(wb_recorder *recorder, const wb_bill *bill);

/* The lines of a run's bill in their order; none: it has no bill. Texts live in arena. */
WB_MUST_CHECK wb_status wb_store_bill_read(wb_store *store, wb_arena *arena, int64_t run_id,
                                           wb_bill *out, wb_error *err);

#endif

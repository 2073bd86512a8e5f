/*
 * Which region and zones the user's files speak of, and the catalog for them.
 *
 * The region is the one that is asked for, else that of nodes, of volumes or of NodePools'
 * requirements. Where no prices of a real region are shipped, us-east-1's types and prices stand in
 * and a note says so: a decision at the wrong price is worth more than none, as long as one knows.
 */
#ifndef WB_SCENARIOS_ONE_SHOT_ONE_SHOT_CATALOG_H
#define WB_SCENARIOS_ONE_SHOT_ONE_SHOT_CATALOG_H

#include "scenarios/one_shot/one_shot_internal.h"

/* Fills input->catalog and input->region_is_assumed. */
WB_MUST_CHECK wb_status wb_one_shot_catalog_load(wb_one_shot_reader *reader, wb_error *err);

/* The NodePools that --pool keeps, each with the catalog that its NodeClass makes, in input->pools.
 * WB_ERR_INPUT: none, or one that is asked for is not there. */
WB_MUST_CHECK wb_status wb_one_shot_catalog_load_pools(wb_one_shot_reader *reader, wb_error *err);

#endif

/* The points of a search: every combination, or points of a Sobol sequence. */
#include <assert.h>
#include <string.h>

#include "base/hash_map.h"
#include "base/text.h"
#include "bench/sweep_internal.h"

/* Every combination, the last parameter fastest. */
static wb_status make_grid(wb_sweep *sweep, wb_error *err)
{
    const wb_sweep_spec *spec = sweep->spec;
    uint64_t count = 1;
    for (uint32_t p = 0; p < spec->parameter_count; p++) {
        count *= spec->parameters[p].value_count;
        if (count > WB_SWEEP_POINTS_MAX) {
            return wb_fail(err, WB_ERR_LIMIT,
                           "the grid has more than %d points, expected fewer values, or a search "
                           "of method sobol or halving",
                           WB_SWEEP_POINTS_MAX);
        }
    }
    sweep->points = WB_ARENA_ARRAY(sweep->arena, wb_sweep_point, (size_t)count + 1);
    for (uint64_t i = 0; i < count; i++) {
        wb_sweep_point *point = &sweep->points[i + 1];
        uint64_t rest = i;
        for (uint32_t p = spec->parameter_count; p-- > 0;) {
            const wb_sweep_parameter *parameter = &spec->parameters[p];
            point->values[p] = &parameter->values[rest % parameter->value_count];
            rest /= parameter->value_count;
        }
    }
    sweep->point_count = (uint32_t)count + 1;
    return WB_OK;
}

static const wb_sweep_value *draw_value(wb_sweep *sweep, const wb_sweep_parameter *parameter,
                                        double share)
{
    if (parameter->value_count > 0) {
        return &parameter->values[(uint32_t)(share * parameter->value_count)];
    }
    wb_sweep_value *value = WB_ARENA_NEW(sweep->arena, wb_sweep_value);
    *value = wb_sweep_spec_value(sweep->arena, parameter, share);
    return value;
}

static uint64_t hash_of(const wb_sweep *sweep, const wb_sweep_point *point)
{
    wb_text text;
    wb_text_init(&text);
    wb_sweep_point_print(sweep, point, &text);
    const uint64_t hash = wb_digest_hash64(wb_text_string(&text), text.length);
    wb_text_release(&text);
    return hash;
}

/* Points of one and the same values (of short lists) count once. */
static void make_drawn(wb_sweep *sweep)
{
    const wb_sweep_spec *spec = sweep->spec;
    sweep->points = WB_ARENA_ARRAY(sweep->arena, wb_sweep_point, (size_t)spec->point_count + 1);
    sweep->point_count = 1;
    wb_hash_map seen;
    wb_hash_map_init(&seen);
    for (uint32_t i = 0; i < spec->point_count; i++) {
        double at[WB_SWEEP_PARAMETERS_MAX];
        wb_sobol_point(spec->search_seed, i, spec->parameter_count, at);
        wb_sweep_point *point = &sweep->points[sweep->point_count];
        for (uint32_t p = 0; p < spec->parameter_count; p++) {
            point->values[p] = draw_value(sweep, &spec->parameters[p], at[p]);
        }
        uint64_t ignored = 0;
        const uint64_t hash = hash_of(sweep, point);
        if (!wb_hash_map_get(&seen, hash, &ignored)) {
            (void)wb_hash_map_put(&seen, hash, i);
            sweep->point_count++;
        }
    }
    wb_hash_map_release(&seen);
}

wb_status wb_sweep_init(wb_sweep *sweep, wb_arena *arena, const wb_sweep_spec *spec,
                        const char *inputs_digest, wb_error *err)
{
    assert(sweep != NULL && arena != NULL && spec != NULL);
    *sweep = (wb_sweep){
        .spec = spec,
        .arena = arena,
        .inputs_digest = inputs_digest,
        .best = UINT32_MAX,
    };
    if (spec->method == WB_SWEEP_GRID) {
        WB_TRY(make_grid(sweep, err));
    } else {
        make_drawn(sweep);
    }
    return WB_OK;
}

void wb_sweep_point_print(const wb_sweep *sweep, const wb_sweep_point *point, wb_text *out)
{
    assert(sweep != NULL && point != NULL && out != NULL);
    bool is_changed = false;
    for (uint32_t p = 0; p < sweep->spec->parameter_count; p++) {
        if (point->values[p] != NULL) {
            wb_text_add_format(out, "%s%s=%s", is_changed ? " " : "",
                               sweep->spec->parameters[p].name, point->values[p]->label);
            is_changed = true;
        }
    }
    wb_text_add_format(out, "%s", is_changed ? "" : "as it is");
}

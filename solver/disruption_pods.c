/*
 * What a pod has to say when its node is to go. Source: spec/disruption.md sections 1, 3, 4, 6.
 */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/text.h"
#include "kube/names.h"
#include "solver/disruption_internal.h"

/* Whether every underscore stands between two digits; the prefix 0x counts as one. */
static bool underscores_part_digits(const char *text)
{
    const char *at = text + (text[0] == '+' || text[0] == '-');
    const bool is_hex = at[0] == '0' && (at[1] == 'x' || at[1] == 'X');
    bool after_digit = is_hex;
    for (at += is_hex ? 2 : 0; *at != '\0'; at++) {
        const bool is_digit = is_hex ? isxdigit((unsigned char)*at) : isdigit((unsigned char)*at);
        if (!is_digit && (*at == '_' ? !after_digit : at > text && at[-1] == '_')) {
            return false;
        }
        after_digit = is_digit;
    }
    return after_digit || at[-1] != '_';
}

/* A floating-point number the way Go's ParseFloat reads one: as strtod does, but without blanks in
 * front, a hexadecimal one only with its exponent, and with underscores between digits. */
static bool parse_go_float(const char *text, double *out)
{
    const bool is_hex = strpbrk(text, "xX") != NULL;
    if (text[0] == '\0' || isspace((unsigned char)text[0]) ||
        (is_hex && strpbrk(text, "pP") == NULL) || !underscores_part_digits(text)) {
        return false;
    }
    wb_text plain;
    wb_text_init(&plain);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at != '_') {
            wb_text_add(&plain, at, 1);
        }
    }
    char *end = NULL;
    errno = 0;
    *out = strtod(wb_text_string(&plain), &end);
    const bool is_read = *end == '\0' && !(errno == ERANGE && isinf(*out)) && !isnan(*out);
    wb_text_release(&plain);
    return is_read;
}

/* What can't be read counts as absent. */
static double deletion_cost(const wb_intern *intern, const wb_pod_template *template)
{
    if (template->annotations.count == 0) {
        return 0; /* as most */
    }
    const uint32_t value = wb_labels_get(template->annotations, WB_NAME_POD_DELETION_COST);
    double cost = 0;
    return parse_go_float(wb_intern_text(intern, value), &cost) ? cost : 0;
}

double wb_disruption_eviction_cost(const wb_intern *intern, const wb_pod_template *template)
{
    assert(template != NULL);
    const double cost = 1.0 + deletion_cost(intern, template) / 134217728.0 /* 2^27 */
                        + (double)template->priority / 33554432.0 /* 2^25 */;
    return cost < -10.0 ? -10.0 : cost > 10.0 ? 10.0 : cost;
}

/* "true", or a positive Go duration counted from the pod's start; else it counts as absent. */
static int64_t protected_ms(const wb_intern *intern, const wb_pod_template *template)
{
    if (template->annotations.count == 0 ||
        !wb_labels_has(template->annotations, WB_NAME_DO_NOT_DISRUPT)) {
        return 0;
    }
    const uint32_t value = wb_labels_get(template->annotations, WB_NAME_DO_NOT_DISRUPT);
    if (value == WB_NAME_TRUE) {
        return INT64_MAX;
    }
    int64_t duration_ms = 0;
    const wb_status status = wb_duration_parse(wb_intern_text(intern, value), &duration_ms, NULL);
    return status == WB_OK && duration_ms > 0 ? duration_ms : 0;
}

static bool pdb_selects(const wb_pdb *pdb, const wb_pod_labels *labels)
{
    return pdb->namespace_name == labels->namespace_name &&
           wb_label_selector_matches(&pdb->selector, labels->labels);
}

static void find_pdb(const wb_disruption *disruption, const wb_pod_labels *labels,
                     wb_disruption_shape *out)
{
    const wb_disruption_state *state = disruption->state;
    for (uint32_t i = 0; i < state->pdb_count && out->pdb_count < 2; i++) {
        if (pdb_selects(&state->pdbs[i], labels)) {
            out->pdb = &state->pdbs[i];
            out->pdb_count++;
        }
    }
}

static const wb_disruption_shape *shape_of(wb_disruption *disruption, uint32_t shape_id)
{
    assert(shape_id < disruption->shape_count); /* shapes are named before the picture is taken */
    wb_disruption_shape *known = &disruption->shapes[shape_id];
    if (known->is_known) {
        return known;
    }
    const wb_taint disrupted = {.key = WB_NAME_TAINT_DISRUPTED, .effect = WB_TAINT_NO_SCHEDULE};
    const wb_solver_shape *shape = wb_pod_shape_get(disruption->world, shape_id);
    known->is_known = true;
    known->is_beyond_pdbs =
        wb_tolerations_tolerate(disruption->intern, shape->template->tolerations,
                                shape->template->toleration_count, &disrupted);
    find_pdb(disruption, shape->kind->labels, known);
    return known;
}

double wb_disruption_pod_cost(const wb_disruption *disruption, const wb_disruption_pod *pod)
{
    assert(pod->template != NULL);
    return wb_disruption_eviction_cost(disruption->intern, pod->template);
}

/* A pod that has not started is protected: its age is not known. */
static bool annotation_is_in_force(const wb_disruption *disruption, const wb_disruption_pod *pod)
{
    const int64_t until_age_ms = protected_ms(disruption->intern, pod->template);
    return until_age_ms != 0 && (until_age_ms == INT64_MAX || pod->start_ms < 0 ||
                                 disruption->state->now_ms - pod->start_ms < until_age_ms);
}

bool wb_disruption_pod_is_protected(const wb_disruption *disruption, const wb_disruption_pod *pod)
{
    return wb_disruption_pod_is_active(pod) && annotation_is_in_force(disruption, pod);
}

/* Whether the eviction API would ever be called for the pod; if not, no PDB matters. */
static bool is_evictable(const wb_disruption *disruption, const wb_disruption_shape *shape,
                         const wb_disruption_pod *pod)
{
    return wb_disruption_pod_is_active(pod) && !shape->is_beyond_pdbs &&
           pod->owner_kind != WB_OWNER_NODE && !annotation_is_in_force(disruption, pod);
}

uint32_t wb_disruption_pod_held(wb_disruption *disruption, const wb_disruption_pod *pod)
{
    assert(disruption != NULL && pod != NULL);
    if (disruption->state->pdb_count == 0) {
        return 0;
    }
    const wb_disruption_shape *shape = shape_of(disruption, pod->shape_id);
    if (shape->pdb_count == 0 || !is_evictable(disruption, shape, pod)) {
        return 0;
    }
    if (shape->pdb_count > 1) {
        return WB_BLOCKED_MULTIPLE_PDBS;
    }
    if (shape->pdb->always_allows_unhealthy && pod->ready_is_false) {
        return 0;
    }
    return shape->pdb->disruptions_allowed == 0 ? WB_BLOCKED_PDB : 0;
}

/* By its spec, whatever its status says. */
static bool pdb_never_allows(const wb_pdb *pdb)
{
    const bool takes_none = pdb->max_unavailable_kind != WB_BOUND_NONE && pdb->max_unavailable == 0;
    const bool needs_all = pdb->min_available_kind == WB_BOUND_PERCENT && pdb->min_available == 100;
    return takes_none || needs_all;
}

bool wb_disruption_pod_moves(wb_disruption *disruption, const wb_disruption_pod *pod)
{
    assert(disruption != NULL && pod != NULL);
    if (!wb_disruption_pod_is_reschedulable(pod) ||
        (wb_disruption_pod_is_active(pod) && annotation_is_in_force(disruption, pod))) {
        return false;
    }
    if (disruption->state->pdb_count == 0) {
        return true;
    }
    const wb_disruption_shape *shape = shape_of(disruption, pod->shape_id);
    if (shape->pdb_count == 0 || !is_evictable(disruption, shape, pod)) {
        return true;
    }
    if (shape->pdb_count > 1) {
        return false;
    }
    const bool lets_unhealthy_go = shape->pdb->always_allows_unhealthy && pod->ready_is_false;
    return lets_unhealthy_go || !pdb_never_allows(shape->pdb);
}

uint32_t wb_disruption_holders(wb_disruption *disruption, uint32_t node_index,
                               const wb_disruption_holder **out)
{
    assert(node_index < disruption->state->node_count);
    const wb_disruption_node *node = &disruption->state->nodes[node_index];
    wb_disruption_holder *holders =
        WB_ARENA_ARRAY(disruption->arena, wb_disruption_holder, node->pod_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < node->pod_count; i++) {
        const wb_disruption_pod *pod = &node->pods[i];
        const uint32_t held = wb_disruption_pod_is_protected(disruption, pod)
                                  ? WB_BLOCKED_POD_DO_NOT_DISRUPT
                                  : wb_disruption_pod_held(disruption, pod);
        if (held == 0) {
            continue;
        }
        wb_disruption_holder *holder = &holders[count++];
        *holder = (wb_disruption_holder){.pod_index = i, .blocked = held};
        const wb_pod_labels *labels =
            wb_pod_shape_get(disruption->world, pod->shape_id)->kind->labels;
        uint32_t found = 0;
        for (uint32_t p = 0; p < disruption->state->pdb_count && found < 2; p++) {
            if (pdb_selects(&disruption->state->pdbs[p], labels)) {
                holder->pdbs[found++] = &disruption->state->pdbs[p];
            }
        }
    }
    *out = holders;
    return count;
}

static void print_name(const wb_intern *intern, const wb_pdb *pdb, wb_text *out)
{
    wb_text_add_format(out, "%s/%s", wb_intern_text(intern, pdb->namespace_name),
                       wb_intern_text(intern, pdb->name));
}

static void print_bound(const wb_pdb *pdb, wb_text *out)
{
    const bool is_max = pdb->max_unavailable_kind != WB_BOUND_NONE;
    const wb_bound_kind kind = is_max ? pdb->max_unavailable_kind : pdb->min_available_kind;
    if (kind == WB_BOUND_NONE) {
        wb_text_add_string(out, "neither minAvailable nor maxUnavailable");
        return;
    }
    wb_text_add_format(out, "%s %d%s", is_max ? "maxUnavailable" : "minAvailable",
                       is_max ? pdb->max_unavailable : pdb->min_available,
                       kind == WB_BOUND_PERCENT ? " %" : "");
}

void wb_disruption_print_hold(const wb_intern *intern, const wb_disruption_holder *holder,
                              wb_text *out)
{
    assert(intern != NULL && holder != NULL && out != NULL);
    const wb_pdb *pdb = holder->pdbs[0];
    if (holder->blocked == WB_BLOCKED_POD_DO_NOT_DISRUPT) {
        wb_text_add_string(out, "karpenter.sh/do-not-disrupt on ");
    } else if (holder->blocked == WB_BLOCKED_PDB) {
        wb_text_add_string(out, "PDB ");
        print_name(intern, pdb, out);
        wb_text_add_string(out, " (");
        print_bound(pdb, out);
        wb_text_add_format(out, ", %d of %d pods healthy) allows no eviction of ",
                           pdb->current_healthy, pdb->expected_pods);
    } else {
        wb_text_add_string(out, "PDBs ");
        print_name(intern, pdb, out);
        wb_text_add_string(out, " and ");
        print_name(intern, holder->pdbs[1], out);
        wb_text_add_string(out, " both select, and the eviction API refuses, ");
    }
}

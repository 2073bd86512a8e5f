#include "solver/volumes.h"

#include <assert.h>
#include <string.h>

/* A claim as a pod sees it: the object, or for a generic ephemeral volume without one its class. */
typedef struct claim_view {
    uint32_t name;
    const wb_volume_claim *claim; /* NULL: none of that name */
    uint32_t storage_class;
    bool is_ephemeral;
} claim_view;

static const wb_volume_claim *find_claim(const wb_solver_problem *problem, uint32_t name,
                                         uint32_t namespace_name)
{
    for (uint32_t i = 0; i < problem->volume_claim_count; i++) {
        const wb_volume_claim *claim = &problem->volume_claims[i];
        if (claim->name == name && claim->namespace_name == namespace_name) {
            return claim;
        }
    }
    return NULL;
}

static const wb_persistent_volume *find_volume(const wb_solver_problem *problem, uint32_t name)
{
    for (uint32_t i = 0; name != 0 && i < problem->persistent_volume_count; i++) {
        if (problem->persistent_volumes[i].name == name) {
            return &problem->persistent_volumes[i];
        }
    }
    return NULL;
}

/* The class of that name; 0: the default class. */
static const wb_storage_class *find_class(const wb_solver_problem *problem, uint32_t name)
{
    for (uint32_t i = 0; i < problem->storage_class_count; i++) {
        const wb_storage_class *one = &problem->storage_classes[i];
        if (name != 0 ? one->name == name : one->is_default) {
            return one;
        }
    }
    return NULL;
}

/* "<pod>-<volume>", the claim that the ephemeral volume controller makes; 0: nobody names it, so
 * there is none. Never adds to intern, whose texts may share the arena that a solve rewinds. */
static uint32_t ephemeral_name(const wb_intern *intern, uint32_t pod_name, uint32_t volume_name)
{
    char text[512];
    const char *pod = wb_intern_text(intern, pod_name);
    const char *volume = wb_intern_text(intern, volume_name);
    const size_t pod_length = strlen(pod);
    const size_t volume_length = strlen(volume);
    if (pod_length + volume_length + 2 > sizeof(text)) {
        return 0; /* names end at 253 characters: the API server refuses these */
    }
    memcpy(text, pod, pod_length);
    text[pod_length] = '-';
    memcpy(text + pod_length + 1, volume, volume_length);
    text[pod_length + 1 + volume_length] = '\0';
    return wb_intern_find(intern, text);
}

/* False for a volume that has no claim. */
static bool view_claim(const wb_intern *intern, const wb_solver_problem *problem,
                       const wb_volume *volume, uint32_t pod_name, uint32_t namespace_name,
                       claim_view *out)
{
    assert(intern != NULL && problem != NULL && volume != NULL && out != NULL);
    if (volume->kind != WB_VOLUME_CLAIM && volume->kind != WB_VOLUME_EPHEMERAL) {
        return false;
    }
    out->is_ephemeral = volume->kind == WB_VOLUME_EPHEMERAL;
    out->name =
        out->is_ephemeral ? ephemeral_name(intern, pod_name, volume->name) : volume->claim_name;
    out->claim = find_claim(problem, out->name, namespace_name);
    out->storage_class = out->claim != NULL ? out->claim->storage_class : volume->storage_class;
    return true;
}

/* ORed terms that the claim restricts nodes to; none: no restriction. */
static const wb_node_term *claim_terms(const wb_solver_problem *problem, const claim_view *view,
                                       uint32_t *out_count, bool *out_is_local)
{
    assert(problem != NULL && view != NULL);
    *out_count = 0;
    *out_is_local = false;
    if (view->claim != NULL && view->claim->volume_name != 0) {
        const wb_persistent_volume *volume = find_volume(problem, view->claim->volume_name);
        if (volume == NULL) {
            return NULL;
        }
        *out_is_local = volume->is_local_or_host_path;
        *out_count = volume->required_term_count;
        return volume->required_terms;
    }
    if (view->claim == NULL && !view->is_ephemeral) {
        return NULL;
    }
    const wb_storage_class *class = find_class(problem, view->storage_class);
    if (class == NULL) {
        return NULL;
    }
    *out_count = class->allowed_topology_count;
    return class->allowed_topologies;
}

static wb_requirements term_requirements(wb_arena *arena, wb_intern *intern,
                                         const wb_node_term *term, bool is_local)
{
    assert(arena != NULL && intern != NULL);
    wb_requirements made =
        wb_requirements_from_expressions(arena, intern, term->expressions, term->expression_count);
    return is_local ? wb_requirements_without(arena, made, WB_NAME_HOSTNAME) : made;
}

/* Every combination of what is there with each of terms; keep_all keeps those that contradict
 * themselves too (a key then allows no value, which refuses the pod later). */
static wb_volume_choices multiply(wb_arena *arena, wb_intern *intern, wb_volume_choices with,
                                  const wb_requirements *terms, uint32_t term_count, bool keep_all)
{
    assert(arena != NULL && intern != NULL);
    wb_requirements *made = WB_ARENA_ARRAY(arena, wb_requirements, (size_t)with.count * term_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < with.count; i++) {
        for (uint32_t t = 0; t < term_count; t++) {
            if (keep_all ||
                wb_requirements_intersects(intern, with.alternatives[i], terms[t], NULL)) {
                made[count++] =
                    wb_requirements_merge(arena, intern, with.alternatives[i], terms[t]);
            }
        }
    }
    return (wb_volume_choices){.alternatives = made, .count = count};
}

wb_volume_choices wb_volumes_choices(wb_arena *arena, wb_intern *intern,
                                     const wb_solver_problem *problem,
                                     const wb_pod_template *template, uint32_t pod_name,
                                     uint32_t namespace_name)
{
    assert(arena != NULL && intern != NULL && problem != NULL && template != NULL);
    wb_volume_choices choices = {.alternatives = WB_ARENA_NEW(arena, wb_requirements), .count = 1};
    for (uint32_t v = 0; v < template->volume_count; v++) {
        claim_view view = {0};
        if (!view_claim(intern, problem, &template->volumes[v], pod_name, namespace_name, &view)) {
            continue;
        }
        uint32_t term_count = 0;
        bool is_local = false;
        const wb_node_term *terms = claim_terms(problem, &view, &term_count, &is_local);
        if (term_count == 0) {
            continue;
        }
        wb_requirements *asked = WB_ARENA_ARRAY(arena, wb_requirements, term_count);
        for (uint32_t t = 0; t < term_count; t++) {
            asked[t] = term_requirements(arena, intern, &terms[t], is_local);
        }
        const wb_volume_choices before = choices;
        choices = multiply(arena, intern, before, asked, term_count, false);
        if (choices.count == 0) {
            choices = multiply(arena, intern, before, asked, term_count, true);
        }
    }
    return choices;
}

static bool claim_is_valid(const wb_solver_problem *problem, const claim_view *view)
{
    assert(problem != NULL && view != NULL);
    if (view->claim == NULL) {
        if (!view->is_ephemeral) {
            return false;
        }
        const wb_storage_class *class = find_class(problem, view->storage_class);
        return class != NULL && !class->is_immediate;
    }
    if (view->claim->is_deleting || view->claim->is_lost) {
        return false;
    }
    if (view->claim->volume_name != 0) {
        const wb_persistent_volume *volume = find_volume(problem, view->claim->volume_name);
        return view->claim->is_bind_completed && volume != NULL && !volume->is_deleting;
    }
    if (view->storage_class == 0) {
        return false;
    }
    const wb_storage_class *class = find_class(problem, view->storage_class);
    return class != NULL && !class->is_immediate;
}

bool wb_volumes_are_valid(wb_intern *intern, const wb_solver_problem *problem,
                          const wb_pod_template *template, uint32_t pod_name,
                          uint32_t namespace_name)
{
    assert(intern != NULL && problem != NULL && template != NULL);
    for (uint32_t v = 0; v < template->volume_count; v++) {
        claim_view view = {0};
        if (view_claim(intern, problem, &template->volumes[v], pod_name, namespace_name, &view) &&
            !claim_is_valid(problem, &view)) {
            return false;
        }
    }
    return true;
}

static uint32_t claim_driver(const wb_solver_problem *problem, const claim_view *view)
{
    assert(problem != NULL && view != NULL);
    if (view->claim == NULL && !view->is_ephemeral) {
        return 0; /* of a running pod: its claim was deleted since, and nothing is known of it */
    }
    if (view->claim != NULL && view->claim->volume_name != 0) {
        const wb_persistent_volume *volume = find_volume(problem, view->claim->volume_name);
        return volume != NULL ? volume->driver : 0;
    }
    const wb_storage_class *class = find_class(problem, view->storage_class);
    return class != NULL ? class->provisioner : 0;
}

/* A claim by its name, or where nobody names it by the pod and volume that it is made for. */
typedef struct claim_identity {
    uint32_t namespace_name, name;
    uint32_t pod_name, volume_name; /* 0 with a name */
} claim_identity;

/* Distinct claims of one driver. */
typedef struct claim_set {
    wb_arena *arena;
    const wb_intern *intern;
    const wb_solver_problem *problem;
    uint32_t driver;
    claim_identity *claims;
    uint32_t count;
} claim_set;

static bool is_same_claim(const claim_identity *a, const claim_identity *b)
{
    return a->namespace_name == b->namespace_name && a->name == b->name &&
           a->pod_name == b->pod_name && a->volume_name == b->volume_name;
}

static void gather_claims(claim_set *set, const wb_volume_pod *pod)
{
    for (uint32_t v = 0; v < pod->template->volume_count; v++) {
        claim_view view = {0};
        if (!view_claim(set->intern, set->problem, &pod->template->volumes[v], pod->pod_name,
                        pod->namespace_name, &view) ||
            claim_driver(set->problem, &view) != set->driver) {
            continue;
        }
        const bool is_named = view.name != 0;
        const claim_identity id = {.namespace_name = pod->namespace_name,
                                   .name = view.name,
                                   .pod_name = is_named ? 0 : pod->pod_name,
                                   .volume_name = is_named ? 0 : pod->template->volumes[v].name};
        uint32_t slot = 0;
        while (slot < set->count && !is_same_claim(&set->claims[slot], &id)) {
            slot++;
        }
        if (slot == set->count) {
            set->claims = wb_arena_grow(set->arena, set->claims, set->count, set->count + 1U,
                                        sizeof(*set->claims));
            set->claims[set->count++] = id;
        }
    }
}

bool wb_volumes_fit(wb_arena *scratch, wb_intern *intern, const wb_solver_problem *problem,
                    const wb_volume_query *query)
{
    assert(scratch != NULL && intern != NULL && problem != NULL && query != NULL);
    const wb_arena_mark mark = wb_arena_get_mark(scratch);
    bool fits = true;
    for (uint32_t l = 0; fits && l < query->node->attach_limit_count; l++) {
        const wb_attach_limit *limit = &query->node->attach_limits[l];
        if (limit->count < 0) {
            continue;
        }
        claim_set set = {scratch, intern, problem, limit->driver, NULL, 0};
        if (query->added.template != NULL) {
            gather_claims(&set, &query->added);
        }
        for (uint32_t e = 0; e < query->node->entry_count; e++) {
            const wb_node_entry *entry = query->node->entries[e];
            const wb_volume_pod running = {entry->shape->template, entry->pod_name,
                                           entry->shape->kind->labels->namespace_name};
            gather_claims(&set, &running);
        }
        for (uint32_t p = 0; p < query->placed_count; p++) {
            gather_claims(&set, &query->placed[p]);
        }
        fits = set.count <= (uint32_t)limit->count;
    }
    wb_arena_rewind(scratch, mark);
    return fits;
}

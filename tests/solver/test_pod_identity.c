/*
 * Telling pods apart, by rows of numbers and field by field: a template is the same as its copy,
 * and not as one that differs in any field that a placement reads.
 */
#include <string.h>

#include "kube/names.h"
#include "solver/pod_identity.h"
#include "tests/harness.h"

/* A template with something of everything that is compared, and what it points to. */
typedef struct sample {
    wb_pod_template pod;
    wb_label labels[1], selector[1];
    wb_resource requests[2];
    uint32_t values[2];
    wb_label_expression expressions[1];
    wb_node_term required[1], preferred[1];
    wb_pod_term near[1], rather_near[1], apart[1], rather_apart[1];
    wb_spread_constraint spreads[1];
    wb_toleration tolerations[1];
    wb_host_port ports[1];
    wb_volume volumes[1];
    uint32_t keys[1];
} sample;

enum {
    APP = 1000, /* ids like any; no table is asked for their texts */
    WEB,
    OTHER
};

static wb_pod_term term(sample *of, uint32_t key)
{
    return (wb_pod_term){
        .selector = {.is_set = true, .expression_count = 1, .expressions = of->expressions},
        .topology_key = key,
        .weight = 5};
}

static void fill(sample *out)
{
    memset(out, 0, sizeof(*out));
    out->labels[0] = (wb_label){APP, WEB};
    out->selector[0] = (wb_label){WB_NAME_ARCH, WB_NAME_AMD64};
    out->requests[0] = (wb_resource){WB_NAME_CPU, 500};
    out->requests[1] = (wb_resource){WB_NAME_MEMORY, 1 << 30};
    out->values[0] = WEB;
    out->values[1] = OTHER;
    out->expressions[0] = (wb_label_expression){
        .key = APP, .op = WB_OPERATOR_IN, .value_count = 2, .values = out->values};
    out->required[0] = (wb_node_term){.expressions = out->expressions, .expression_count = 1};
    out->preferred[0] =
        (wb_node_term){.expressions = out->expressions, .expression_count = 1, .weight = 7};
    out->near[0] = out->rather_near[0] = term(out, WB_NAME_ZONE);
    out->apart[0] = out->rather_apart[0] = term(out, WB_NAME_HOSTNAME);
    out->spreads[0] = (wb_spread_constraint){.max_skew = 1,
                                             .topology_key = WB_NAME_ZONE,
                                             .selector = out->near[0].selector};
    out->pod = (wb_pod_template){
        .labels = {out->labels, 1},
        .node_selector = {out->selector, 1},
        .requests = {out->requests, 2},
        .required_terms = out->required,
        .preferred_terms = out->preferred,
        .affinity_required = out->near,
        .affinity_preferred = out->rather_near,
        .anti_affinity_required = out->apart,
        .anti_affinity_preferred = out->rather_apart,
        .spreads = out->spreads,
        .required_term_count = 1,
        .preferred_term_count = 1,
        .affinity_required_count = 1,
        .affinity_preferred_count = 1,
        .anti_affinity_required_count = 1,
        .anti_affinity_preferred_count = 1,
        .spread_count = 1,
    };
}

/* One change each; the fields by number, so that the table is a switch. */
enum {
    CHANGES = 34
};

static void change_terms(sample *in, int change)
{
    switch (change) {
    case 14: in->required[0].weight = 1; break;
    case 15: in->preferred[0].weight = 8; break;
    case 16: in->preferred[0].expression_count = 0; break;
    case 17:
        in->required[0].fields = in->expressions;
        in->required[0].field_count = 1;
        break;
    case 18: in->near[0].topology_key = OTHER; break;
    case 19: in->rather_near[0].weight = 6; break;
    case 20: in->apart[0].selector.is_set = false; break;
    case 21: in->rather_apart[0].selector.expression_count = 0; break;
    case 22:
        in->apart[0].namespaces = in->keys;
        in->apart[0].namespace_count = 1;
        break;
    case 23: in->near[0].namespace_selector.is_set = true; break;
    case 24:
        in->near[0].match_label_keys = in->keys;
        in->near[0].match_label_key_count = 1;
        break;
    case 25: in->spreads[0].max_skew = 2; break;
    case 26: in->spreads[0].min_domains = 2; break;
    case 27: in->spreads[0].topology_key = OTHER; break;
    case 28: in->spreads[0].when_unsatisfiable = WB_SPREAD_SCHEDULE_ANYWAY; break;
    case 29: in->spreads[0].node_affinity_policy = WB_NODE_POLICY_IGNORE; break;
    case 30: in->spreads[0].node_taints_policy = WB_NODE_POLICY_HONOR; break;
    case 31:
        in->spreads[0].match_label_keys = in->keys;
        in->spreads[0].match_label_key_count = 1;
        break;
    case 32: in->spreads[0].selector.is_set = false; break;
    case 33: in->pod.anti_affinity_preferred_count = 0; break;
    default: break;
    }
}

static void change(sample *in, int number)
{
    switch (number) {
    case 0: in->labels[0].value = OTHER; break;
    case 1: in->labels[0].key = OTHER; break;
    case 2: in->pod.labels.count = 0; break;
    case 3: in->selector[0].value = OTHER; break;
    case 4: in->requests[0].amount = 501; break;
    case 5: in->requests[1].name = WB_NAME_PODS; break;
    case 6: in->pod.requests.count = 1; break;
    case 7: in->values[0] = APP; break;
    case 8: in->expressions[0].op = WB_OPERATOR_NOT_IN; break;
    case 9: in->expressions[0].value_count = 1; break;
    case 10:
        in->pod.tolerations = in->tolerations;
        in->pod.toleration_count = 1;
        break;
    case 11:
        in->pod.host_ports = in->ports;
        in->pod.host_port_count = 1;
        break;
    case 12:
        in->pod.volumes = in->volumes;
        in->pod.volume_count = 1;
        break;
    case 13: in->pod.has_resource_claims = true; break;
    default: change_terms(in, number); break;
    }
}

/* The row and the comparison field by field must agree: each is the other's oracle. */
static bool rows_are_same(const wb_pod_template *a, const wb_pod_template *b)
{
    wb_arena arena;
    wb_arena_init(&arena, "rows", 0, NULL);
    uint32_t room[2][4]; /* too small on purpose: rows move to the arena */
    wb_pod_identity rows[2];
    const wb_pod_template *templates[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        rows[i] = wb_pod_identity_start(&arena, room[i], 4);
        wb_pod_identity_write_kind(&rows[i], templates[i], APP);
        wb_pod_identity_write_shape(&rows[i], templates[i]);
    }
    const bool is_same =
        rows[0].count == rows[1].count &&
        memcmp(rows[0].numbers, rows[1].numbers, rows[0].count * sizeof(uint32_t)) == 0;
    wb_arena_release(&arena);
    return is_same;
}

static void copies_are_the_same(void)
{
    sample one;
    sample other;
    fill(&one);
    fill(&other);
    CU_ASSERT(wb_pod_template_places_alike(&one.pod, &other.pod));
    CU_ASSERT(wb_pod_template_places_alike(&one.pod, &one.pod));
    CU_ASSERT(rows_are_same(&one.pod, &other.pod));
}

static void any_difference_is_seen(void)
{
    sample one;
    fill(&one);
    for (int i = 0; i < CHANGES; i++) {
        sample other;
        fill(&other);
        change(&other, i);
        const bool is_seen = !wb_pod_template_places_alike(&one.pod, &other.pod) &&
                             !wb_pod_template_places_alike(&other.pod, &one.pod) &&
                             !rows_are_same(&one.pod, &other.pod);
        if (!is_seen) {
            printf("\n    change %d", i);
        }
        CU_ASSERT(is_seen);
    }
}

static const wb_test_case cases[] = {
    {"a copy is the same", copies_are_the_same},
    {"a difference in any field is seen", any_difference_is_seen},
};

int main(void)
{
    return wb_test_run("pod identity", cases, WB_TEST_COUNT(cases));
}

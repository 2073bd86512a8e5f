/*
 * The table of fixed names, and the sets of labels with a meaning.
 *
 * Which labels are well known decides whether a new NodeClaim may leave them open, and which are
 * restricted whether a pod is looked at at all. Source: pkg/apis/v1/labels.go of Karpenter and of
 * its AWS provider, August 2026.
 */
#include "kube/names.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static const char *const name_texts[WB_NAME_COUNT] = {[WB_NAME_NONE] = "",
#define WB_NAMES_TEXT(constant, text) [WB_NAME_##constant] = (text),
                                                      WB_NAMES(WB_NAMES_TEXT)
#undef WB_NAMES_TEXT
};

/* Old keys, which Kubernetes keeps writing on nodes and Karpenter keeps reading. The EBS key is the
 * CSI driver's own topology key: volumes are tied to zones by it. */
static const struct {
    const char *old_text;
    wb_name current;
} aliases[] = {
    {"failure-domain.beta.kubernetes.io/zone", WB_NAME_ZONE},
    {"failure-domain.beta.kubernetes.io/region", WB_NAME_REGION},
    {"topology.ebs.csi.aws.com/zone", WB_NAME_ZONE},
    {"beta.kubernetes.io/arch", WB_NAME_ARCH},
    {"beta.kubernetes.io/os", WB_NAME_OS},
    {"beta.kubernetes.io/instance-type", WB_NAME_INSTANCE_TYPE},
};

static const char *const restricted_domains[] = {"karpenter.sh", "karpenter.k8s.aws"};

/* In the order of the list, so that ids are the constants of wb_name. */
void wb_names_init(wb_intern *intern)
{
    assert(intern != NULL);
    assert(intern->count == 1); /* fresh: only the empty string */
    for (uint32_t id = 1; id < WB_NAME_COUNT; id++) {
        const uint32_t given = wb_intern_add(intern, name_texts[id]);
        assert(given == id); /* a text that occurs twice in the list would break this */
        (void)given;
    }
}

/* Called for every key of every requirement: keys with fixed ids leave at once. */
uint32_t wb_names_unalias(wb_intern *intern, uint32_t label_key)
{
    assert(intern != NULL);
    if (label_key < WB_NAME_COUNT) {
        return label_key; /* no alias has a fixed id */
    }
    const char *text = wb_intern_text(intern, label_key);
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        if (strcmp(text, aliases[i].old_text) == 0) {
            return aliases[i].current;
        }
    }
    return label_key;
}

/* By id: the list keeps the provider's labels in one run for this. */
bool wb_names_is_well_known(uint32_t label_key)
{
    switch (label_key) {
    case WB_NAME_NODEPOOL:
    case WB_NAME_CAPACITY_TYPE:
    case WB_NAME_ZONE:
    case WB_NAME_REGION:
    case WB_NAME_INSTANCE_TYPE:
    case WB_NAME_ARCH:
    case WB_NAME_OS:
    case WB_NAME_WINDOWS_BUILD:
    case WB_NAME_ZONE_ID: return true;
    default:
        /* The provider's labels stand together in the list. */
        return label_key >= WB_NAME_INSTANCE_HYPERVISOR &&
               label_key <= WB_NAME_PLACEMENT_GROUP_PARTITION;
    }
}

/* Whether domain of length bytes is parent or ends in ".<parent>". */
static bool domain_lies_in(const char *domain, size_t length, const char *parent)
{
    const size_t parent_length = strlen(parent);
    if (length < parent_length ||
        memcmp(domain + length - parent_length, parent, parent_length) != 0) {
        return false;
    }
    return length == parent_length || domain[length - parent_length - 1] == '.';
}

/* A domain is restricted with all that lies below it, not with what merely ends in its letters. */
bool wb_names_is_restricted(const wb_intern *intern, uint32_t label_key)
{
    assert(intern != NULL);
    if (label_key == WB_NAME_HOSTNAME) {
        return true;
    }
    if (wb_names_is_well_known(label_key)) {
        return false;
    }
    const char *text = wb_intern_text(intern, label_key);
    const char *slash = strchr(text, '/');
    if (slash == NULL) {
        return false;
    }
    for (size_t i = 0; i < sizeof(restricted_domains) / sizeof(restricted_domains[0]); i++) {
        if (domain_lies_in(text, (size_t)(slash - text), restricted_domains[i])) {
            return true;
        }
    }
    return false;
}

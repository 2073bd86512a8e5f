/*
 * values.yaml of Karpenter's Helm chart (v1): what of it must agree with AWS, and the settings.
 *
 * The chart has many fields about the controller's pods; only `settings` is checked for unknown
 * names, since a misspelt setting is silently nothing.
 */
#ifndef WB_KUBE_HELM_VALUES_H
#define WB_KUBE_HELM_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/document.h"
#include "base/findings.h"

/* A setting that was given, as text. */
typedef struct wb_helm_setting {
    const char *name; /* "batchIdleDuration"; of feature gates the gate's name */
    const char *value;
    bool is_feature_gate;
    wb_position position;
} wb_helm_setting;

/* Texts live as long as the document; "" where nothing is said. */
typedef struct wb_helm_values {
    const char *file;
    const char *cluster_name, *cluster_endpoint, *interruption_queue;
    const char *service_account; /* its name; "karpenter" where nothing is said */
    const char *role_arn;        /* annotation eks.amazonaws.com/role-arn */
    bool is_isolated_vpc;
    bool keeps_service_account; /* serviceAccount.create: false */
    wb_position settings_position, cluster_name_position, queue_position, account_position;
    wb_helm_setting *settings; /* in the arena */
    uint32_t setting_count;
} wb_helm_values;

/* Whether root looks like values of the chart: a map with settings or serviceAccount, no kind. */
bool wb_helm_values_is_one(const wb_node *root);

/* Reads root; what is wrong goes to findings, whose arena keeps the settings. */
void wb_helm_values_read(const wb_node *root, wb_findings *findings, wb_helm_values *out);

#endif

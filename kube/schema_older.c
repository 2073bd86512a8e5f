/*
 * Fields of Karpenter's earlier objects: NodePool, NodeClaim and EC2NodeClass v1beta1, Provisioner
 * v1alpha5, AWSNodeTemplate v1alpha1. What is carried over as it stands is looked into where the v1
 * object is read. Source: the CRDs of Karpenter v0.31 and v0.37.
 */
#include "kube/schema_table.h"

/* clang-format off */
static const wb_schema_field beta_reference_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("group"), WB_STRING("kind"), WB_STRING("name")};
static const wb_schema beta_reference = WB_SCHEMA_OF(beta_reference_fields);
static const wb_schema_field beta_template_spec_fields[] = {
    WB_ANY("expireAfter"), WB_ANY("kubelet"), WB_OBJECT("nodeClassRef", &beta_reference),
    WB_ANY("requirements"), WB_ANY("resources"), WB_ANY("startupTaints"), WB_ANY("taints"),
    WB_ANY("terminationGracePeriod")};
static const wb_schema beta_template_spec = WB_SCHEMA_OF(beta_template_spec_fields);
static const wb_schema_field beta_template_fields[] = {
    WB_ANY("metadata"), WB_OBJECT("spec", &beta_template_spec)};
static const wb_schema beta_template = WB_SCHEMA_OF(beta_template_fields);
static const wb_schema_field beta_disruption_fields[] = {
    WB_ANY("budgets"), WB_STRING("consolidateAfter"), WB_STRING("consolidationPolicy"),
    WB_STRING("expireAfter")};
static const wb_schema beta_disruption = WB_SCHEMA_OF(beta_disruption_fields);
static const wb_schema_field beta_pool_spec_fields[] = {
    WB_OBJECT("disruption", &beta_disruption), WB_ANY("limits"),
    WB_OBJECT("template", &beta_template), WB_ANY("weight")};
static const wb_schema beta_pool_spec = WB_SCHEMA_OF(beta_pool_spec_fields);
static const wb_schema_field beta_pool_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_ANY("metadata"),
    WB_OBJECT("spec", &beta_pool_spec), WB_ANY("status")};
const wb_schema wb_schema_beta_node_pool = WB_SCHEMA_OF(beta_pool_fields);

static const wb_schema_field beta_claim_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_ANY("metadata"),
    WB_OBJECT("spec", &beta_template_spec), WB_ANY("status")};
const wb_schema wb_schema_beta_node_claim = WB_SCHEMA_OF(beta_claim_fields);

static const wb_schema_field beta_class_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_ANY("metadata"), WB_ANY("spec"),
    WB_ANY("status")};
const wb_schema wb_schema_beta_node_class = WB_SCHEMA_OF(beta_class_fields);

static const wb_schema_field consolidation_fields[] = {WB_BOOL("enabled")};
static const wb_schema consolidation = WB_SCHEMA_OF(consolidation_fields);
static const wb_schema_field provisioner_limits_fields[] = {WB_ANY("resources")};
static const wb_schema provisioner_limits = WB_SCHEMA_OF(provisioner_limits_fields);
static const wb_schema_field provisioner_spec_fields[] = {
    WB_ANY("annotations"), WB_OBJECT("consolidation", &consolidation),
    WB_ANY("kubeletConfiguration"), WB_ANY("labels"), WB_OBJECT("limits", &provisioner_limits),
    WB_ANY("provider"), WB_OBJECT("providerRef", &beta_reference), WB_ANY("requirements"),
    WB_ANY("startupTaints"), WB_ANY("taints"), WB_INTEGER("ttlSecondsAfterEmpty"),
    WB_INTEGER("ttlSecondsUntilExpired"), WB_ANY("weight")};
static const wb_schema provisioner_spec = WB_SCHEMA_OF(provisioner_spec_fields);
static const wb_schema_field provisioner_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_ANY("metadata"),
    WB_OBJECT("spec", &provisioner_spec), WB_ANY("status")};
const wb_schema wb_schema_provisioner = WB_SCHEMA_OF(provisioner_fields);

static const wb_schema_field template_spec_fields[] = {
    WB_STRING("amiFamily"), WB_MAP_OF_STRINGS("amiSelector"), WB_STRING("apiVersion"),
    WB_ANY("blockDeviceMappings"), WB_ANY("context"), WB_ANY("detailedMonitoring"),
    WB_STRING("instanceProfile"), WB_STRING("kind"), WB_STRING("launchTemplate"),
    WB_ANY("metadataOptions"), WB_MAP_OF_STRINGS("securityGroupSelector"),
    WB_MAP_OF_STRINGS("subnetSelector"), WB_ANY("tags"), WB_ANY("userData")};
static const wb_schema template_spec = WB_SCHEMA_OF(template_spec_fields);
static const wb_schema_field template_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_ANY("metadata"),
    WB_OBJECT("spec", &template_spec), WB_ANY("status")};
const wb_schema wb_schema_aws_node_template = WB_SCHEMA_OF(template_fields);
/* clang-format on */

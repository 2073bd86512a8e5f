/*
 * Shared by the files of the trace generator only: a specification as read, which says what is
 * made but not how many pods that will be, and the generator that lives on it.
 *
 *   generate_spec.c      the document: services, batches     generate_service.c  replicas over time
 *   generate_load.c      rates, crowds, rollouts, durations  generate_batch.c    queues of jobs
 *   generate_template.c  pod templates and their variants    generate_pods.c     draws, the sorter
 *   trace_generate.c     writing
 */
#ifndef WB_TRACES_GENERATE_INTERNAL_H
#define WB_TRACES_GENERATE_INTERNAL_H

#include "base/cron.h"
#include "base/hash_map.h"
#include "base/random.h"
#include "kube/field.h"
#include "traces/trace.h"
#include "traces/trace_generate.h"
#include "traces/trace_sort.h"

#define WB_GENERATE_WEEK_HOURS      168
#define WB_GENERATE_CONSTRAINTS_MAX 8 /* of one source: a bit each in a variant's number */
#define WB_GENERATE_PODS_MAX        ((size_t)20000000)
#define WB_GENERATE_EVENTS_MAX      10000 /* crowds, or rollouts, of one service */
#define WB_GENERATE_REPLICAS_MAX    1000  /* of a service with volumes: a shape each */

/* How much there is at each hour of a week, from Monday 0:00 UTC, in per mille. */
typedef struct wb_generated_profile {
    int32_t hours[WB_GENERATE_WEEK_HOURS];
    bool is_stepped;      /* the same for a whole hour; else between the hours a straight line */
    const int32_t *trend; /* factors in per mille, one after the other, again and again; NULL: 1 */
    uint32_t trend_count;
    int64_t trend_every_ms;
} wb_generated_profile;

/* A flash crowd: the load grows to factor, holds it, and falls back. */
typedef struct wb_generated_crowd {
    int64_t at_ms; /* -1: at random, per_week times a week */
    double per_week;
    int64_t factor_permille, length_ms;
} wb_generated_crowd;

/* "25%" or a number of pods. */
typedef struct wb_generated_share {
    int64_t count;
    bool is_percent;
} wb_generated_share;

/* When a service's pods are replaced, and how many at a time. */
typedef struct wb_generated_rollouts {
    const int64_t *at_ms;
    uint32_t at_count;
    double per_week;
    wb_generated_share max_surge, max_unavailable;
    int64_t ready_after_ms; /* how long a new pod takes before the next step begins */
} wb_generated_rollouts;

typedef enum wb_generated_duration_kind {
    WB_GENERATED_LOGNORMAL,
    WB_GENERATED_PARETO,
    WB_GENERATED_WEIBULL,
    WB_GENERATED_EXPONENTIAL,
    WB_GENERATED_QUANTILES, /* measured: values at equal steps of probability */
} wb_generated_duration_kind;

typedef struct wb_generated_duration {
    wb_generated_duration_kind kind;
    int64_t median_ms, max_ms;
    double sigma, shape;
    const int64_t *quantiles_ms;
    uint32_t quantile_count;
} wb_generated_duration;

/* One of the pod templates that a source draws from. */
typedef struct wb_generated_choice {
    const wb_node *pod;
    const char *template_json;
    double weight_until; /* sum of the weights up to and with this one */
    int64_t pods_per_job;
    const wb_generated_duration *duration; /* NULL: the source's */
} wb_generated_choice;

typedef struct wb_generated_constraint {
    double share;
    const wb_node *overlay; /* merged into the template of the pods that have it */
    bool is_per_pod;        /* else drawn once per service, or per job */
} wb_generated_constraint;

typedef struct wb_generated_volume {
    const char *name, *size, *storage_class;
} wb_generated_volume;

/* Which pods a source makes. A pod's variant is its choice and the constraints that it drew (and,
 * with volumes, its ordinal, whose claims it mounts): each variant that occurs is one shape. */
typedef struct wb_generated_pods {
    const wb_generated_choice *choices;
    uint32_t choice_count; /* >= 1 */
    const wb_generated_constraint *constraints;
    uint32_t constraint_count;
    const wb_generated_volume *volumes; /* of a StatefulSet */
    uint32_t volume_count;
} wb_generated_pods;

/* A service: replicas between base and peak, as the profile says. */
typedef struct wb_generated_service {
    const char *name, *namespace_name;
    wb_owner_kind kind; /* Deployment or StatefulSet */
    wb_generated_pods pods;
    int64_t base_count, peak_count;
    wb_generated_profile profile; /* of the way from base to peak */
    int64_t step_ms;              /* how often the replicas are set */
    const wb_generated_crowd *crowds;
    uint32_t crowd_count;
    wb_generated_rollouts rollouts;
} wb_generated_service;

/* A queue of batch jobs. */
typedef struct wb_generated_batch {
    const char *name, *namespace_name;
    wb_owner_kind kind; /* Job, CronJob; Deployment: pods that end at a time, whenever they began */
    wb_generated_pods pods;
    double jobs_per_hour; /* at 1000 per mille of the profile */
    int64_t stages;       /* of a job, one after the other */
    int64_t initial_jobs; /* that are there at the start */
    wb_generated_profile profile;
    double burst_jobs; /* mean jobs that come together; 1: each comes alone */
    int64_t burst_within_ms;
    bool has_schedule;
    wb_cron schedule; /* instead of a rate: jobs start when it fires */
    int64_t jitter_ms;
    wb_generated_duration duration;
    bool is_gang; /* the pods of a job end together */
    bool is_checkpointed;
} wb_generated_batch;

typedef struct wb_generate_spec {
    uint64_t seed;
    int64_t span_ms, epoch_ms;
    int64_t week_offset_ms; /* of time 0 since Monday 0:00 UTC */
    const wb_generated_service *services;
    const wb_generated_batch *batches;
    uint32_t service_count, batch_count;
} wb_generate_spec;

/* Reads the specification; complaints go to findings. text: its text instead of the file's, which
 * then only names it; NULL: the file is read. */
WB_MUST_CHECK wb_status wb_generate_spec_read(const wb_trace_generate_options *options,
                                              wb_arena *arena, wb_intern *intern,
                                              wb_findings *findings, wb_generate_spec *out,
                                              wb_error *err);

/* ---- generate_load.c: values of a specification; what is wrong is a finding ---- */

/* A duration > 0, a count, a number of at least 0; fallback where the field is absent. */
int64_t wb_generate_load_duration(const wb_field *parent, const char *name, int64_t fallback_ms);
/* 0 to 10000000. */
int64_t wb_generate_load_count(const wb_field *parent, const char *name, int64_t fallback);
/* 0 to 10000000. */
double wb_generate_load_number(const wb_field *parent, const char *name, double fallback);

/* profile, hours, week, weekend and trend of an entry. */
void wb_generate_load_profile(const wb_field *entry, wb_generated_profile *out);
/* Of time 0 since Monday 0:00 UTC; without a calendar (epoch_ms -1) time 0 is that Monday. */
int64_t wb_generate_load_week_offset(int64_t epoch_ms);

/* crowds and rollouts of a service. */
void wb_generate_load_crowds(const wb_field *entry, wb_generated_service *out);
void wb_generate_load_rollouts(const wb_field *entry, wb_generated_service *out);
/* The lengths of jobs; field is the duration itself, which may be absent. */
wb_generated_duration wb_generate_load_lengths(const wb_field *field);

/* ---- generate_template.c ---- */

/* pod or pods, constraints and volumes of an entry; name: the source's. */
void wb_generate_template_read(const wb_field *entry, const char *name, wb_generated_pods *out);

/* The template of a variant as JSON, in the arena. */
const char *wb_generate_template_print(const wb_generated_pods *pods, const char *name,
                                       uint32_t variant, wb_arena *arena);

/* A variant of choice and constraints (a bit each); ordinal is 0 but for pods with volumes. */
uint32_t wb_generate_template_variant(const wb_generated_pods *pods, uint32_t ordinal,
                                      uint32_t choice, uint32_t constraints);

/* ---- generate_pods.c ---- */

typedef struct wb_generated_pod {
    int64_t at_ms, until_ms, runs_ms; /* one of the latter is -1 */
    uint32_t source;                  /* services first, then batches */
    uint32_t ordinal;                 /* within its source */
    uint32_t variant;
    uint32_t replica; /* of a StatefulSet */
    uint32_t incarnation;
} wb_generated_pod;

typedef struct wb_generated_shape {
    uint32_t source, variant;
} wb_generated_shape;

typedef struct wb_generator {
    const wb_generate_spec *spec;
    const wb_trace_generate_options *options;
    uint64_t seed;
    wb_trace_sort *sort;        /* owned: pods in order of time */
    wb_hash_map shape_rows;     /* source and variant to row, then to number */
    wb_generated_shape *shapes; /* owned: those in use */
    size_t shape_count, shape_capacity;
    size_t pod_count;
    bool is_full; /* WB_GENERATE_PODS_MAX is reached: what comes is dropped, the whole refused */
    wb_status status; /* of the sorter */
    wb_error err;
} wb_generator;

/* Every draw is a pure function of (seed, stream, source, ordinal). */
wb_random_key wb_generate_pods_key(const wb_generator *gen, wb_random_stream stream,
                                   uint32_t source, uint64_t ordinal);
/* A scale below 1 never rounds a source away: one pod of each shape is left. */
int64_t wb_generate_pods_scaled(const wb_generator *gen, int64_t count);
/* Per mille at a time of the week, between the hours' values on a straight line. */
int64_t wb_generate_pods_profile_at(const wb_generator *gen, const wb_generated_profile *profile,
                                    int64_t at_ms);
/* The factor of the trend at a time, in per mille. */
int64_t wb_generate_pods_trend_at(const wb_generated_profile *profile, int64_t at_ms);
/* What a pod drew: its choice of template, and a bit per constraint. unit is its service or job,
 * whose draws all its pods share. */
uint32_t wb_generate_pods_choice(const wb_generator *gen, const wb_generated_pods *pods,
                                 uint32_t source, uint64_t unit);
uint32_t wb_generate_pods_constraints(const wb_generator *gen, const wb_generated_pods *pods,
                                      uint32_t source, uint64_t unit, uint64_t ordinal);
/* Events at random, per_week of them on average, from a row of draws: their times in order, at most
 * WB_GENERATE_EVENTS_MAX. */
uint32_t wb_generate_pods_events(const wb_generator *gen, wb_random_key row, double per_week,
                                 int64_t *out_ms);
/* One pod more. */
void wb_generate_pods_add(wb_generator *gen, const wb_generated_pod *pod);

/* Notes that a variant of a source occurs; and the key of its row. */
void wb_generate_pods_note_shape(wb_generator *gen, uint32_t source, uint32_t variant);
uint64_t wb_generate_pods_shape_key(uint32_t source, uint32_t variant);

/* All pods of one service, and of one batch queue. */
void wb_generate_service_add(wb_generator *gen, uint32_t source);
void wb_generate_batch_add(wb_generator *gen, uint32_t batch_index);

#endif

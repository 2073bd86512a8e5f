#include "tools/report/story.h"

#include <assert.h>
#include <string.h>

#include "sim/store/store_rows.h"

/* ---- moments ---- */

/* Row: at_ms, text. */
static void see_moment(void *context, const wb_store_row *row)
{
    wb_story *story = context;
    if (story->count == story->capacity) {
        const uint32_t capacity = story->capacity * 2 + 32;
        story->moments = wb_arena_grow(story->arena, story->moments, story->count, capacity,
                                       sizeof story->moments[0]);
        story->capacity = capacity;
    }
    story->moments[story->count++] = (wb_story_moment){
        .at_ms = wb_store_rows_int(row, 0),
        .text = wb_arena_copy_string(story->arena, wb_store_rows_text(row, 1)),
    };
}

static wb_status tell(wb_store *store, const wb_store_query *query, wb_story *story, wb_error *err)
{
    return wb_store_rows_read(store, query, see_moment, story, err);
}

/* ---- who is meant ---- */

typedef struct subject {
    wb_arena *arena;
    uint32_t count; /* rows found */
    int64_t id;     /* of the first */
    const char *title, *other;
} subject;

/* Row: id, title. */
static void see_subject(void *context, const wb_store_row *row)
{
    subject *of = context;
    const char *title = wb_arena_copy_string(of->arena, wb_store_rows_text(row, 1));
    if (of->count++ == 0) {
        of->id = wb_store_rows_int(row, 0);
        of->title = title;
    } else {
        of->other = title;
    }
}

static wb_status find_subject(wb_store *store, const wb_store_query *query, subject *out,
                              wb_error *err)
{
    return wb_store_rows_read(store, query, see_subject, out, err);
}

/* ---- a pod ---- */

/* The pod that the name means: the first of its line, since replacements follow from it. */
static const char pod_sql[] =
    "SELECT pod_id, 'pod ' || namespace || '/' || name ||"
    " CASE WHEN owner IS NULL THEN '' ELSE ' (' || owner_kind || ' ' || owner || ')' END"
    " FROM pods WHERE run_id = ?1 AND (name = ?3 OR namespace || '/' || name = ?3)"
    " ORDER BY pod_id LIMIT 2";

static const char pod_example_sql[] =
    "SELECT pod_id, namespace || '/' || name FROM pods WHERE run_id = ?1 AND is_daemon = 0"
    " ORDER BY pod_id LIMIT 1";

/* Moments of ?2 and of all that replaced it or that it replaced, in turn. */
static const char pod_story_sql[] =
    "WITH RECURSIVE before (pod_id) AS (SELECT ?2 UNION SELECT p.replaces FROM before b"
    "  JOIN pods p ON p.run_id = ?1 AND p.pod_id = b.pod_id WHERE p.replaces IS NOT NULL),"
    " line (pod_id) AS (SELECT min(pod_id) FROM before UNION SELECT p.replaced_by FROM line l"
    "  JOIN pods p ON p.run_id = ?1 AND p.pod_id = l.pod_id WHERE p.replaced_by IS NOT NULL),"
    " mine AS MATERIALIZED (SELECT p.*, s.cpu_milli, s.memory_bytes, s.gpu_count,"
    "  n.name AS node, n.claim_id, n.ready_ms, i.instance_type, i.zone, i.capacity_type,"
    "  i.price_nusd_per_hour, w.text AS wait FROM line l"
    "  JOIN pods p ON p.run_id = ?1 AND p.pod_id = l.pod_id"
    "  JOIN shapes s ON s.run_id = ?1 AND s.shape_id = p.shape_id"
    "  LEFT JOIN reasons w ON w.run_id = ?1 AND w.reason_id = p.waited_for"
    "  LEFT JOIN nodes n ON n.run_id = ?1 AND n.node_id = p.node_id"
    "  LEFT JOIN instances i ON i.run_id = ?1 AND i.instance_id = n.instance_id)"
    " SELECT at, told FROM ("
    "SELECT created_ms AS at, 0 AS step, pod_id, 'created: ' || name || ' asks ' || cpu_milli ||"
    "  'm CPU and ' || (memory_bytes / 1048576) || ' MiB'"
    "  || CASE WHEN gpu_count > 0 THEN ' and ' || gpu_count || ' GPUs' ELSE '' END"
    "  || CASE WHEN replaces IS NULL THEN '' ELSE ', in place of the one evicted' END AS told"
    "  FROM mine"
    " UNION ALL SELECT first_unschedulable_ms, 1, pod_id, 'no node takes it, it waits'"
    "  || coalesce(': ' || wait, '') FROM mine WHERE first_unschedulable_ms IS NOT NULL"
    " UNION ALL SELECT c.created_ms, 2, m.pod_id, 'NodeClaim ' || c.name || ' is made for '"
    "  || c.pod_count || CASE WHEN c.pod_count = 1 THEN ' pod: ' ELSE ' pods: ' END"
    "  || c.instance_type || ' ' || c.capacity_type || ' in ' || c.zone || ' at $'"
    "  || printf('%.4f', c.price_nusd_per_hour / 1e9) || '/h, the cheapest of ' || c.type_count"
    "  || ' instance types' || CASE WHEN coalesce(c.alternatives, '') = '' THEN ''"
    "  ELSE '; next: ' || c.alternatives END"
    "  FROM mine m JOIN claims c ON c.run_id = ?1 AND c.claim_id = m.claim_id"
    "  WHERE c.created_ms >= m.created_ms AND c.created_ms <= m.bound_ms"
    " UNION ALL SELECT c.created_ms, 2, m.pod_id, 'ruled out for it: ' || c.ruled_out"
    "  FROM mine m JOIN claims c ON c.run_id = ?1 AND c.claim_id = m.claim_id"
    "  WHERE c.created_ms >= m.created_ms AND c.created_ms <= m.bound_ms"
    "  AND c.ruled_out IS NOT NULL"
    " UNION ALL SELECT ready_ms, 3, pod_id, 'node ' || node || ' is ready' FROM mine"
    "  WHERE ready_ms >= created_ms AND ready_ms <= bound_ms"
    " UNION ALL SELECT bound_ms, 4, pod_id, 'bound to node ' || node || coalesce(' (' ||"
    "  instance_type || ', ' || zone || ', ' || capacity_type || ', $'"
    "  || printf('%.4f', price_nusd_per_hour / 1e9) || '/h)', '') FROM mine"
    "  WHERE bound_ms IS NOT NULL AND node IS NOT NULL"
    " UNION ALL SELECT running_ms, 5, pod_id, 'runs; pod latency '"
    "  || printf('%.1f', (running_ms - created_ms) / 1e3) || ' s' FROM mine"
    "  WHERE running_ms IS NOT NULL"
    " UNION ALL SELECT e.at_ms, 6, m.pod_id, CASE e.kind WHEN 'eviction' THEN 'evicted'"
    "  WHEN 'eviction-refused' THEN 'eviction refused' ELSE e.kind END"
    "  || coalesce(': ' || nullif(e.detail, ''), '')"
    "  FROM mine m JOIN events e ON e.run_id = ?1 AND e.pod_id = m.pod_id"
    " UNION ALL SELECT gone_ms, 7, pod_id, 'gone: ' || state || coalesce(', ' || cause, '')"
    "  FROM mine WHERE gone_ms IS NOT NULL"
    " UNION ALL SELECT created_ms, 8, pod_id, 'never ran: '"
    "  || coalesce(reason, 'no reason recorded')"
    "  FROM mine WHERE running_ms IS NULL AND replaced_by IS NULL)"
    " ORDER BY at, pod_id, step";

wb_status wb_story_of_pod(wb_store *store, int64_t run_id, const char *name, wb_arena *arena,
                          wb_story *out, wb_error *err)
{
    assert(store != NULL && name != NULL && arena != NULL && out != NULL);
    subject pod = {.arena = arena};
    const wb_store_query query = {pod_sql, run_id, 0, name};
    WB_TRY(find_subject(store, &query, &pod, err));
    if (pod.count == 0) {
        subject example = {.arena = arena, .title = "none"};
        const wb_store_query any = {pod_example_sql, run_id, 0, NULL};
        WB_TRY(find_subject(store, &any, &example, err));
        return wb_fail(err, WB_ERR_INPUT, "no pod '%s' in this run, names are such as '%s'", name,
                       example.title);
    }
    if (pod.count > 1) {
        return wb_fail(err, WB_ERR_INPUT,
                       "'%s' is more than one: %s and %s; give the namespace too", name, pod.title,
                       pod.other);
    }
    wb_story story = {.title = pod.title, .arena = arena};
    const wb_store_query moments = {pod_story_sql, run_id, pod.id, NULL};
    WB_TRY(tell(store, &moments, &story, err));
    *out = story;
    return WB_OK;
}

/* ---- a node ---- */

/* An instance, since every node is one, and one that never joined has a story as well. */
static const char node_sql[] =
    "SELECT i.instance_id, 'node ' || coalesce(n.name, '(never joined)') || coalesce(', NodeClaim '"
    " || c.name, '') || coalesce(', node group ' || i.node_group, '') || ': ' || i.instance_type"
    " || ', ' || i.zone || ', ' || i.capacity_type"
    " FROM instances i LEFT JOIN nodes n ON n.run_id = ?1 AND n.node_id = i.node_id"
    " LEFT JOIN claims c ON c.run_id = ?1 AND c.claim_id = i.claim_id"
    " WHERE i.run_id = ?1 AND (n.name = ?3 OR c.name = ?3 OR 'i-' || i.instance_id = ?3)"
    " ORDER BY i.instance_id LIMIT 2";

static const char node_example_sql[] =
    "SELECT node_id, name FROM nodes WHERE run_id = ?1 ORDER BY node_id LIMIT 1";

static const char node_story_sql[] =
    "WITH me AS MATERIALIZED (SELECT i.*, n.name AS node, n.cpu_milli, n.memory_bytes,"
    "  n.gone_ms AS node_gone_ms, c.name AS claim, c.pod_count, c.type_count, c.alternatives,"
    "  c.ruled_out, c.created_ms, c.initialized_ms FROM instances i"
    "  LEFT JOIN nodes n ON n.run_id = ?1 AND n.node_id = i.node_id"
    "  LEFT JOIN claims c ON c.run_id = ?1 AND c.claim_id = i.claim_id"
    "  WHERE i.run_id = ?1 AND i.instance_id = ?2)"
    " SELECT at, told FROM ("
    "SELECT created_ms AS at, 0 AS step, 0 AS id, 'NodeClaim ' || claim || ' is made for '"
    "  || pod_count || CASE WHEN pod_count = 1 THEN ' pod' ELSE ' pods' END || ': '"
    "  || instance_type || ' at $' || printf('%.4f', price_nusd_per_hour / 1e9)"
    "  || '/h is the cheapest of ' || type_count || ' instance types'"
    "  || CASE WHEN coalesce(alternatives, '') = '' THEN '' ELSE '; next: ' || alternatives END"
    "  AS told FROM me WHERE claim IS NOT NULL"
    " UNION ALL SELECT created_ms, 1, 0, 'ruled out for it: ' || ruled_out FROM me"
    "  WHERE ruled_out IS NOT NULL"
    " UNION ALL SELECT requested_ms, 1, 1, 'requested from EC2' || coalesce(' by node group '"
    "  || node_group, '') FROM me"
    " UNION ALL SELECT running_ms, 2, 0, 'runs, billing begins at $'"
    "  || printf('%.4f', price_nusd_per_hour / 1e9) || '/h' FROM me WHERE running_ms IS NOT NULL"
    " UNION ALL SELECT registered_ms, 3, 0, 'registered as ' || coalesce(node, '?') || ': '"
    "  || cpu_milli || 'm CPU and ' || (memory_bytes / 1048576) || ' MiB allocatable' FROM me"
    "  WHERE registered_ms IS NOT NULL"
    " UNION ALL SELECT ready_ms, 4, 0, 'ready' FROM me WHERE ready_ms IS NOT NULL"
    " UNION ALL SELECT p.bound_ms, 5, p.pod_id, 'takes ' || p.namespace || '/' || p.name"
    "  FROM me JOIN pods p ON p.run_id = ?1 AND p.node_id = me.node_id AND p.is_daemon = 0"
    "  WHERE p.bound_ms IS NOT NULL"
    " UNION ALL SELECT p.gone_ms, 6, p.pod_id, p.namespace || '/' || p.name || ' is gone: '"
    "  || p.state || coalesce(', ' || p.cause, '')"
    "  FROM me JOIN pods p ON p.run_id = ?1 AND p.node_id = me.node_id AND p.is_daemon = 0"
    "  WHERE p.gone_ms IS NOT NULL AND p.bound_ms IS NOT NULL"
    " UNION ALL SELECT d.at_ms, 7, d.decision_id, d.kind || ': ' || coalesce(d.outcome, '')"
    "  || coalesce(' (' || d.reason || ')', '') FROM me JOIN decisions d ON d.run_id = ?1"
    "  AND (d.subject = me.claim OR d.subject = me.node)"
    " UNION ALL SELECT c.found_ms, 8, c.command_id, 'is a ' || k.role || ' of a command by '"
    "  || c.method || ', which ended ' || c.state || coalesce(': ' || c.failure, '')"
    "  || ', predicted saving $' || printf('%.4f', c.predicted_saving_nusd_per_hour / 1e9) || '/h'"
    "  FROM me JOIN command_nodes k ON k.run_id = ?1 AND k.claim_id = me.claim_id"
    "  JOIN commands c ON c.run_id = ?1 AND c.command_id = k.command_id"
    " UNION ALL SELECT s.first_ms, 9, 0, 'is left alone: ' || coalesce(s.detail, s.reason)"
    "  || ' (' || printf('%.1f min', s.total_ms / 6e4) || CASE WHEN s.spells > 1"
    "  THEN ' in ' || s.spells || ' spells' ELSE '' END || CASE WHEN s.last_ms IS NULL"
    "  THEN ', to the end of the run' ELSE ', until ' || CASE WHEN s.last_ms >= 86400000"
    "  THEN s.last_ms / 86400000 || 'd ' ELSE '' END || printf('%02d:%02d:%02d',"
    "  s.last_ms / 3600000 % 24, s.last_ms / 60000 % 60, s.last_ms / 1000 % 60) END || ')'"
    "  FROM me JOIN stays s ON s.run_id = ?1 AND s.node_id = me.node_id"
    " UNION ALL SELECT e.at_ms, 10, e.event_id, e.kind"
    "  || coalesce(': ' || nullif(e.detail, ''), '')"
    "  FROM me JOIN events e ON e.run_id = ?1 AND e.node_id = me.node_id AND e.pod_id IS NULL"
    "  WHERE e.kind NOT IN ('node-registered', 'node-ready')"
    " UNION ALL SELECT ended_ms, 11, 0, 'ended' || coalesce(' by ' || cause, '') || ' after '"
    "  || printf('%.2f', (ended_ms - coalesce(running_ms, ended_ms)) / 3.6e6) || ' h, it cost $'"
    "  || printf('%.4f', cost_nusd / 1e9) FROM me WHERE ended_ms IS NOT NULL)"
    " ORDER BY at, step, id";

wb_status wb_story_of_node(wb_store *store, int64_t run_id, const char *name, wb_arena *arena,
                           wb_story *out, wb_error *err)
{
    assert(store != NULL && name != NULL && arena != NULL && out != NULL);
    subject node = {.arena = arena};
    const wb_store_query query = {node_sql, run_id, 0, name};
    WB_TRY(find_subject(store, &query, &node, err));
    if (node.count == 0) {
        subject example = {.arena = arena, .title = "none"};
        const wb_store_query any = {node_example_sql, run_id, 0, NULL};
        WB_TRY(find_subject(store, &any, &example, err));
        return wb_fail(err, WB_ERR_INPUT, "no node '%s' in this run, names are such as '%s'", name,
                       example.title);
    }
    wb_story story = {.title = node.title, .arena = arena};
    const wb_store_query moments = {node_story_sql, run_id, node.id, NULL};
    WB_TRY(tell(store, &moments, &story, err));
    *out = story;
    return WB_OK;
}

/* ---- a moment ---- */

static const char standing_sql[] =
    "SELECT at_ms, nodes || ' nodes (' || nodes_ready || ' ready), ' || pods_running"
    " || ' pods running, ' || pods_pending || ' waiting, '"
    " || printf('%.1f', 100.0 * cpu_milli_requested / max(cpu_milli_allocatable, 1))"
    " || ' % of CPU requested, $' || printf('%.4f', cost_rate_nusd_per_hour / 1e9) || '/h, $'"
    " || printf('%.2f', cost_nusd / 1e9) || ' spent so far'"
    " FROM samples WHERE run_id = ?1 AND at_ms <= ?2 ORDER BY sample_id DESC LIMIT 1";

/* ?2 is where the window begins, ?3 its length: text, since there are two numbers already. What
 * keeps nodes from being taken away has a line for each reason, where it or the window begins. */
static const char moment_story_sql[] =
    "SELECT at, told FROM ("
    "SELECT at_ms AS at, 0 AS step, decision_id AS id, kind || coalesce(' of ' || subject, '')"
    "  || ': ' || coalesce(outcome, '') || coalesce(' (' || reason || ')', '') AS told"
    "  FROM decisions WHERE run_id = ?1 AND at_ms BETWEEN ?2 AND ?2 + CAST(?3 AS INTEGER)"
    " UNION ALL SELECT e.at_ms, 1, e.event_id, e.kind || coalesce(' of pod ' || p.namespace || '/'"
    "  || p.name, '')"
    "  || coalesce(CASE WHEN e.pod_id IS NULL THEN ' ' ELSE ' on ' END || n.name, '')"
    "  || coalesce(': ' || nullif(e.detail, ''), '')"
    "  FROM events e LEFT JOIN pods p ON p.run_id = ?1 AND p.pod_id = e.pod_id"
    "  LEFT JOIN nodes n ON n.run_id = ?1 AND n.node_id = e.node_id"
    "  WHERE e.run_id = ?1 AND e.at_ms BETWEEN ?2 AND ?2 + CAST(?3 AS INTEGER)"
    " UNION ALL SELECT min(created_ms), 2, min(pod_id), count(*) || CASE WHEN count(*) = 1"
    "  THEN ' pod of ' ELSE ' pods of ' END || namespace || coalesce('/' || owner, '')"
    "  || CASE WHEN count(*) = 1 THEN ' is created' ELSE ' are created' END FROM pods"
    "  WHERE run_id = ?1 AND is_daemon = 0 AND created_ms BETWEEN ?2 AND ?2 + CAST(?3 AS INTEGER)"
    "  GROUP BY namespace, owner_kind, owner, created_ms / 1000"
    " UNION ALL SELECT max(min(s.first_ms), ?2), -1, min(s.node_id), min(n.name)"
    "  || ' is left alone' || CASE count(*) WHEN 1 THEN '' WHEN 2 THEN ', as is one other' ELSE"
    "  ', as are ' || (count(*) - 1) || ' others' END || ': ' || coalesce(s.detail, s.reason)"
    "  || ' (' || CASE WHEN max(s.spells) > 1"
    "  THEN 'now and then ' ELSE '' END || 'since ' || CASE WHEN min(s.first_ms) >= 86400000"
    "  THEN min(s.first_ms) / 86400000 || 'd ' ELSE '' END || printf('%02d:%02d:%02d',"
    "  min(s.first_ms) / 3600000 % 24, min(s.first_ms) / 60000 % 60, min(s.first_ms) / 1000 % 60)"
    "  || ')' FROM stays s JOIN nodes n USING (run_id, node_id) WHERE s.run_id = ?1"
    "  AND s.first_ms <= ?2 + CAST(?3 AS INTEGER) AND coalesce(s.last_ms, ?2) >= ?2"
    "  GROUP BY s.reason, coalesce(s.detail, s.reason))"
    " ORDER BY at, step, id";

wb_status wb_story_of_moment(wb_store *store, int64_t run_id, wb_story_window window,
                             wb_arena *arena, wb_story *out, wb_error *err)
{
    assert(store != NULL && arena != NULL && out != NULL);
    assert(window.at_ms >= 0 && window.around_ms >= 0);
    const int64_t from_ms = window.at_ms > window.around_ms ? window.at_ms - window.around_ms : 0;
    const int64_t length_ms = window.at_ms - from_ms + window.around_ms;
    wb_text length;
    wb_text_init(&length);
    wb_text_add_format(&length, "%lld", (long long)length_ms);
    wb_story story = {.title = "the timeline", .arena = arena};
    const wb_store_query standing = {standing_sql, run_id, from_ms, NULL};
    const wb_store_query moments = {moment_story_sql, run_id, from_ms, wb_text_string(&length)};
    wb_status status = tell(store, &standing, &story, err);
    if (status == WB_OK) {
        status = tell(store, &moments, &story, err);
    }
    wb_text_release(&length);
    if (status == WB_OK) {
        *out = story;
    }
    return status;
}

-- The bill of a day under a Savings Plan of $10 an hour at 28 % off the list: the plan is paid every
-- hour, used or not; on-demand use beyond it is paid at list price, spot at its own.
WITH RECURSIVE hours(h) AS (SELECT 0 UNION ALL SELECT h + 1 FROM hours WHERE h < 23),
used AS (
    SELECT run_id, h, capacity_type, sum(price_nusd_per_hour / 1e9 *
        max(0, min(coalesce(ended_ms, 86400000), (h + 1) * 3600000) - max(running_ms, h * 3600000))
        / 3.6e6) AS usd
    FROM hours JOIN instances WHERE running_ms IS NOT NULL GROUP BY 1, 2, 3),
by_hour AS (
    SELECT run_id, h, sum(usd) FILTER (WHERE capacity_type = 'on-demand') AS list,
        sum(usd) FILTER (WHERE capacity_type = 'spot') AS spot
    FROM runs CROSS JOIN hours LEFT JOIN used USING (run_id, h) GROUP BY 1, 2)
SELECT contender, round(avg(min(coalesce(list, 0) * 0.72, 10)) * 10, 1) AS plan_used_percent,
    round(730 * avg(10 + max(0, coalesce(list, 0) - 10 / 0.72) + coalesce(spot, 0)), 2)
    AS with_plan_usd_a_month,
    round(730 * avg(coalesce(list, 0) + coalesce(spot, 0)), 2) AS without_usd_a_month,
    pod_latency_ms_p99 / 1000.0 AS p99_s, interruptions
FROM by_hour JOIN runs_summary USING (run_id) GROUP BY run_id;

-- Reads:  ab.partition_provenance, ab.experiment_health
-- Writes: nothing
-- Grain:  tag × check of its newest day; one row without a check where the day has none
WITH ranked AS (
  SELECT tag, event_date, path, row_number() OVER (PARTITION BY tag, event_date ORDER BY computed_at DESC) AS place
  FROM ab.partition_provenance
  WHERE table_name = 'ab.experiment_health'
),
newest AS (
  SELECT tag, max(event_date) AS event_date
  FROM ranked
  WHERE place = 1 AND path <> 'writing'
  GROUP BY tag
)
SELECT
  newest.tag, newest.event_date, health.module, health.experiment_id, health.experiment_key,
  health.experiment_name, health.phase_index, health.check_name, health.dimension,
  health.dimension_value, health.status, health.value, health.threshold, health.p_value,
  health.detail, health.message
FROM newest
LEFT JOIN ab.experiment_health AS health
  ON health.tag = newest.tag AND health.event_date = newest.event_date

-- Reads:  the exposures of event_date (source/exposures.sql), and yesterday's partition of
--         ab.tbl_wide_user_<module>_<tag>, whose units were found conserved
-- Writes: nothing
-- Grain:  experiment × what a unit had seen before × what it has seen now: units exposed that day, and
--         their exposure rows; a key is NULL for units that saw two or more
WITH phase AS (
SELECT
  CAST(:experiment_id_0 AS VARCHAR) AS experiment_id,
  CAST(:experiment_key_0 AS VARCHAR) AS experiment_key,
  CAST(:phase_index_0 AS INT) AS phase_index,
  CAST(:exposed_from_0 AS DATETIME) AS exposed_from,
  CAST(:window_end_0 AS DATETIME) AS window_end,
  CAST(:config_hash_0 AS VARCHAR) AS config_hash
),
exposed AS (
  SELECT
    phase.experiment_id AS experiment_id,
    exposure.user_id AS user_id,
    min(coalesce(exposure.variation_key, '')) AS lowest,
    max(coalesce(exposure.variation_key, '')) AS highest,
    count(*) AS exposures
  FROM (
SELECT
  user_id,
  experiment_key,
  variation_key,
  exposed_at,
  country,
  platform,
  app_version,
  channel
FROM ab_source.exposures  ) AS exposure
  JOIN phase
    ON exposure.experiment_key = phase.experiment_key
    AND exposure.exposed_at >= phase.exposed_from
    AND exposure.exposed_at <= phase.window_end
  WHERE exposure.user_id <> ''
    AND exposure.exposed_at >= :exposed_from
  GROUP BY phase.experiment_id, exposure.user_id
)
SELECT
  experiment_id,
  was_there,
  key_before,
  key_now,
  count(*) AS units,
  sum(exposures) AS exposures
FROM (
  SELECT
    exposed.experiment_id AS experiment_id,
    before.user_id IS NOT NULL AS was_there,
    CASE
      WHEN before.variation_key_lowest = before.variation_key_highest THEN before.variation_key_lowest
    END AS key_before,
    CASE
      WHEN exposed.lowest < exposed.highest THEN NULL
      WHEN before.user_id IS NULL THEN exposed.lowest
      WHEN before.variation_key_lowest = exposed.lowest AND before.variation_key_highest = exposed.highest
        THEN exposed.lowest
    END AS key_now,
    exposed.exposures AS exposures
  FROM exposed
  LEFT JOIN `ab`.`tbl_wide_user_retention_retention` AS before
    ON before.experiment_id = exposed.experiment_id
    AND before.user_id = exposed.user_id
    AND before.tag = :tag
    AND before.event_date = :base_date
) AS seen
GROUP BY experiment_id, was_there, key_before, key_now

-- Reads:  the exposures (source/exposures.sql)
-- Writes: nothing
-- Grain:  experiment: exposure rows of the phase up to the end of event_date
WITH phase AS (
SELECT
  CAST(:experiment_id_0 AS VARCHAR) AS experiment_id,
  CAST(:experiment_key_0 AS VARCHAR) AS experiment_key,
  CAST(:phase_index_0 AS INT) AS phase_index,
  CAST(:exposed_from_0 AS DATETIME) AS exposed_from,
  CAST(:window_end_0 AS DATETIME) AS window_end,
  CAST(:config_hash_0 AS VARCHAR) AS config_hash
)
SELECT
  experiment_id,
  count(*) AS exposures
FROM (
SELECT
  phase.experiment_id AS experiment_id,
  exposure.user_id AS user_id,
  coalesce(exposure.variation_key, '') AS variation_key,
exposure.exposed_at AS exposed_at
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
FROM ab_source.exposures) AS exposure
JOIN phase
  ON exposure.experiment_key = phase.experiment_key
  AND CASE
    WHEN exposure.exposed_at < phase.exposed_from THEN FALSE
    ELSE exposure.exposed_at <= phase.window_end
  END
WHERE exposure.user_id <> ''
  AND exposure.exposed_at >= :exposed_from
  AND exposure.exposed_at <= :exposed_to
) AS seen
GROUP BY experiment_id

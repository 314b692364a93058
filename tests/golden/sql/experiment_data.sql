-- Reads:  the exposures (source/exposures.sql)
-- Writes: ab.experiment_data, one partition (tag, event_date)
-- Grain:  experiment × unit × variation key seen that day, known to the configuration or not
WITH phase AS (
SELECT
  CAST(:experiment_id_0 AS VARCHAR) AS experiment_id,
  CAST(:experiment_key_0 AS VARCHAR) AS experiment_key,
  CAST(:phase_index_0 AS INT) AS phase_index,
  CAST(:exposed_from_0 AS DATETIME) AS exposed_from,
  CAST(:window_end_0 AS DATETIME) AS window_end,
  CAST(:config_hash_0 AS VARCHAR) AS config_hash
UNION ALL
SELECT
  CAST(:experiment_id_1 AS VARCHAR) AS experiment_id,
  CAST(:experiment_key_1 AS VARCHAR) AS experiment_key,
  CAST(:phase_index_1 AS INT) AS phase_index,
  CAST(:exposed_from_1 AS DATETIME) AS exposed_from,
  CAST(:window_end_1 AS DATETIME) AS window_end,
  CAST(:config_hash_1 AS VARCHAR) AS config_hash
),
configuration AS (
SELECT
    CAST(:variation_experiment_id_0 AS VARCHAR) AS experiment_id,
    CAST(:variation_key_0 AS VARCHAR) AS variation_key,
    CAST(:variation_id_0 AS VARCHAR) AS variation_id,
    CAST(:variation_name_0 AS VARCHAR) AS variation_name,
    CAST(:weight_0 AS DOUBLE) AS weight,
    CAST(:is_control_0 AS BOOLEAN) AS is_control
UNION ALL
SELECT
    CAST(:variation_experiment_id_1 AS VARCHAR) AS experiment_id,
    CAST(:variation_key_1 AS VARCHAR) AS variation_key,
    CAST(:variation_id_1 AS VARCHAR) AS variation_id,
    CAST(:variation_name_1 AS VARCHAR) AS variation_name,
    CAST(:weight_1 AS DOUBLE) AS weight,
    CAST(:is_control_1 AS BOOLEAN) AS is_control
UNION ALL
SELECT
    CAST(:variation_experiment_id_2 AS VARCHAR) AS experiment_id,
    CAST(:variation_key_2 AS VARCHAR) AS variation_key,
    CAST(:variation_id_2 AS VARCHAR) AS variation_id,
    CAST(:variation_name_2 AS VARCHAR) AS variation_name,
    CAST(:weight_2 AS DOUBLE) AS weight,
    CAST(:is_control_2 AS BOOLEAN) AS is_control
UNION ALL
SELECT
    CAST(:variation_experiment_id_3 AS VARCHAR) AS experiment_id,
    CAST(:variation_key_3 AS VARCHAR) AS variation_key,
    CAST(:variation_id_3 AS VARCHAR) AS variation_id,
    CAST(:variation_name_3 AS VARCHAR) AS variation_name,
    CAST(:weight_3 AS DOUBLE) AS weight,
    CAST(:is_control_3 AS BOOLEAN) AS is_control
UNION ALL
SELECT
    CAST(:variation_experiment_id_4 AS VARCHAR) AS experiment_id,
    CAST(:variation_key_4 AS VARCHAR) AS variation_key,
    CAST(:variation_id_4 AS VARCHAR) AS variation_id,
    CAST(:variation_name_4 AS VARCHAR) AS variation_name,
    CAST(:weight_4 AS DOUBLE) AS weight,
    CAST(:is_control_4 AS BOOLEAN) AS is_control
),
description AS (
SELECT
    CAST(:experiment_id_0 AS VARCHAR) AS experiment_id,
    CAST(:experiment_name_0 AS VARCHAR) AS experiment_name,
    CAST(:phase_name_0 AS VARCHAR) AS phase_name,
    CAST(:phase_start_0 AS DATETIME) AS phase_start,
    CAST(:phase_end_0 AS DATETIME) AS phase_end,
    CAST(:coverage_0 AS DOUBLE) AS coverage,
    CAST(:reseeded_0 AS BOOLEAN) AS reseeded
UNION ALL
SELECT
    CAST(:experiment_id_1 AS VARCHAR) AS experiment_id,
    CAST(:experiment_name_1 AS VARCHAR) AS experiment_name,
    CAST(:phase_name_1 AS VARCHAR) AS phase_name,
    CAST(:phase_start_1 AS DATETIME) AS phase_start,
    CAST(:phase_end_1 AS DATETIME) AS phase_end,
    CAST(:coverage_1 AS DOUBLE) AS coverage,
    CAST(:reseeded_1 AS BOOLEAN) AS reseeded
),
exposed AS (
SELECT
  earliest.experiment_id AS experiment_id,
  earliest.user_id AS user_id,
  earliest.variation_key AS variation_key,
  earliest.first_exposed_at AS first_exposed_at,
min(seen.`country`) AS `country`,
min(seen.`platform`) AS `platform`,
min(seen.`app_version`) AS `app_version`,
min(seen.`channel`) AS `channel`,
earliest.exposures AS exposures
FROM (
  SELECT
    experiment_id,
    user_id,
    variation_key,
    min(exposed_at) AS first_exposed_at,
    count(*) AS exposures
  FROM (
SELECT
  phase.experiment_id AS experiment_id,
  exposure.user_id AS user_id,
  coalesce(exposure.variation_key, '') AS variation_key,
exposure.`country` AS `country`,
exposure.`platform` AS `platform`,
exposure.`app_version` AS `app_version`,
exposure.`channel` AS `channel`,
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
  ) AS every_exposure
  GROUP BY experiment_id, user_id, variation_key
) AS earliest
JOIN (
SELECT
  phase.experiment_id AS experiment_id,
  exposure.user_id AS user_id,
  coalesce(exposure.variation_key, '') AS variation_key,
exposure.`country` AS `country`,
exposure.`platform` AS `platform`,
exposure.`app_version` AS `app_version`,
exposure.`channel` AS `channel`,
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
  ON seen.experiment_id = earliest.experiment_id
  AND seen.user_id = earliest.user_id
  AND seen.variation_key = earliest.variation_key
  AND seen.exposed_at = earliest.first_exposed_at
GROUP BY
  earliest.experiment_id,
  earliest.user_id,
  earliest.variation_key,
  earliest.first_exposed_at,
  earliest.exposures)
SELECT
  CAST(:tag AS VARCHAR) AS tag,
  CAST(:event_date AS DATE) AS event_date,
  exposed.experiment_id,
  phase.experiment_key,
  description.experiment_name,
  exposed.user_id,
  exposed.variation_key,
  configuration.variation_id,
  configuration.variation_name,
  configuration.weight,
  coalesce(configuration.is_control, FALSE) AS is_control,
  configuration.variation_id IS NOT NULL AS is_known,
  phase.phase_index,
  description.phase_name,
  description.phase_start,
  description.phase_end,
  description.coverage,
  description.reseeded,
  phase.config_hash,
  exposed.first_exposed_at,
  exposed.exposures,
exposed.`country`,exposed.`platform`,exposed.`app_version`,exposed.`channel`FROM exposed
JOIN phase ON phase.experiment_id = exposed.experiment_id
JOIN description ON description.experiment_id = exposed.experiment_id
LEFT JOIN configuration
  ON configuration.experiment_id = exposed.experiment_id
  AND configuration.variation_key = exposed.variation_key

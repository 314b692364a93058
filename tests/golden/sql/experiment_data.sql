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
  experiment_id,
  user_id,
  variation_key,
  first_exposed_at,
CASE
    WHEN substr(`country_packed`, 20, 1) = '0' THEN substr(`country_packed`, 21)
  END AS `country`,
CASE
    WHEN substr(`platform_packed`, 20, 1) = '0' THEN substr(`platform_packed`, 21)
  END AS `platform`,
CASE
    WHEN substr(`app_version_packed`, 20, 1) = '0' THEN substr(`app_version_packed`, 21)
  END AS `app_version`,
CASE
    WHEN substr(`channel_packed`, 20, 1) = '0' THEN substr(`channel_packed`, 21)
  END AS `channel`,
exposures
FROM (
  SELECT
    experiment_id,
    user_id,
    variation_key,
    min(exposed_at) AS first_exposed_at,
min(
      CASE WHEN `country` IS NULL THEN concat(exposed_second, '1') ELSE concat(exposed_second, '0', `country`) END
    ) AS `country_packed`,
min(
      CASE WHEN `platform` IS NULL THEN concat(exposed_second, '1') ELSE concat(exposed_second, '0', `platform`) END
    ) AS `platform_packed`,
min(
      CASE WHEN `app_version` IS NULL THEN concat(exposed_second, '1') ELSE concat(exposed_second, '0', `app_version`) END
    ) AS `app_version_packed`,
min(
      CASE WHEN `channel` IS NULL THEN concat(exposed_second, '1') ELSE concat(exposed_second, '0', `channel`) END
    ) AS `channel_packed`,
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
CAST(date_trunc('second', exposure.exposed_at) AS VARCHAR) AS exposed_second,
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
FROM ab_source.exposures    ) AS exposure
    JOIN phase
      ON exposure.experiment_key = phase.experiment_key
      AND exposure.exposed_at >= phase.exposed_from
      AND exposure.exposed_at <= phase.window_end
    WHERE exposure.user_id <> ''
      AND exposure.exposed_at >= :exposed_from
      AND exposure.exposed_at <= :exposed_to
  ) AS seen
  GROUP BY experiment_id, user_id, variation_key
) AS packed)
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

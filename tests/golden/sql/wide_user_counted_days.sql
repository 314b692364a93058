-- Reads:  the events (source/events.sql); incremental: yesterday's partition of the same table and
--         today's ab.experiment_data; full: the exposures (source/exposures.sql) of the whole phase
-- Writes: ab.tbl_wide_user_<module>_<tag>, one partition (event_date)
-- Grain:  experiment × exposed unit, as of the end of event_date
SELECT made.*
FROM (
WITH phase AS (
SELECT
  CAST(:experiment_id_0 AS VARCHAR) AS experiment_id,
  CAST(:experiment_key_0 AS VARCHAR) AS experiment_key,
  CAST(:phase_index_0 AS INT) AS phase_index,
  CAST(:exposed_from_0 AS DATETIME) AS exposed_from,
  CAST(:window_end_0 AS DATETIME) AS window_end,
  CAST(:config_hash_0 AS VARCHAR) AS config_hash
),
variation AS (
SELECT
  CAST(:variation_experiment_id_0 AS VARCHAR) AS experiment_id,
  CAST(:variation_key_0 AS VARCHAR) AS variation_key
UNION ALL
SELECT
  CAST(:variation_experiment_id_1 AS VARCHAR) AS experiment_id,
  CAST(:variation_key_1 AS VARCHAR) AS variation_key
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
  earliest.exposures),
crossed AS (
  SELECT experiment_id, user_id
  FROM exposed
  GROUP BY experiment_id, user_id
  HAVING count(*) > 1
),
newly_exposed AS (
  SELECT
    exposed.experiment_id AS experiment_id,
    exposed.user_id AS user_id,
    exposed.variation_key AS variation_key,
    exposed.variation_key AS variation_key_lowest,
    exposed.variation_key AS variation_key_highest,
    exposed.first_exposed_at AS first_exposed_at,
exposed.`country` AS `country`,
exposed.`platform` AS `platform`,
exposed.`app_version` AS `app_version`,
exposed.`channel` AS `channel`,
exposed.exposures AS exposures
  FROM exposed
  LEFT JOIN crossed
    ON crossed.experiment_id = exposed.experiment_id AND crossed.user_id = exposed.user_id
  WHERE crossed.user_id IS NULL
  UNION ALL
SELECT
  experiment_id,
  user_id,
  max(CASE WHEN place = 1 THEN variation_key END) AS variation_key,
  min(variation_key) AS variation_key_lowest,
  max(variation_key) AS variation_key_highest,
  min(first_exposed_at) AS first_exposed_at,
min(CASE WHEN first_exposed_at = earliest THEN `country` END) AS `country`,
min(CASE WHEN first_exposed_at = earliest THEN `platform` END) AS `platform`,
min(CASE WHEN first_exposed_at = earliest THEN `app_version` END) AS `app_version`,
min(CASE WHEN first_exposed_at = earliest THEN `channel` END) AS `channel`,
sum(exposures) AS exposures
FROM (
  SELECT
    exposed.*,
    min(first_exposed_at) OVER (PARTITION BY exposed.experiment_id, exposed.user_id) AS earliest,
    row_number() OVER (
      PARTITION BY exposed.experiment_id, exposed.user_id
      ORDER BY first_exposed_at, variation_key
    ) AS place
  FROM exposed
  JOIN crossed
    ON crossed.experiment_id = exposed.experiment_id AND crossed.user_id = exposed.user_id
) AS ranked
GROUP BY experiment_id, user_id
),
unit_time AS (
SELECT
  assigned.experiment_id AS experiment_id,
  assigned.user_id AS user_id,
  assigned.first_exposed_at AS first_exposed_at,
CAST(seconds_add(`assigned`.`first_exposed_at`, :clock_offset_0) AS DATE) AS exposed_on,
  phase.window_end AS window_end,
TRUE AS is_new
FROM newly_exposed AS assigned
JOIN phase ON phase.experiment_id = assigned.experiment_id
),
`added_since` AS (
SELECT
  experiment_id,
  user_id,
COUNT(CASE WHEN in_scope_0 THEN 1 END) AS `events_after_exposure`,
coalesce(bitmap_union_int(CASE WHEN in_scope_0 AND day_number >= 0 AND day_number < 63 THEN day_number END), 0) + coalesce(bitmap_union_int(CASE WHEN in_scope_0 AND day_number >= 63 THEN CAST(day_number - 63 AS INT) END), 0) AS `active_days`
FROM (
  SELECT
    unit.experiment_id AS experiment_id,
    unit.user_id AS user_id,
datediff(CAST(seconds_add(`event`.`event_time`, :clock_offset_0) AS DATE), CAST(:since_first_day_0 AS DATE)) AS day_number,
event.event_time >= unit.first_exposed_at
    AND event.event_time <= unit.window_end AS `in_scope_0`,
event.event_time AS event_time
  FROM unit_time AS unit
  JOIN (
    SELECT
      user_id,
event_time
    FROM (
SELECT
  event_id,
  event_name,
  user_id,
  event_time,
  received_at,
  session_id,
  device_id,
  country,
  region,
  city,
  platform,
  device_model,
  os_version,
  app_version,
  page_url,
  value,
  properties
FROM ab_source.events    ) AS source_event
    WHERE event_time >= :since_from_0      AND event_time <= :events_to
  ) AS event
    ON event.user_id = unit.user_id
WHERE event.event_time >= unit.first_exposed_at
) AS counted
GROUP BY experiment_id, user_id
),
`added_before` AS (
SELECT
  experiment_id,
  user_id,
COUNT(CASE WHEN in_scope_0 THEN 1 END) AS `events_before_exposure`,
coalesce(bitmap_union_int(CASE WHEN in_scope_0 AND day_number >= 0 AND day_number < 63 THEN day_number END), 0) + coalesce(bitmap_union_int(CASE WHEN in_scope_0 AND day_number >= 63 THEN CAST(day_number - 63 AS INT) END), 0) AS `active_days_before_7d`
FROM (
  SELECT
    unit.experiment_id AS experiment_id,
    unit.user_id AS user_id,
datediff(CAST(seconds_add(`event`.`event_time`, :clock_offset_0) AS DATE), CAST(:before_first_day_0 AS DATE)) AS day_number,
event.event_time >= date_sub(unit.first_exposed_at, INTERVAL 7 DAY) AS `in_scope_0`,
event.event_time AS event_time
  FROM unit_time AS unit
  JOIN (
    SELECT
      user_id,
event_time
    FROM (
SELECT
  event_id,
  event_name,
  user_id,
  event_time,
  received_at,
  session_id,
  device_id,
  country,
  region,
  city,
  platform,
  device_model,
  os_version,
  app_version,
  page_url,
  value,
  properties
FROM ab_source.events    ) AS source_event
    WHERE event_time >= :before_from_0      AND event_time <= :events_to
  ) AS event
    ON event.user_id = unit.user_id
WHERE event.event_time < unit.first_exposed_at
    AND event.event_time >= date_sub(unit.first_exposed_at, INTERVAL 7 DAY)
) AS counted
GROUP BY experiment_id, user_id
),
unit AS (
SELECT
  assigned.experiment_id AS experiment_id,
  assigned.user_id AS user_id,
  assigned.variation_key AS variation_key,
  assigned.variation_key_lowest AS variation_key_lowest,
  assigned.variation_key_highest AS variation_key_highest,
  assigned.first_exposed_at AS first_exposed_at,
CAST(seconds_add(`assigned`.`first_exposed_at`, :clock_offset_0) AS DATE) AS exposed_on,
  phase.window_end AS window_end,
assigned.`country` AS `country`,
assigned.`platform` AS `platform`,
assigned.`app_version` AS `app_version`,
assigned.`channel` AS `channel`,
`added_before`.`events_before_exposure` AS `events_before_exposure`,
`added_before`.`active_days_before_7d` AS `active_days_before_7d`,
assigned.exposures AS exposures
FROM newly_exposed AS assigned
JOIN phase ON phase.experiment_id = assigned.experiment_id
LEFT JOIN `added_before`
  ON `added_before`.experiment_id = assigned.experiment_id AND `added_before`.user_id = assigned.user_id
)
SELECT
  CAST(:tag AS VARCHAR) AS tag,
  CAST(:event_date AS DATE) AS event_date,
  unit.experiment_id AS experiment_id,
  phase.experiment_key AS experiment_key,
  phase.phase_index AS phase_index,
  unit.user_id AS user_id,
  unit.variation_key AS variation_key,
  unit.variation_key_lowest AS variation_key_lowest,
  unit.variation_key_highest AS variation_key_highest,
  CASE WHEN unit.variation_key_lowest = unit.variation_key_highest THEN 1 ELSE 2 END AS variations_seen,
  variation.variation_key IS NOT NULL AS is_known,
  unit.first_exposed_at AS first_exposed_at,
  unit.exposed_on AS exposed_on,
  unit.exposures AS exposures,
unit.`country` AS `country`,
unit.`platform` AS `platform`,
unit.`app_version` AS `app_version`,
unit.`channel` AS `channel`,
coalesce(`added_since`.`events_after_exposure`, 0) AS `events_after_exposure`,
coalesce(unit.`events_before_exposure`, 0) AS `events_before_exposure`,
coalesce(`added_since`.`active_days`, 0) AS `active_days`,
coalesce(unit.`active_days_before_7d`, 0) AS `active_days_before_7d`,
phase.config_hash AS config_hash,
  CAST(:measures_hash AS VARCHAR) AS sql_hash,
  CAST(:day_closed AS BOOLEAN) AS day_closed
FROM unit
JOIN phase ON phase.experiment_id = unit.experiment_id
LEFT JOIN variation
  ON variation.experiment_id = unit.experiment_id AND variation.variation_key = unit.variation_key
LEFT JOIN `added_since`
  ON `added_since`.user_id = unit.user_id AND `added_since`.experiment_id = unit.experiment_id
) AS made

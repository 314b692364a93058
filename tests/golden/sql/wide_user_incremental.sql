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
    exposed_today.experiment_id AS experiment_id,
    exposed_today.user_id AS user_id,
    exposed_today.variation_key AS variation_key,
    exposed_today.first_exposed_at AS first_exposed_at,
exposed_today.`country` AS `country`,
exposed_today.`platform` AS `platform`,
exposed_today.`app_version` AS `app_version`,
exposed_today.`channel` AS `channel`,
exposed_today.exposures AS exposures
  FROM ab.experiment_data AS exposed_today
  JOIN phase ON phase.experiment_id = exposed_today.experiment_id
  WHERE exposed_today.tag = :tag AND exposed_today.event_date = :event_date
),
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
newcomer AS (
  SELECT newly_exposed.*
  FROM newly_exposed
  LEFT JOIN (
    SELECT experiment_id, user_id
    FROM `ab`.`tbl_wide_user_retention_retention`
    WHERE tag = :tag AND event_date = :base_date
  ) AS known
    ON known.experiment_id = newly_exposed.experiment_id AND known.user_id = newly_exposed.user_id
  WHERE known.user_id IS NULL
),
unit_time AS (
SELECT
  assigned.experiment_id AS experiment_id,
  assigned.user_id AS user_id,
  assigned.first_exposed_at AS first_exposed_at,
  assigned.exposed_on AS exposed_on,
  phase.window_end AS window_end,
(
      (assigned.first_exposed_at > :day_starts AND assigned.first_exposed_at <= :events_to)
      OR phase.window_end < :events_to
OR (
        date_add(assigned.first_exposed_at, INTERVAL 12 HOUR) >= :day_starts
        AND date_add(assigned.first_exposed_at, INTERVAL 12 HOUR) <= :events_to
      )
OR (
        date_add(assigned.first_exposed_at, INTERVAL 24 HOUR) >= :day_starts
        AND date_add(assigned.first_exposed_at, INTERVAL 24 HOUR) <= :events_to
      )
OR (
        date_add(assigned.first_exposed_at, INTERVAL 84 HOUR) >= :day_starts
        AND date_add(assigned.first_exposed_at, INTERVAL 84 HOUR) <= :events_to
      )
) AS is_cut,
  FALSE AS is_new
FROM `ab`.`tbl_wide_user_retention_retention` AS assigned
JOIN phase ON phase.experiment_id = assigned.experiment_id
WHERE assigned.tag = :tag AND assigned.event_date = :base_date
UNION ALL
SELECT
  assigned.experiment_id AS experiment_id,
  assigned.user_id AS user_id,
  assigned.first_exposed_at AS first_exposed_at,
CAST(seconds_add(`assigned`.`first_exposed_at`, :clock_offset_0) AS DATE) AS exposed_on,
  phase.window_end AS window_end,
(
      (assigned.first_exposed_at > :day_starts AND assigned.first_exposed_at <= :events_to)
      OR phase.window_end < :events_to
OR (
        date_add(assigned.first_exposed_at, INTERVAL 12 HOUR) >= :day_starts
        AND date_add(assigned.first_exposed_at, INTERVAL 12 HOUR) <= :events_to
      )
OR (
        date_add(assigned.first_exposed_at, INTERVAL 24 HOUR) >= :day_starts
        AND date_add(assigned.first_exposed_at, INTERVAL 24 HOUR) <= :events_to
      )
OR (
        date_add(assigned.first_exposed_at, INTERVAL 84 HOUR) >= :day_starts
        AND date_add(assigned.first_exposed_at, INTERVAL 84 HOUR) <= :events_to
      )
) AS is_cut,
TRUE AS is_new
FROM newcomer AS assigned
JOIN phase ON phase.experiment_id = assigned.experiment_id
),
reader AS (
SELECT
  user_id,
  '' AS experiment_id,
  FALSE AS is_cut,
first_exposed_at,
  exposed_on,
  window_end
FROM unit_time
WHERE NOT is_cut
UNION ALL
SELECT
  user_id,
  experiment_id,
  TRUE AS is_cut,
  first_exposed_at,
  exposed_on,
  window_end
FROM unit_time
WHERE is_cut
),
`added_since` AS (
SELECT
  experiment_id,
  user_id,
COUNT(CASE WHEN in_scope_0 THEN 1 END) AS `events_after_exposure`,
COUNT_IF(in_scope_0 AND (event_name = 'visit')) AS `visits`,
SUM(CASE WHEN in_scope_0 THEN IF(event_name = 'pay', value, 0) END) AS `amount`,
CASE WHEN COUNT_IF(in_scope_0) > 0 THEN IF(COUNT(CASE WHEN in_scope_0 THEN 1 END) < 3, 1, 0) END AS `quiet_days`,
MAX(CASE WHEN in_scope_0 THEN value END) AS `largest`,
MIN(CASE WHEN in_scope_0 THEN value END) AS `smallest`,
SUM(CASE WHEN in_scope_1 THEN IF(event_name = 'pay', value, 0) END) AS `amount_after_12h_within_3d`,
CASE WHEN COUNT_IF(in_scope_2) > 0 THEN IF(COUNT(CASE WHEN in_scope_2 THEN 1 END) < 3, 1, 0) END AS `quiet_days_day_1`,
MAX(CASE WHEN in_scope_3 THEN value END) AS `largest_within_1d`
FROM (
  SELECT
    unit.experiment_id AS experiment_id,
    unit.user_id AS user_id,
NOT unit.is_cut OR (event.event_time >= unit.first_exposed_at
    AND event.event_time <= unit.window_end) AS `in_scope_0`,
NOT unit.is_cut OR (event.event_time >= date_add(unit.first_exposed_at, INTERVAL 12 HOUR)
    AND event.event_time <= date_add(unit.first_exposed_at, INTERVAL 84 HOUR)) AS `in_scope_1`,
NOT unit.is_cut OR (datediff(CAST(:event_date AS DATE), unit.exposed_on) = 1) AS `in_scope_2`,
NOT unit.is_cut OR (event.event_time >= unit.first_exposed_at
    AND event.event_time <= date_add(unit.first_exposed_at, INTERVAL 24 HOUR)) AS `in_scope_3`,
event.`event_name` AS `event_name`,
event.`value` AS `value`,
event.event_time AS event_time
  FROM reader AS unit
  JOIN (
    SELECT
      user_id,
`event_name`,
`value`,
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
WHERE NOT unit.is_cut OR event.event_time >= unit.first_exposed_at
) AS counted
GROUP BY experiment_id, user_id
),
`added_before` AS (
SELECT
  experiment_id,
  user_id,
COUNT(CASE WHEN in_scope_0 THEN 1 END) AS `events_before_exposure`,
SUM(CASE WHEN in_scope_0 THEN IF(event_name = 'pay', value, 0) END) AS `amount_before_14d`
FROM (
  SELECT
    unit.experiment_id AS experiment_id,
    unit.user_id AS user_id,
event.event_time >= date_sub(unit.first_exposed_at, INTERVAL 14 DAY) AS `in_scope_0`,
event.`event_name` AS `event_name`,
event.`value` AS `value`,
event.event_time AS event_time
  FROM unit_time AS unit
  JOIN (
    SELECT
      user_id,
`event_name`,
`value`,
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
    AND event.event_time >= date_sub(unit.first_exposed_at, INTERVAL 14 DAY)
AND unit.is_new) AS counted
GROUP BY experiment_id, user_id
),
`added_recent` AS (
SELECT
  experiment_id,
  user_id,
COUNT_IF(in_scope_0 AND (event_name = 'visit')) AS `visits_last_2d`
FROM (
  SELECT
    unit.experiment_id AS experiment_id,
    unit.user_id AS user_id,
event.event_time >= unit.first_exposed_at
    AND event.event_time >= date_sub(unit.window_end, INTERVAL 48 HOUR)
    AND event.event_time <= unit.window_end AS `in_scope_0`,
event.`event_name` AS `event_name`,
event.event_time AS event_time
  FROM unit_time AS unit
  JOIN (
    SELECT
      user_id,
`event_name`,
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
    WHERE event_time >= :recent_from_0      AND event_time <= :events_to
  ) AS event
    ON event.user_id = unit.user_id
WHERE event.event_time >= unit.first_exposed_at
    AND event.event_time >= date_sub(unit.window_end, INTERVAL 48 HOUR)
) AS counted
GROUP BY experiment_id, user_id
),
unit AS (
SELECT
  assigned.experiment_id AS experiment_id,
  assigned.user_id AS user_id,
  assigned.variation_key AS variation_key,
  CASE
    WHEN newly_exposed.variation_key_lowest < assigned.variation_key_lowest THEN newly_exposed.variation_key_lowest
    ELSE assigned.variation_key_lowest
  END AS variation_key_lowest,
  CASE
    WHEN newly_exposed.variation_key_highest > assigned.variation_key_highest THEN newly_exposed.variation_key_highest
    ELSE assigned.variation_key_highest
  END AS variation_key_highest,
  assigned.first_exposed_at AS first_exposed_at,
  assigned.exposed_on AS exposed_on,
  phase.window_end AS window_end,
(
      (assigned.first_exposed_at > :day_starts AND assigned.first_exposed_at <= :events_to)
      OR phase.window_end < :events_to
OR (
        date_add(assigned.first_exposed_at, INTERVAL 12 HOUR) >= :day_starts
        AND date_add(assigned.first_exposed_at, INTERVAL 12 HOUR) <= :events_to
      )
OR (
        date_add(assigned.first_exposed_at, INTERVAL 24 HOUR) >= :day_starts
        AND date_add(assigned.first_exposed_at, INTERVAL 24 HOUR) <= :events_to
      )
OR (
        date_add(assigned.first_exposed_at, INTERVAL 84 HOUR) >= :day_starts
        AND date_add(assigned.first_exposed_at, INTERVAL 84 HOUR) <= :events_to
      )
) AS is_cut,
assigned.`country` AS `country`,
assigned.`platform` AS `platform`,
assigned.`app_version` AS `app_version`,
assigned.`channel` AS `channel`,
assigned.`events_after_exposure` AS `events_after_exposure`,
assigned.`events_before_exposure` AS `events_before_exposure`,
assigned.`visits` AS `visits`,
assigned.`amount` AS `amount`,
assigned.`quiet_days` AS `quiet_days`,
assigned.`largest` AS `largest`,
assigned.`smallest` AS `smallest`,
assigned.`amount_after_12h_within_3d` AS `amount_after_12h_within_3d`,
assigned.`amount_before_14d` AS `amount_before_14d`,
assigned.`quiet_days_day_1` AS `quiet_days_day_1`,
assigned.`largest_within_1d` AS `largest_within_1d`,
assigned.exposures + coalesce(newly_exposed.exposures, 0) AS exposures
FROM `ab`.`tbl_wide_user_retention_retention` AS assigned
JOIN phase ON phase.experiment_id = assigned.experiment_id
LEFT JOIN newly_exposed
  ON newly_exposed.experiment_id = assigned.experiment_id AND newly_exposed.user_id = assigned.user_id
WHERE assigned.tag = :tag AND assigned.event_date = :base_date
  UNION ALL
SELECT
  assigned.experiment_id AS experiment_id,
  assigned.user_id AS user_id,
  assigned.variation_key AS variation_key,
  assigned.variation_key_lowest AS variation_key_lowest,
  assigned.variation_key_highest AS variation_key_highest,
  assigned.first_exposed_at AS first_exposed_at,
CAST(seconds_add(`assigned`.`first_exposed_at`, :clock_offset_0) AS DATE) AS exposed_on,
  phase.window_end AS window_end,
(
      (assigned.first_exposed_at > :day_starts AND assigned.first_exposed_at <= :events_to)
      OR phase.window_end < :events_to
OR (
        date_add(assigned.first_exposed_at, INTERVAL 12 HOUR) >= :day_starts
        AND date_add(assigned.first_exposed_at, INTERVAL 12 HOUR) <= :events_to
      )
OR (
        date_add(assigned.first_exposed_at, INTERVAL 24 HOUR) >= :day_starts
        AND date_add(assigned.first_exposed_at, INTERVAL 24 HOUR) <= :events_to
      )
OR (
        date_add(assigned.first_exposed_at, INTERVAL 84 HOUR) >= :day_starts
        AND date_add(assigned.first_exposed_at, INTERVAL 84 HOUR) <= :events_to
      )
) AS is_cut,
assigned.`country` AS `country`,
assigned.`platform` AS `platform`,
assigned.`app_version` AS `app_version`,
assigned.`channel` AS `channel`,
CAST(NULL AS DOUBLE) AS `events_after_exposure`,
`added_before`.`events_before_exposure` AS `events_before_exposure`,
CAST(NULL AS DOUBLE) AS `visits`,
CAST(NULL AS DOUBLE) AS `amount`,
CAST(NULL AS DOUBLE) AS `quiet_days`,
CAST(NULL AS DOUBLE) AS `largest`,
CAST(NULL AS DOUBLE) AS `smallest`,
CAST(NULL AS DOUBLE) AS `amount_after_12h_within_3d`,
`added_before`.`amount_before_14d` AS `amount_before_14d`,
CAST(NULL AS DOUBLE) AS `quiet_days_day_1`,
CAST(NULL AS DOUBLE) AS `largest_within_1d`,
assigned.exposures AS exposures
FROM newcomer AS assigned
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
coalesce(unit.`events_after_exposure`, 0) + coalesce(CASE WHEN unit.is_cut OR (CAST(:day_starts AS DATETIME) >= unit.first_exposed_at
    AND CAST(:day_starts AS DATETIME) <= unit.window_end) THEN `added_since`.`events_after_exposure` END, 0) AS `events_after_exposure`,
coalesce(unit.`events_before_exposure`, 0) AS `events_before_exposure`,
coalesce(unit.`visits`, 0) + coalesce(CASE WHEN unit.is_cut OR (CAST(:day_starts AS DATETIME) >= unit.first_exposed_at
    AND CAST(:day_starts AS DATETIME) <= unit.window_end) THEN `added_since`.`visits` END, 0) AS `visits`,
coalesce(unit.`amount`, 0) + coalesce(CASE WHEN unit.is_cut OR (CAST(:day_starts AS DATETIME) >= unit.first_exposed_at
    AND CAST(:day_starts AS DATETIME) <= unit.window_end) THEN `added_since`.`amount` END, 0) AS `amount`,
coalesce(unit.`quiet_days`, 0) + coalesce(CASE WHEN unit.is_cut OR (CAST(:day_starts AS DATETIME) >= unit.first_exposed_at
    AND CAST(:day_starts AS DATETIME) <= unit.window_end) THEN `added_since`.`quiet_days` END, 0) AS `quiet_days`,
greatest(
    coalesce(unit.`largest`, CASE WHEN unit.is_cut OR (CAST(:day_starts AS DATETIME) >= unit.first_exposed_at
    AND CAST(:day_starts AS DATETIME) <= unit.window_end) THEN `added_since`.`largest` END),
    coalesce(CASE WHEN unit.is_cut OR (CAST(:day_starts AS DATETIME) >= unit.first_exposed_at
    AND CAST(:day_starts AS DATETIME) <= unit.window_end) THEN `added_since`.`largest` END, unit.`largest`)
  ) AS `largest`,
least(
    coalesce(unit.`smallest`, CASE WHEN unit.is_cut OR (CAST(:day_starts AS DATETIME) >= unit.first_exposed_at
    AND CAST(:day_starts AS DATETIME) <= unit.window_end) THEN `added_since`.`smallest` END),
    coalesce(CASE WHEN unit.is_cut OR (CAST(:day_starts AS DATETIME) >= unit.first_exposed_at
    AND CAST(:day_starts AS DATETIME) <= unit.window_end) THEN `added_since`.`smallest` END, unit.`smallest`)
  ) AS `smallest`,
coalesce(`added_recent`.`visits_last_2d`, 0) AS `visits_last_2d`,
coalesce(unit.`amount_after_12h_within_3d`, 0) + coalesce(CASE WHEN unit.is_cut OR (CAST(:day_starts AS DATETIME) >= date_add(unit.first_exposed_at, INTERVAL 12 HOUR)
    AND CAST(:day_starts AS DATETIME) <= date_add(unit.first_exposed_at, INTERVAL 84 HOUR)) THEN `added_since`.`amount_after_12h_within_3d` END, 0) AS `amount_after_12h_within_3d`,
coalesce(unit.`amount_before_14d`, 0) AS `amount_before_14d`,
coalesce(unit.`quiet_days_day_1`, 0) + coalesce(CASE WHEN unit.is_cut OR (datediff(CAST(:event_date AS DATE), unit.exposed_on) = 1) THEN `added_since`.`quiet_days_day_1` END, 0) AS `quiet_days_day_1`,
greatest(
    coalesce(unit.`largest_within_1d`, CASE WHEN unit.is_cut OR (CAST(:day_starts AS DATETIME) >= unit.first_exposed_at
    AND CAST(:day_starts AS DATETIME) <= date_add(unit.first_exposed_at, INTERVAL 24 HOUR)) THEN `added_since`.`largest_within_1d` END),
    coalesce(CASE WHEN unit.is_cut OR (CAST(:day_starts AS DATETIME) >= unit.first_exposed_at
    AND CAST(:day_starts AS DATETIME) <= date_add(unit.first_exposed_at, INTERVAL 24 HOUR)) THEN `added_since`.`largest_within_1d` END, unit.`largest_within_1d`)
  ) AS `largest_within_1d`,
phase.config_hash AS config_hash,
  CAST(:measures_hash AS VARCHAR) AS sql_hash,
  CAST(:day_closed AS BOOLEAN) AS day_closed
FROM unit
JOIN phase ON phase.experiment_id = unit.experiment_id
LEFT JOIN variation
  ON variation.experiment_id = unit.experiment_id AND variation.variation_key = unit.variation_key
LEFT JOIN `added_since`
  ON `added_since`.user_id = unit.user_id
  AND `added_since`.experiment_id = CASE WHEN unit.is_cut THEN unit.experiment_id ELSE '' END
LEFT JOIN `added_recent`
  ON `added_recent`.user_id = unit.user_id AND `added_recent`.experiment_id = unit.experiment_id
) AS made

-- Reads:  ab.tbl_wide_user_<module>_<tag>, one partition
-- Writes: nothing: what leaves the warehouse are counts, sums and products
-- Grain:  experiment × variation × crossover or not × (all units, then each value of each dimension)
-- A percentile cap that falls on 0 would make every unit's number 0: it caps nothing and is NULL.
WITH compared AS (
  SELECT
    experiment_id,
    variation_key,
    variations_seen > 1 AS is_crossover,
coalesce(`country`, '(unknown)') AS `country`,
coalesce(`platform`, '(unknown)') AS `platform`,
TRUE
AS `eligible_0`,
date_add(first_exposed_at, INTERVAL 84 HOUR) <= :ends
AS `eligible_1`,
datediff(CAST(:event_date AS DATE), exposed_on) >= 1
AS `eligible_2`,
coalesce(`amount`, 0) AS `raw_0`,
coalesce(`amount_before_14d`, 0) AS `raw_1`,
coalesce(`amount`, 0) AS `raw_2`,
coalesce(`amount`, 0) AS `raw_3`,
coalesce(`visits`, 0) AS `raw_4`,
CASE WHEN coalesce(`amount_after_12h_within_3d`, 0) >= :threshold_5 THEN 1.0 ELSE 0.0 END AS `raw_5`,
coalesce(`visits_last_2d`, 0) AS `raw_6`,
CASE WHEN `quiet_days_day_1` > 0 THEN 1.0 ELSE 0.0 END AS `raw_7`,
coalesce(`largest_within_1d`, 0) AS `raw_8`,
coalesce(`smallest`, 0) AS `raw_9`,
coalesce(`amount`, 0) AS `cap_of_0`,
user_id
  FROM `ab`.`tbl_wide_user_retention_retention`
  WHERE tag = :tag
    AND event_date = :event_date
    AND (is_known OR variations_seen > 1)
),
cap AS (
  SELECT
    experiment_id,
nullif(
      percentile_cont(
        CASE WHEN `eligible_0` AND `cap_of_0` <> 0 THEN `cap_of_0` END,
        0.99
      ),
      0
    ) AS `cap_0`,
max(:cap_1) AS `cap_1`,
count(*) AS units
  FROM compared
  WHERE NOT is_crossover
  GROUP BY experiment_id
),
capped AS (
  SELECT
    compared.*,
CASE
      WHEN NOT compared.`eligible_0` THEN NULL
      WHEN compared.`raw_0` > cap.`cap_0` THEN cap.`cap_0`
      ELSE compared.`raw_0`
    END AS `value_0`,
CASE
      WHEN NOT compared.`eligible_0` THEN NULL
      WHEN compared.`raw_1` > cap.`cap_0` THEN cap.`cap_0`
      ELSE compared.`raw_1`
    END AS `value_1`,
CASE
      WHEN NOT compared.`eligible_0` THEN NULL
      WHEN compared.`raw_2` > cap.`cap_1` THEN cap.`cap_1`
      ELSE compared.`raw_2`
    END AS `value_2`,
CASE WHEN compared.`eligible_0` THEN compared.`raw_3` END AS `value_3`,
CASE WHEN compared.`eligible_0` THEN compared.`raw_4` END AS `value_4`,
CASE WHEN compared.`eligible_1` THEN compared.`raw_5` END AS `value_5`,
CASE WHEN compared.`eligible_0` THEN compared.`raw_6` END AS `value_6`,
CASE WHEN compared.`eligible_2` THEN compared.`raw_7` END AS `value_7`,
CASE WHEN compared.`eligible_0` THEN compared.`raw_8` END AS `value_8`,
CASE WHEN compared.`eligible_0` THEN compared.`raw_9` END AS `value_9`,
cap.units AS compared_units
  FROM compared
  LEFT JOIN cap ON cap.experiment_id = compared.experiment_id
),
shift AS (
  SELECT
    experiment_id,
coalesce(avg(`value_0`), 0) AS `shift_0`,
coalesce(avg(`value_1`), 0) AS `shift_1`,
coalesce(avg(`value_2`), 0) AS `shift_2`,
coalesce(avg(`value_3`), 0) AS `shift_3`,
coalesce(avg(`value_4`), 0) AS `shift_4`,
coalesce(avg(`value_5`), 0) AS `shift_5`,
coalesce(avg(`value_6`), 0) AS `shift_6`,
coalesce(avg(`value_7`), 0) AS `shift_7`,
coalesce(avg(`value_8`), 0) AS `shift_8`,
coalesce(avg(`value_9`), 0) AS `shift_9`,
count(*) AS units
  FROM capped
  WHERE NOT is_crossover
  GROUP BY experiment_id
),
`largest_country` AS (
  SELECT experiment_id, `country`
  FROM (
    SELECT
      experiment_id,
      `country`,
      row_number() OVER (
        PARTITION BY experiment_id ORDER BY count(*) DESC, `country`
      ) AS place
    FROM compared
    WHERE NOT is_crossover
    GROUP BY experiment_id, `country`
  ) AS ranked
  WHERE place <= 20
),
`largest_platform` AS (
  SELECT experiment_id, `platform`
  FROM (
    SELECT
      experiment_id,
      `platform`,
      row_number() OVER (
        PARTITION BY experiment_id ORDER BY count(*) DESC, `platform`
      ) AS place
    FROM compared
    WHERE NOT is_crossover
    GROUP BY experiment_id, `platform`
  ) AS ranked
  WHERE place <= 20
),
centred AS (
  SELECT
    capped.experiment_id AS experiment_id,
    capped.variation_key AS variation_key,
    capped.is_crossover AS is_crossover,
CASE
      WHEN `largest_country`.experiment_id IS NULL THEN '(other)'
      ELSE capped.`country`
    END AS `country`,
CASE
      WHEN `largest_platform`.experiment_id IS NULL THEN '(other)'
      ELSE capped.`platform`
    END AS `platform`,
CASE WHEN capped.`eligible_0` THEN 1 ELSE 0 END AS `eligible_0`,
CASE WHEN capped.`eligible_1` THEN 1 ELSE 0 END AS `eligible_1`,
CASE WHEN capped.`eligible_2` THEN 1 ELSE 0 END AS `eligible_2`,
capped.`value_0` - shift.`shift_0` AS `centred_0`,
    shift.`shift_0` AS `shift_0`,
capped.`value_1` - shift.`shift_1` AS `centred_1`,
    shift.`shift_1` AS `shift_1`,
capped.`value_2` - shift.`shift_2` AS `centred_2`,
    shift.`shift_2` AS `shift_2`,
capped.`value_3` - shift.`shift_3` AS `centred_3`,
    shift.`shift_3` AS `shift_3`,
capped.`value_4` - shift.`shift_4` AS `centred_4`,
    shift.`shift_4` AS `shift_4`,
capped.`value_5` - shift.`shift_5` AS `centred_5`,
    shift.`shift_5` AS `shift_5`,
capped.`value_6` - shift.`shift_6` AS `centred_6`,
    shift.`shift_6` AS `shift_6`,
capped.`value_7` - shift.`shift_7` AS `centred_7`,
    shift.`shift_7` AS `shift_7`,
capped.`value_8` - shift.`shift_8` AS `centred_8`,
    shift.`shift_8` AS `shift_8`,
capped.`value_9` - shift.`shift_9` AS `centred_9`,
    shift.`shift_9` AS `shift_9`,
capped.experiment_id AS cap_experiment_id
  FROM capped
  LEFT JOIN shift ON shift.experiment_id = capped.experiment_id
LEFT JOIN `largest_country`
    ON `largest_country`.experiment_id = capped.experiment_id
    AND `largest_country`.`country` = capped.`country`
LEFT JOIN `largest_platform`
    ON `largest_platform`.experiment_id = capped.experiment_id
    AND `largest_platform`.`platform` = capped.`platform`
)
SELECT
  summed.*
, cap.`cap_0` AS `cap_0`
, cap.`cap_1` AS `cap_1`
FROM (
  SELECT
    experiment_id,
    variation_key,
    is_crossover,
`country`,
`platform`,
sum(`eligible_0`) AS `eligible_0`,
sum(`eligible_1`) AS `eligible_1`,
sum(`eligible_2`) AS `eligible_2`,
sum(`centred_0`) AS `sum_0`,
    max(`shift_0`) AS `shift_0`,
sum(`centred_1`) AS `sum_1`,
    max(`shift_1`) AS `shift_1`,
sum(`centred_2`) AS `sum_2`,
    max(`shift_2`) AS `shift_2`,
sum(`centred_3`) AS `sum_3`,
    max(`shift_3`) AS `shift_3`,
sum(`centred_4`) AS `sum_4`,
    max(`shift_4`) AS `shift_4`,
sum(`centred_5`) AS `sum_5`,
    max(`shift_5`) AS `shift_5`,
sum(`centred_6`) AS `sum_6`,
    max(`shift_6`) AS `shift_6`,
sum(`centred_7`) AS `sum_7`,
    max(`shift_7`) AS `shift_7`,
sum(`centred_8`) AS `sum_8`,
    max(`shift_8`) AS `shift_8`,
sum(`centred_9`) AS `sum_9`,
    max(`shift_9`) AS `shift_9`,
sum(`centred_0` * `centred_0`) AS `product_0_0`,
sum(`centred_0` * `centred_1`) AS `product_0_1`,
sum(`centred_1` * `centred_1`) AS `product_1_1`,
sum(`centred_2` * `centred_2`) AS `product_2_2`,
sum(`centred_3` * `centred_3`) AS `product_3_3`,
sum(`centred_3` * `centred_4`) AS `product_3_4`,
sum(`centred_4` * `centred_4`) AS `product_4_4`,
sum(`centred_5` * `centred_5`) AS `product_5_5`,
sum(`centred_6` * `centred_6`) AS `product_6_6`,
sum(`centred_7` * `centred_7`) AS `product_7_7`,
sum(`centred_8` * `centred_8`) AS `product_8_8`,
sum(`centred_9` * `centred_9`) AS `product_9_9`,
count(*) AS units
  FROM centred
  GROUP BY GROUPING SETS (
    (experiment_id, variation_key, is_crossover)
, (experiment_id, variation_key, is_crossover, `country`)
, (experiment_id, variation_key, is_crossover, `platform`)
  )
) AS summed
LEFT JOIN cap ON cap.experiment_id = summed.experiment_id

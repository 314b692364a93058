-- Reads:  ab.tbl_wide_user_<module>_<tag>, one partition
-- Writes: nothing: what leaves the warehouse are counts, sums and products
-- Grain:  experiment × variation × crossover or not × (all units, then each value of each dimension)
-- A percentile cap that falls on 0 would make every unit's number 0: it caps nothing and is NULL.
-- The largest values of a dimension keep their name, the others are added up as (other): that is done
-- on the sums, which are few, not on the units.
WITH cap AS (
  SELECT
    experiment_id,
nullif(
      percentile_cont(
        CASE WHEN `eligible_0` AND `cap_of_0` <> 0 THEN `cap_of_0` END,
        0.99
      ),
      0
    ) AS `cap_0`,
max(:cap_1) AS `cap_1`
FROM (
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
  ) AS compared
  WHERE NOT is_crossover
  GROUP BY experiment_id
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
coalesce(avg(`value_9`), 0) AS `shift_9`
FROM (
SELECT
  unit.experiment_id AS experiment_id,
  unit.variation_key AS variation_key,
  unit.is_crossover AS is_crossover,
unit.`country` AS `country`,
unit.`platform` AS `platform`,
unit.`eligible_0` AS `eligible_0`,
unit.`eligible_1` AS `eligible_1`,
unit.`eligible_2` AS `eligible_2`,
CASE
    WHEN NOT unit.`eligible_0` THEN NULL
    WHEN unit.`raw_0` > cap.`cap_0` THEN cap.`cap_0`
    ELSE unit.`raw_0`
  END AS `value_0`,
CASE
    WHEN NOT unit.`eligible_0` THEN NULL
    WHEN unit.`raw_1` > cap.`cap_0` THEN cap.`cap_0`
    ELSE unit.`raw_1`
  END AS `value_1`,
CASE
    WHEN NOT unit.`eligible_0` THEN NULL
    WHEN unit.`raw_2` > cap.`cap_1` THEN cap.`cap_1`
    ELSE unit.`raw_2`
  END AS `value_2`,
CASE WHEN unit.`eligible_0` THEN unit.`raw_3` END AS `value_3`,
CASE WHEN unit.`eligible_0` THEN unit.`raw_4` END AS `value_4`,
CASE WHEN unit.`eligible_1` THEN unit.`raw_5` END AS `value_5`,
CASE WHEN unit.`eligible_0` THEN unit.`raw_6` END AS `value_6`,
CASE WHEN unit.`eligible_2` THEN unit.`raw_7` END AS `value_7`,
CASE WHEN unit.`eligible_0` THEN unit.`raw_8` END AS `value_8`,
CASE WHEN unit.`eligible_0` THEN unit.`raw_9` END AS `value_9`
FROM (
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
) AS unit
LEFT JOIN cap ON cap.experiment_id = unit.experiment_id
  ) AS valued
  WHERE NOT is_crossover
  GROUP BY experiment_id
),
summed AS (
  SELECT
    experiment_id,
    variation_key,
    is_crossover,
CASE
WHEN `country` IS NOT NULL THEN :dimension_0
WHEN `platform` IS NOT NULL THEN :dimension_1
ELSE ''
    END AS dimension,
    coalesce(`country`, `platform`, '') AS dimension_value,
sum(CASE WHEN `eligible_0` THEN 1 ELSE 0 END) AS `eligible_0`,
sum(CASE WHEN `eligible_1` THEN 1 ELSE 0 END) AS `eligible_1`,
sum(CASE WHEN `eligible_2` THEN 1 ELSE 0 END) AS `eligible_2`,
sum(`centred_0`) AS `sum_0`,
sum(`centred_1`) AS `sum_1`,
sum(`centred_2`) AS `sum_2`,
sum(`centred_3`) AS `sum_3`,
sum(`centred_4`) AS `sum_4`,
sum(`centred_5`) AS `sum_5`,
sum(`centred_6`) AS `sum_6`,
sum(`centred_7`) AS `sum_7`,
sum(`centred_8`) AS `sum_8`,
sum(`centred_9`) AS `sum_9`,
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
  FROM (
    SELECT
      valued.*,
valued.`value_0` - shift.`shift_0` AS `centred_0`,
valued.`value_1` - shift.`shift_1` AS `centred_1`,
valued.`value_2` - shift.`shift_2` AS `centred_2`,
valued.`value_3` - shift.`shift_3` AS `centred_3`,
valued.`value_4` - shift.`shift_4` AS `centred_4`,
valued.`value_5` - shift.`shift_5` AS `centred_5`,
valued.`value_6` - shift.`shift_6` AS `centred_6`,
valued.`value_7` - shift.`shift_7` AS `centred_7`,
valued.`value_8` - shift.`shift_8` AS `centred_8`,
valued.`value_9` - shift.`shift_9` AS `centred_9`
FROM (
SELECT
  unit.experiment_id AS experiment_id,
  unit.variation_key AS variation_key,
  unit.is_crossover AS is_crossover,
unit.`country` AS `country`,
unit.`platform` AS `platform`,
unit.`eligible_0` AS `eligible_0`,
unit.`eligible_1` AS `eligible_1`,
unit.`eligible_2` AS `eligible_2`,
CASE
    WHEN NOT unit.`eligible_0` THEN NULL
    WHEN unit.`raw_0` > cap.`cap_0` THEN cap.`cap_0`
    ELSE unit.`raw_0`
  END AS `value_0`,
CASE
    WHEN NOT unit.`eligible_0` THEN NULL
    WHEN unit.`raw_1` > cap.`cap_0` THEN cap.`cap_0`
    ELSE unit.`raw_1`
  END AS `value_1`,
CASE
    WHEN NOT unit.`eligible_0` THEN NULL
    WHEN unit.`raw_2` > cap.`cap_1` THEN cap.`cap_1`
    ELSE unit.`raw_2`
  END AS `value_2`,
CASE WHEN unit.`eligible_0` THEN unit.`raw_3` END AS `value_3`,
CASE WHEN unit.`eligible_0` THEN unit.`raw_4` END AS `value_4`,
CASE WHEN unit.`eligible_1` THEN unit.`raw_5` END AS `value_5`,
CASE WHEN unit.`eligible_0` THEN unit.`raw_6` END AS `value_6`,
CASE WHEN unit.`eligible_2` THEN unit.`raw_7` END AS `value_7`,
CASE WHEN unit.`eligible_0` THEN unit.`raw_8` END AS `value_8`,
CASE WHEN unit.`eligible_0` THEN unit.`raw_9` END AS `value_9`
FROM (
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
) AS unit
LEFT JOIN cap ON cap.experiment_id = unit.experiment_id
    ) AS valued
    LEFT JOIN shift ON shift.experiment_id = valued.experiment_id
  ) AS centred
  GROUP BY GROUPING SETS (
    (experiment_id, variation_key, is_crossover)
, (experiment_id, variation_key, is_crossover, `country`)
, (experiment_id, variation_key, is_crossover, `platform`)
  )
),
largest AS (
  SELECT
    experiment_id,
    dimension,
    dimension_value,
    row_number() OVER (
      PARTITION BY experiment_id, dimension ORDER BY sum(units) DESC, dimension_value
    ) AS place
  FROM summed
  WHERE NOT is_crossover
  GROUP BY experiment_id, dimension, dimension_value
)
SELECT
  folded.*,
cap.`cap_0` AS `cap_0`,
cap.`cap_1` AS `cap_1`,
shift.`shift_0` AS `shift_0`,
shift.`shift_1` AS `shift_1`,
shift.`shift_2` AS `shift_2`,
shift.`shift_3` AS `shift_3`,
shift.`shift_4` AS `shift_4`,
shift.`shift_5` AS `shift_5`,
shift.`shift_6` AS `shift_6`,
shift.`shift_7` AS `shift_7`,
shift.`shift_8` AS `shift_8`,
shift.`shift_9` AS `shift_9`
FROM (
  SELECT
    summed.experiment_id AS experiment_id,
    summed.variation_key AS variation_key,
    summed.is_crossover AS is_crossover,
    summed.dimension AS dimension,
    CASE
      WHEN summed.dimension = '' OR largest.place <= 20 THEN summed.dimension_value
      ELSE '(other)'
    END AS dimension_value,
sum(`eligible_0`) AS `eligible_0`,
sum(`eligible_1`) AS `eligible_1`,
sum(`eligible_2`) AS `eligible_2`,
sum(`sum_0`) AS `sum_0`,
sum(`sum_1`) AS `sum_1`,
sum(`sum_2`) AS `sum_2`,
sum(`sum_3`) AS `sum_3`,
sum(`sum_4`) AS `sum_4`,
sum(`sum_5`) AS `sum_5`,
sum(`sum_6`) AS `sum_6`,
sum(`sum_7`) AS `sum_7`,
sum(`sum_8`) AS `sum_8`,
sum(`sum_9`) AS `sum_9`,
sum(`product_0_0`) AS `product_0_0`,
sum(`product_0_1`) AS `product_0_1`,
sum(`product_1_1`) AS `product_1_1`,
sum(`product_2_2`) AS `product_2_2`,
sum(`product_3_3`) AS `product_3_3`,
sum(`product_3_4`) AS `product_3_4`,
sum(`product_4_4`) AS `product_4_4`,
sum(`product_5_5`) AS `product_5_5`,
sum(`product_6_6`) AS `product_6_6`,
sum(`product_7_7`) AS `product_7_7`,
sum(`product_8_8`) AS `product_8_8`,
sum(`product_9_9`) AS `product_9_9`,
sum(units) AS units
  FROM summed
  LEFT JOIN largest
    ON largest.experiment_id = summed.experiment_id
    AND largest.dimension = summed.dimension
    AND largest.dimension_value = summed.dimension_value
  GROUP BY
    summed.experiment_id,
    summed.variation_key,
    summed.is_crossover,
    summed.dimension,
    CASE
      WHEN summed.dimension = '' OR largest.place <= 20 THEN summed.dimension_value
      ELSE '(other)'
    END
) AS folded
LEFT JOIN shift ON shift.experiment_id = folded.experiment_id
LEFT JOIN cap ON cap.experiment_id = folded.experiment_id

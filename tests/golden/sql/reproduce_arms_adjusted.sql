-- Reads:  ab.tbl_wide_user_<module>_<tag>, one experiment of one partition
-- Writes: nothing
-- Grain:  one arm: its units, the sum of each variable, and sums of products around the arm's own means
WITH units AS (
  SELECT
    variation_key,
coalesce(`country`, '(unknown)') AS segment,
coalesce(`amount`, 0) AS `cap_of_0`,
coalesce(`amount`, 0) AS `outcome`,
coalesce(`amount_before_14d`, 0) AS `before`,
user_id
  FROM `ab`.`tbl_wide_user_retention_retention`
  WHERE tag = :tag
    AND event_date = :event_date
    AND experiment_id = :experiment_id
    AND variations_seen = 1 -- crossovers are left out
    AND is_known
),
limits AS (
  SELECT
nullif(percentile_cont(CASE WHEN `cap_of_0` <> 0 THEN `cap_of_0` END, 0.99), 0) AS `limit_0`,
count(*) AS units
  FROM units
),
largest AS (
  SELECT coalesce(`country`, '(unknown)') AS segment
  FROM `ab`.`tbl_wide_user_retention_retention`
  WHERE tag = :tag
    AND event_date = :event_date
    AND experiment_id = :experiment_id
    AND variations_seen = 1
    AND is_known
  GROUP BY coalesce(`country`, '(unknown)')
  ORDER BY count(*) DESC, coalesce(`country`, '(unknown)')
  LIMIT 20
),
counted AS (
  SELECT
    units.variation_key AS variation_key,
limits.`limit_0` AS `limit_0`,
CASE WHEN units.`outcome` > limits.`limit_0` THEN limits.`limit_0` ELSE units.`outcome` END AS `outcome`,
CASE WHEN units.`before` > limits.`limit_0` THEN limits.`limit_0` ELSE units.`before` END AS `before`
FROM units
CROSS JOIN limits
LEFT JOIN largest ON largest.segment = units.segment
WHERE units.variation_key IN (:control_key, :variation_key)
AND (largest.segment IS NULL OR units.segment = :dimension_value)
),
means AS (
  SELECT
    variation_key,
avg(`outcome`) AS `outcome`,
avg(`before`) AS `before`
FROM counted
  GROUP BY variation_key
),
away AS (
  SELECT
    counted.*,
counted.`outcome` - means.`outcome` AS `away_outcome`,
counted.`before` - means.`before` AS `away_before`
FROM counted
  INNER JOIN means ON means.variation_key = counted.variation_key
)
SELECT
  variation_key,
  count(*) AS units,
sum(`outcome`) AS `sum_outcome`,
sum(`before`) AS `sum_before`,
max(`limit_0`) AS `limit_0`,
sum(`away_outcome` * `away_outcome`) AS `outcome_x_outcome`,
sum(`away_outcome` * `away_before`) AS `outcome_x_before`,
sum(`away_before` * `away_before`) AS `before_x_before`
FROM away
GROUP BY variation_key

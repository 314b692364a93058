-- Reads:  ab.tbl_wide_user_<module>_<tag>, one experiment of one partition
-- Writes: nothing
-- Grain:  one arm: its units, the sum of each variable, and sums of products around the arm's own means
WITH units AS (
  SELECT
    variation_key,
coalesce(`amount`, 0) AS `cap_of_0`,
coalesce(`amount`, 0) AS `outcome`,
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
max(:cap_0) AS `limit_0`,
count(*) AS units
  FROM units
),
counted AS (
  SELECT
    units.variation_key AS variation_key,
limits.`limit_0` AS `limit_0`,
CASE WHEN units.`outcome` > limits.`limit_0` THEN limits.`limit_0` ELSE units.`outcome` END AS `outcome`
FROM units
CROSS JOIN limits
WHERE units.variation_key IN (:control_key, :variation_key)
),
means AS (
  SELECT
    variation_key,
avg(`outcome`) AS `outcome`
FROM counted
  GROUP BY variation_key
),
away AS (
  SELECT
    counted.*,
counted.`outcome` - means.`outcome` AS `away_outcome`
FROM counted
  INNER JOIN means ON means.variation_key = counted.variation_key
)
SELECT
  variation_key,
  count(*) AS units,
sum(`outcome`) AS `sum_outcome`,
max(`limit_0`) AS `limit_0`,
sum(`away_outcome` * `away_outcome`) AS `outcome_x_outcome`
FROM away
GROUP BY variation_key

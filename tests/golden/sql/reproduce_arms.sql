-- Reads:  ab.tbl_wide_user_<module>_<tag>, one experiment of one partition
-- Writes: nothing
-- Grain:  one arm: its units, the sum of each variable, and sums of products around the arm's own means
WITH units AS (
  SELECT
    variation_key,
coalesce(`smallest`, 0) AS `outcome`,
user_id
  FROM `ab`.`tbl_wide_user_retention_retention`
  WHERE tag = :tag
    AND event_date = :event_date
    AND experiment_id = :experiment_id
    AND variations_seen = 1 -- crossovers are left out
    AND is_known
),
counted AS (
  SELECT
    units.variation_key AS variation_key,
units.`outcome` AS `outcome`
FROM units
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
sum(`away_outcome` * `away_outcome`) AS `outcome_x_outcome`
FROM away
GROUP BY variation_key

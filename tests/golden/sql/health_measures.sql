-- Reads:  ab.tbl_wide_user_<module>_<tag>, one partition
-- Writes: nothing: what leaves the warehouse are counts and sums
-- Grain:  experiment × variation, compared units: how many had any event, each measure's sum and units
--         with some of it, and each covariate's sums of differences from the experiment's mean
WITH compared AS (
  SELECT *
  FROM `ab`.`tbl_wide_user_retention_retention`
  WHERE tag = :tag
    AND event_date = :event_date
    AND is_known
    AND variations_seen = 1
),
shift AS (
  SELECT
    experiment_id,
avg(coalesce(`amount_before_14d`, 0)) AS `shift_0`,
count(*) AS units
  FROM compared
  GROUP BY experiment_id
)
SELECT
  compared.experiment_id AS experiment_id,
  compared.variation_key AS variation_key,
coalesce(sum(compared.`amount`), 0) AS `sum_0`,
  sum(CASE WHEN compared.`amount` <> 0 THEN 1 ELSE 0 END) AS `some_0`,
coalesce(sum(compared.`visits`), 0) AS `sum_1`,
  sum(CASE WHEN compared.`visits` <> 0 THEN 1 ELSE 0 END) AS `some_1`,
coalesce(sum(compared.`amount_after_12h_within_3d`), 0) AS `sum_2`,
  sum(CASE WHEN compared.`amount_after_12h_within_3d` <> 0 THEN 1 ELSE 0 END) AS `some_2`,
coalesce(sum(compared.`visits_last_2d`), 0) AS `sum_3`,
  sum(CASE WHEN compared.`visits_last_2d` <> 0 THEN 1 ELSE 0 END) AS `some_3`,
coalesce(sum(compared.`quiet_days_day_1`), 0) AS `sum_4`,
  sum(CASE WHEN compared.`quiet_days_day_1` <> 0 THEN 1 ELSE 0 END) AS `some_4`,
coalesce(sum(compared.`largest_within_1d`), 0) AS `sum_5`,
  sum(CASE WHEN compared.`largest_within_1d` <> 0 THEN 1 ELSE 0 END) AS `some_5`,
coalesce(sum(compared.`smallest`), 0) AS `sum_6`,
  sum(CASE WHEN compared.`smallest` <> 0 THEN 1 ELSE 0 END) AS `some_6`,
sum(coalesce(compared.`amount_before_14d`, 0) - shift.`shift_0`) AS `centred_0`,
  sum(
    (coalesce(compared.`amount_before_14d`, 0) - shift.`shift_0`)
    * (coalesce(compared.`amount_before_14d`, 0) - shift.`shift_0`)
  ) AS `square_0`,
  max(shift.`shift_0`) AS `shift_0`,
sum(CASE WHEN compared.events_before_exposure > 0 THEN 1 ELSE 0 END) AS with_past,
sum(CASE WHEN compared.events_after_exposure > 0 THEN 0 ELSE 1 END) AS silent,
  count(compared.events_after_exposure) AS counted,
  count(*) AS units
FROM compared
JOIN shift ON shift.experiment_id = compared.experiment_id
GROUP BY compared.experiment_id, compared.variation_key

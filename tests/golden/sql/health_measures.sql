-- Reads:  ab.tbl_wide_user_<module>_<tag>, one partition
-- Writes: nothing: what leaves the warehouse are counts and sums
-- Grain:  experiment × variation, compared units: how many had any event, and each measure's and
--         covariate's sum and units with some of it. Of a covariate's logarithm also the sums of
--         differences from the experiment's mean: a few heavy users must not decide whether arms differ.
WITH compared AS (
  SELECT
    experiment_id,
    variation_key,
events_before_exposure,
coalesce(`amount`, 0) AS `value_0`,
coalesce(`visits`, 0) AS `value_1`,
coalesce(`amount_after_12h_within_3d`, 0) AS `value_2`,
coalesce(`visits_last_2d`, 0) AS `value_3`,
coalesce(`quiet_days_day_1`, 0) AS `value_4`,
coalesce(`largest_within_1d`, 0) AS `value_5`,
coalesce(`smallest`, 0) AS `value_6`,
coalesce(`amount_before_14d`, 0) AS `past_0`,
    CASE
      WHEN `amount_before_14d` > 0 THEN ln(1 + `amount_before_14d`)
      WHEN `amount_before_14d` < 0 THEN -ln(1 - `amount_before_14d`)
      ELSE 0.0
    END AS `log_0`,
events_after_exposure
  FROM `ab`.`tbl_wide_user_retention_retention`
  WHERE tag = :tag
    AND event_date = :event_date
    AND is_known
    AND variations_seen = 1
),
shift AS (
  SELECT
    experiment_id,
avg(`log_0`) AS `shift_0`,
count(*) AS units
  FROM compared
  GROUP BY experiment_id
)
SELECT
  compared.experiment_id AS experiment_id,
  compared.variation_key AS variation_key,
sum(compared.`value_0`) AS `sum_0`,
  sum(CASE WHEN compared.`value_0` <> 0 THEN 1 ELSE 0 END) AS `some_0`,
sum(compared.`value_1`) AS `sum_1`,
  sum(CASE WHEN compared.`value_1` <> 0 THEN 1 ELSE 0 END) AS `some_1`,
sum(compared.`value_2`) AS `sum_2`,
  sum(CASE WHEN compared.`value_2` <> 0 THEN 1 ELSE 0 END) AS `some_2`,
sum(compared.`value_3`) AS `sum_3`,
  sum(CASE WHEN compared.`value_3` <> 0 THEN 1 ELSE 0 END) AS `some_3`,
sum(compared.`value_4`) AS `sum_4`,
  sum(CASE WHEN compared.`value_4` <> 0 THEN 1 ELSE 0 END) AS `some_4`,
sum(compared.`value_5`) AS `sum_5`,
  sum(CASE WHEN compared.`value_5` <> 0 THEN 1 ELSE 0 END) AS `some_5`,
sum(compared.`value_6`) AS `sum_6`,
  sum(CASE WHEN compared.`value_6` <> 0 THEN 1 ELSE 0 END) AS `some_6`,
sum(compared.`past_0`) AS `past_sum_0`,
  sum(CASE WHEN compared.`past_0` <> 0 THEN 1 ELSE 0 END) AS `past_some_0`,
  sum(compared.`log_0` - shift.`shift_0`) AS `centred_0`,
  sum((compared.`log_0` - shift.`shift_0`) * (compared.`log_0` - shift.`shift_0`)) AS `square_0`,
  max(shift.`shift_0`) AS `shift_0`,
sum(CASE WHEN compared.events_before_exposure > 0 THEN 1 ELSE 0 END) AS with_past,
sum(CASE WHEN compared.events_after_exposure > 0 THEN 0 ELSE 1 END) AS silent,
  count(compared.events_after_exposure) AS counted,
  count(*) AS units
FROM compared
JOIN shift ON shift.experiment_id = compared.experiment_id
GROUP BY compared.experiment_id, compared.variation_key

-- Reads:  ab.tbl_wide_user_<module>_<tag>, one partition
-- Writes: nothing
-- Grain:  experiment × variation of the first exposure × known or not × crossover or not
-- Whether a unit has two rows is looked for where it is checked only: telling units apart is dear.
SELECT
  experiment_id,
  variation_key,
  is_known,
  variations_seen > 1 AS is_crossover,
  count(*) AS units,
count(DISTINCT user_id) AS distinct_units,
sum(exposures) AS exposures
FROM `ab`.`tbl_wide_user_retention_retention`
WHERE tag = :tag AND event_date = :event_date
GROUP BY experiment_id, variation_key, is_known, variations_seen > 1

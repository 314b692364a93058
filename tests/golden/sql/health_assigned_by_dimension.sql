-- Reads:  ab.tbl_wide_user_<module>_<tag>, one partition
-- Writes: nothing
-- Grain:  experiment × variation × value of one dimension (the others are NULL): compared units
WITH compared AS (
  SELECT
    experiment_id,
coalesce(`country`, '(unknown)') AS `country`,
coalesce(`platform`, '(unknown)') AS `platform`,
variation_key
  FROM `ab`.`tbl_wide_user_retention_retention`
  WHERE tag = :tag
    AND event_date = :event_date
    AND is_known
    AND variations_seen = 1
)
SELECT
  experiment_id,
  variation_key,
`country`,
`platform`,
count(*) AS units
FROM compared
GROUP BY GROUPING SETS (
(experiment_id, variation_key, `country`)
, (experiment_id, variation_key, `platform`)
)

-- Reads:  ab.tbl_wide_user_<module>_<tag>, yesterday's partition
-- Writes: nothing
-- Grain:  experiment: what yesterday's rows were made of, to decide whether today can build on them
SELECT
  experiment_id,
  count(*) AS units,
  sum(exposures) AS exposures,
  min(phase_index) AS phase_index_lowest,
  max(phase_index) AS phase_index_highest,
  min(config_hash) AS config_hash_lowest,
  max(config_hash) AS config_hash_highest,
  min(sql_hash) AS sql_hash_lowest,
  max(sql_hash) AS sql_hash_highest,
  min(CASE WHEN day_closed THEN 1 ELSE 0 END) AS day_closed
FROM `ab`.`tbl_wide_user_retention_retention`
WHERE tag = :tag AND event_date = :base_date
GROUP BY experiment_id

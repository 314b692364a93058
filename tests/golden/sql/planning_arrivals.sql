-- Reads:  ab.tbl_wide_user_<module>_<tag>, one partition
-- Writes: nothing
-- Grain:  experiment × business day of the first exposure: compared units (no crossovers), and whether event_date
--         was over
SELECT
  experiment_id,
  exposed_on,
  count(*) AS units,
  min(CASE WHEN day_closed THEN 1 ELSE 0 END) AS day_closed
FROM `ab`.`tbl_wide_user_retention_retention`
WHERE tag = :tag AND event_date = :event_date AND is_known AND variations_seen = 1
GROUP BY experiment_id, exposed_on
ORDER BY experiment_id, exposed_on

-- Reads:  ab.tbl_wide_user_<module>_<tag>, one partition
-- Writes: nothing
-- Grain:  experiment × business day of the first exposure: units, and whether event_date was over
SELECT
  experiment_id,
  exposed_on,
  min(CASE WHEN day_closed THEN 1 ELSE 0 END) AS day_closed,
  count(*) AS units
FROM {{ table | table }}
WHERE tag = :tag AND event_date = :event_date
GROUP BY experiment_id, exposed_on

-- Reads:  ab.tbl_wide_user_<module>_<tag>, one partition
-- Writes: nothing
-- Grain:  one row: how many rows the partition has
SELECT count(*) AS row_count
FROM `ab`.`tbl_wide_user_retention_retention`
WHERE tag = :tag AND event_date = :event_date

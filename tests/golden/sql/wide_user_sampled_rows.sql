-- Reads:  ab.tbl_wide_user_<module>_<tag>, one partition
-- Writes: nothing
-- Grain:  experiment × exposed unit, a sample of units
SELECT
`experiment_id`,
`user_id`,
`app_version`,
`channel`,
`country`,
`event_date`,
`experiment_key`,
`exposed_on`,
`exposures`,
`first_exposed_at`,
`is_known`,
`phase_index`,
`platform`,
`tag`,
`variation_key`,
`variation_key_highest`,
`variation_key_lowest`,
`variations_seen`,
`events_after_exposure`,
`events_before_exposure`,
`visits`,
`amount`,
`quiet_days`,
`largest`,
`smallest`,
`visits_last_2d`,
`amount_after_12h_within_3d`,
`amount_before_14d`,
`quiet_days_day_1`,
`largest_within_1d`
FROM `ab`.`tbl_wide_user_retention_retention`
WHERE tag = :tag
  AND event_date = :event_date
  AND CAST(conv(substr(md5(concat(:sample_salt, ':', user_id)), 1, 15), 16, 10) AS BIGINT) % 10000 < :sample_buckets

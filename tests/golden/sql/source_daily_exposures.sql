-- Reads:  the exposures (source/exposures.sql)
-- Writes: nothing
-- Grain:  business day since :counted_from
SELECT
  CAST(convert_tz(exposed_at, 'UTC', :time_zone) AS DATE) AS day,
  count(*) AS row_count
FROM (
SELECT
  user_id,
  experiment_key,
  variation_key,
  exposed_at,
  country,
  platform,
  app_version,
  channel
FROM ab_source.exposures) AS source_row
WHERE exposed_at >= :counted_from
GROUP BY CAST(convert_tz(exposed_at, 'UTC', :time_zone) AS DATE)

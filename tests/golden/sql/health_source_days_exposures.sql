-- Reads:  the events (source/events.sql) or the exposures (source/exposures.sql)
-- Writes: nothing
-- Grain:  business day between :counted_from and :counted_to: its rows and the newest of them; where
--         arrivals are known, also how many arrived after the day, and of those that arrived on
--         :event_date how many belong to a day that is not made again any more
SELECT
  day,
max(happened_at) AS newest,
  count(*) AS row_count
FROM (
  SELECT
CAST(convert_tz(`exposed_at`, 'UTC', :time_zone) AS DATE) AS day,
    `exposed_at` AS happened_at
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
FROM ab_source.exposures  ) AS source_row
  WHERE `exposed_at` >= :counted_from
    AND `exposed_at` <= :counted_to
) AS dated
GROUP BY day

-- Reads:  the events (source/events.sql) or the exposures (source/exposures.sql)
-- Writes: nothing
-- Grain:  business day between :counted_from and :counted_to: its rows and the newest of them; where
--         arrivals are known, also how many arrived after the day, and of those that arrived on
--         :event_date how many belong to a day that is not made again any more
SELECT
  day,
count(received_day) AS known,
  sum(CASE WHEN received_day > day THEN 1 ELSE 0 END) AS late,
  sum(CASE WHEN received_day = :event_date THEN 1 ELSE 0 END) AS arrived,
  sum(CASE WHEN received_day = :event_date AND datediff(received_day, day) >= :lookback_days THEN 1 ELSE 0 END) AS missed,
max(happened_at) AS newest,
  count(*) AS row_count
FROM (
  SELECT
CAST(convert_tz(received_at, 'UTC', :time_zone) AS DATE) AS received_day,
CAST(convert_tz(`event_time`, 'UTC', :time_zone) AS DATE) AS day,
    `event_time` AS happened_at
  FROM (
SELECT
  event_id,
  event_name,
  user_id,
  event_time,
  received_at,
  session_id,
  device_id,
  country,
  region,
  city,
  platform,
  device_model,
  os_version,
  app_version,
  page_url,
  value,
  properties
FROM ab_source.events  ) AS source_row
  WHERE `event_time` >= :counted_from
    AND `event_time` <= :counted_to
) AS dated
GROUP BY day

-- Reads:  the events (source/events.sql)
-- Writes: nothing
-- Grain:  business day since :counted_from
SELECT
  CAST(convert_tz(event_time, 'UTC', :time_zone) AS DATE) AS day,
  count(*) AS row_count
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
FROM ab_source.events) AS source_row
WHERE event_time >= :counted_from
GROUP BY CAST(convert_tz(event_time, 'UTC', :time_zone) AS DATE)

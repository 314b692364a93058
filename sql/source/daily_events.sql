-- Reads:  the events (source/events.sql)
-- Writes: nothing
-- Grain:  business day since :counted_from
SELECT
  CAST(convert_tz(event_time, 'UTC', :time_zone) AS DATE) AS day,
  count(*) AS row_count
FROM (
  {% include 'source/events.sql' %}
) AS source_row
WHERE event_time >= :counted_from
GROUP BY CAST(convert_tz(event_time, 'UTC', :time_zone) AS DATE)

-- Reads:  the exposures (source/exposures.sql)
-- Writes: nothing
-- Grain:  business day since :counted_from
SELECT
  CAST(convert_tz(exposed_at, 'UTC', :time_zone) AS DATE) AS day,
  count(*) AS row_count
FROM (
  {% include 'source/exposures.sql' %}
) AS source_row
WHERE exposed_at >= :counted_from
GROUP BY CAST(convert_tz(exposed_at, 'UTC', :time_zone) AS DATE)

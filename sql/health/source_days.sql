-- Reads:  the events (source/events.sql) or the exposures (source/exposures.sql)
-- Writes: nothing
-- Grain:  business day between :counted_from and :counted_to: its rows and the newest of them; where
--         arrivals are known, also how many arrived after the day, and of those that arrived on
--         :event_date how many belong to a day that is not made again any more
SELECT
  day,
  {% if has_arrivals -%}
  count(received_day) AS known,
  sum(CASE WHEN received_day > day THEN 1 ELSE 0 END) AS late,
  sum(CASE WHEN received_day = :event_date THEN 1 ELSE 0 END) AS arrived,
  sum(CASE WHEN received_day = :event_date AND datediff(received_day, day) >= :lookback_days THEN 1 ELSE 0 END) AS missed,
  {% endif -%}
  max(happened_at) AS newest,
  count(*) AS row_count
FROM (
  SELECT
    {% if has_arrivals -%}
    CAST(convert_tz(received_at, 'UTC', :time_zone) AS DATE) AS received_day,
    {% endif -%}
    CAST(convert_tz({{ time | identifier }}, 'UTC', :time_zone) AS DATE) AS day,
    {{ time | identifier }} AS happened_at
  FROM (
    {% include source %}
  ) AS source_row
  WHERE {{ time | identifier }} >= :counted_from
    AND {{ time | identifier }} <= :counted_to
) AS dated
GROUP BY day

-- Reads:  the events (source/events.sql)
-- Writes: nothing
-- Grain:  one row: how many seconds after they happened the rows of a day arrived
SELECT
  count(*) AS known,
  percentile_cont(lag_seconds, 0.5) AS p50,
  percentile_cont(lag_seconds, 0.95) AS p95,
  percentile_cont(lag_seconds, 0.99) AS p99
FROM (
  SELECT CAST(seconds_diff(received_at, event_time) AS DOUBLE) AS lag_seconds
  FROM (
    {% include 'source/events.sql' %}
  ) AS source_row
  WHERE event_time >= :counted_from
    AND event_time <= :counted_to
    AND received_at IS NOT NULL
) AS arrived

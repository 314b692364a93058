-- Reads:  ab.experiment_data, one partition
-- Writes: nothing
-- Grain:  experiment × unit exposed that day, at most :units_at_most an experiment: those of the lowest
--         buckets, so that the same units are drawn whoever asks
SELECT
  experiment_id,
  user_id,
  variation_key,
  keys_seen,
  first_exposed_at
FROM (
  SELECT
    experiment_id,
    user_id,
    min(variation_key) AS variation_key,
    count(*) AS keys_seen,
    min(first_exposed_at) AS first_exposed_at,
    row_number() OVER (
      PARTITION BY experiment_id
      ORDER BY
        CAST(conv(substr(md5(concat(:salt, ':', user_id)), 1, 15), 16, 10) AS BIGINT) % 10000,
        user_id
    ) AS place
  FROM ab.experiment_data
  WHERE tag = :tag AND event_date = :event_date
  GROUP BY experiment_id, user_id
) AS unit
WHERE place <= :units_at_most

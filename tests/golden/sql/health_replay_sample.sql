-- Reads:  ab.experiment_data, one partition
-- Writes: nothing
-- Grain:  experiment × unit exposed that day: every unit, or of an experiment with more than
--         :units_wanted about so many, those of the lowest buckets, so that the same units are drawn
--         whoever asks; nothing is sorted for it
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
    count(*) OVER (PARTITION BY experiment_id) AS units
  FROM ab.experiment_data
  WHERE tag = :tag AND event_date = :event_date
  GROUP BY experiment_id, user_id
) AS unit
WHERE CASE
  WHEN units <= :units_wanted THEN TRUE
  ELSE CAST(conv(substr(md5(concat(:salt, ':', user_id)), 1, 15), 16, 10) AS BIGINT) % 10000 * units
    < 10000 * :units_wanted
END

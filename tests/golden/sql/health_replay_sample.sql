-- Reads:  ab.experiment_data, one partition
-- Writes: nothing
-- Grain:  experiment × unit exposed that day: every unit, or of an experiment with more than
--         :units_wanted about so many, those whose hash is lowest, so that the same units are drawn
--         whoever asks; nothing is sorted for it, and units that are not drawn are not grouped
WITH drawn AS (
  SELECT
    experiment_id,
    CASE
      WHEN count(*) <= :units_wanted THEN 'g'
      ELSE lower(lpad(conv(CAST(floor(4294967296 * (:units_wanted / count(*))) AS BIGINT), 10, 16), 8, '0'))
    END AS hashes_below
  FROM ab.experiment_data
  WHERE tag = :tag AND event_date = :event_date
  GROUP BY experiment_id
)
SELECT
  exposed.experiment_id AS experiment_id,
  exposed.user_id AS user_id,
  min(exposed.variation_key) AS variation_key,
  count(*) AS keys_seen,
  min(exposed.first_exposed_at) AS first_exposed_at
FROM ab.experiment_data AS exposed
JOIN drawn ON drawn.experiment_id = exposed.experiment_id
WHERE exposed.tag = :tag
  AND exposed.event_date = :event_date
  AND md5(concat(:salt, ':', exposed.user_id)) < drawn.hashes_below
GROUP BY exposed.experiment_id, exposed.user_id

-- Reads:  the exposures (source/exposures.sql): a count of its own, not the wide table's
-- Writes: nothing
-- Grain:  experiment × variation key: units that saw this key and no other, and all exposure rows of
--         the phase; variation_key is NULL for units that saw two or more keys
WITH phase AS (
  {% include 'pieces/phase.sql' %}
)
SELECT
  experiment_id,
  CASE WHEN lowest = highest THEN lowest END AS variation_key,
  count(*) AS units,
  sum(exposures) AS exposures
FROM (
  SELECT
    phase.experiment_id AS experiment_id,
    exposure.user_id AS user_id,
    min(coalesce(exposure.variation_key, '')) AS lowest,
    max(coalesce(exposure.variation_key, '')) AS highest,
    count(*) AS exposures
  FROM (
    {% include 'source/exposures.sql' %}
  ) AS exposure
  JOIN phase
    ON exposure.experiment_key = phase.experiment_key
    AND exposure.exposed_at >= phase.exposed_from
    AND exposure.exposed_at <= phase.window_end
  WHERE exposure.user_id <> ''
    AND exposure.exposed_at >= :exposed_from
    AND exposure.exposed_at <= :exposed_to
  GROUP BY phase.experiment_id, exposure.user_id
) AS assigned
GROUP BY experiment_id, CASE WHEN lowest = highest THEN lowest END

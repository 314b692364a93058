-- Reads:  the exposures (source/exposures.sql)
-- Writes: nothing
-- Grain:  experiment: exposure rows of the phase up to the end of event_date
WITH phase AS (
  {% include 'pieces/phase.sql' %}
)
SELECT
  phase.experiment_id AS experiment_id,
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
GROUP BY phase.experiment_id

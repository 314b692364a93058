-- Reads:  the exposures (source/exposures.sql)
-- Writes: nothing
-- Grain:  experiment: exposure rows of the phase up to the end of event_date
WITH phase AS (
  {% include 'pieces/phase.sql' %}
)
SELECT
  experiment_id,
  count(*) AS exposures
FROM (
  {% include 'pieces/seen.sql' %}

) AS seen
GROUP BY experiment_id

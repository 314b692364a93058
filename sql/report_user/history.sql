-- Reads:  ab.tbl_report_user_<module>_<tag>, the partitions up to a day
-- Writes: nothing
-- Grain:  event_date × experiment × metric × variation, over all users
-- Only the phase that the report of the day shows: earlier phases are another comparison.
SELECT
  {% for column in columns -%}
  report.{{ column | identifier }}{% if not loop.last %},{% endif %}

  {% endfor -%}
FROM {{ table | table }} AS report
INNER JOIN (
  SELECT DISTINCT experiment_id, phase_index
  FROM {{ table | table }}
  WHERE tag = :tag AND event_date = :event_date
) AS shown
  ON shown.experiment_id = report.experiment_id AND shown.phase_index = report.phase_index
WHERE report.tag = :tag
  AND report.event_date <= :event_date
  AND report.dimension = ''
  {% if not every_role -%}
  AND report.role IN ('goal', 'guardrail')
  {% endif -%}
ORDER BY report.experiment_id, report.metric, report.variation_key, report.event_date

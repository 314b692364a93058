-- Reads:  ab.tbl_report_user_<module>_<tag>, the days of the phases the newest day reports
-- Writes: flow_report_app.tbl_report_trend, one partition (tag)
-- Grain:  event_date × experiment × metric × variation
-- Rows of before a column existed are called by their metrics' names.
SELECT
  {% for column in columns %}
  {% if column == "metric_title" %}
  coalesce(metric_title, metric) AS metric_title{% if not loop.last %},{% endif %}

  {% elif column == "unit" %}
  coalesce(unit, '') AS unit{% if not loop.last %},{% endif %}

  {% else %}
  {{ column | identifier }}{% if not loop.last %},{% endif %}

  {% endif %}
  {% endfor %}
FROM {{ report | table }} AS reports
WHERE
  tag = :tag
  AND event_date <= :event_date
  AND dimension = ''
  AND role IN ('goal', 'guardrail')
  AND EXISTS (
    SELECT 1
    FROM {{ report | table }} AS newest
    WHERE newest.tag = :tag
      AND newest.event_date = :event_date
      AND newest.experiment_id = reports.experiment_id
      AND newest.phase_index = reports.phase_index
  )

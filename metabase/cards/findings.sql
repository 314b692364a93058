SELECT
  status,
  tag,
  COALESCE(experiment_name, '') AS experiment,
  check_name,
  dimension_value AS value_of_dimension,
  message AS sentence,
  event_date AS day
FROM flow_report_app.tbl_experiment_health
WHERE status <> 'pass'
  [[AND tag = {{tag}}]]
  [[AND module = {{module}}]]
  [[AND experiment_key = {{experiment}}]]
ORDER BY status, tag, experiment, sentence

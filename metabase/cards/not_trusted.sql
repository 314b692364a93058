SELECT DISTINCT
  tag,
  module,
  experiment_name AS experiment,
  trust AS reason,
  event_date AS day
FROM flow_report_app.tbl_report_ab_testing_result
WHERE trust <> 'ok'
  AND dimension = ''
  [[AND tag = {{tag}}]]
  [[AND module = {{module}}]]
  [[AND experiment_key = {{experiment}}]]
ORDER BY tag, experiment, reason

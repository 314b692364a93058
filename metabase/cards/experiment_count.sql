SELECT count(DISTINCT concat(tag, '|', experiment_id)) AS experiments
FROM flow_report_app.tbl_report_ab_testing_result
WHERE dimension = ''
  [[AND tag = {{tag}}]]
  [[AND module = {{module}}]]
  [[AND experiment_key = {{experiment}}]]

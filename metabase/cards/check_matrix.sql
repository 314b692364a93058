SELECT
  tag,
  experiment_name AS experiment,
  check_name,
  sum(CASE WHEN status = 'fail' THEN 1 ELSE 0 END) AS failed,
  sum(CASE WHEN status = 'warn' THEN 1 ELSE 0 END) AS warned,
  sum(CASE WHEN status = 'pass' THEN 1 ELSE 0 END) AS passed
FROM flow_report_app.tbl_experiment_health
WHERE 1 = 1
  [[AND tag = {{tag}}]]
  [[AND module = {{module}}]]
  [[AND experiment_key = {{experiment}}]]
GROUP BY tag, experiment_id, experiment_name, check_name
ORDER BY tag, experiment, check_name

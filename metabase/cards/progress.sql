SELECT
  experiment_name AS experiment,
  metric_title AS goal,
  variation_name AS variation,
  users + control_users AS users_so_far,
  users_needed,
  (users + control_users) * 1.0 / NULLIF(users_needed, 0) AS progress,
  days_needed,
  power
FROM flow_report_app.tbl_report_ab_testing_result
WHERE role = 'goal'
  AND dimension = ''
  AND NOT is_control
  [[AND tag = {{tag}}]]
  [[AND module = {{module}}]]
  [[AND experiment_key = {{experiment}}]]
  [[AND metric_title = {{metric}}]]
ORDER BY experiment, goal, variation

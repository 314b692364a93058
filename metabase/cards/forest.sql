SELECT
  concat(experiment_name, ' · ', metric_title, ' · ', variation_name) AS comparison,
  rel_ci_low AS low,
  rel_uplift AS uplift,
  rel_ci_high AS high
FROM flow_report_app.tbl_report_ab_testing_result
WHERE role = 'goal'
  AND dimension = ''
  AND NOT is_control
  AND rel_uplift IS NOT NULL
  [[AND tag = {{tag}}]]
  [[AND module = {{module}}]]
  [[AND experiment_key = {{experiment}}]]
  [[AND metric_title = {{metric}}]]
ORDER BY uplift DESC, comparison

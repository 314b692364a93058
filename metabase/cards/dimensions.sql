SELECT
  experiment_name AS experiment,
  metric_title AS metric,
  dimension,
  dimension_value AS value,
  variation_name AS variation,
  users,
  CASE
    WHEN control_mean IS NULL THEN '–'
    WHEN unit = 'percent' THEN concat(CAST(CAST(control_mean * 100 AS DECIMAL(38, 2)) AS VARCHAR), ' %')
    ELSE concat(CASE WHEN abs(control_mean) < 1 THEN CAST(CAST(control_mean AS DECIMAL(38, 4)) AS VARCHAR) ELSE CAST(CAST(control_mean AS DECIMAL(38, 2)) AS VARCHAR) END, CASE WHEN unit = '' THEN '' ELSE ' ' END, unit)
  END AS control_mean,
  CASE
    WHEN mean IS NULL THEN '–'
    WHEN unit = 'percent' THEN concat(CAST(CAST(mean * 100 AS DECIMAL(38, 2)) AS VARCHAR), ' %')
    ELSE concat(CASE WHEN abs(mean) < 1 THEN CAST(CAST(mean AS DECIMAL(38, 4)) AS VARCHAR) ELSE CAST(CAST(mean AS DECIMAL(38, 2)) AS VARCHAR) END, CASE WHEN unit = '' THEN '' ELSE ' ' END, unit)
  END AS mean,
  COALESCE(concat(CASE WHEN rel_uplift > 0 THEN '+' ELSE '' END, CAST(CAST(rel_uplift * 100 AS DECIMAL(38, 2)) AS VARCHAR), ' %'), '–') AS uplift,
  CASE
    WHEN rel_ci_low IS NULL OR rel_ci_high IS NULL THEN '–'
    ELSE concat(CAST(CAST(rel_ci_low * 100 AS DECIMAL(38, 2)) AS VARCHAR), ' … ', CAST(CAST(rel_ci_high * 100 AS DECIMAL(38, 2)) AS VARCHAR), ' %')
  END AS uplift_interval
FROM flow_report_app.tbl_report_ab_testing_result
WHERE role = 'goal'
  AND dimension <> ''
  AND NOT is_control
  [[AND tag = {{tag}}]]
  [[AND module = {{module}}]]
  [[AND experiment_key = {{experiment}}]]
  [[AND metric_title = {{metric}}]]
  [[AND CASE WHEN dimension = '' THEN 'all users' ELSE dimension END = {{dimension}}]]
ORDER BY experiment, metric, dimension, value, variation

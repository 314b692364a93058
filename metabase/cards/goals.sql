SELECT
  experiment_name AS experiment,
  metric_title AS metric,
  variation_name AS variation,
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
  CASE
    WHEN abs_diff IS NULL THEN '–'
    WHEN unit = 'percent' THEN concat(CASE WHEN abs_diff > 0 THEN '+' ELSE '' END, CAST(CAST(abs_diff * 100 AS DECIMAL(38, 2)) AS VARCHAR), ' pp')
    ELSE concat(CASE WHEN abs_diff > 0 THEN '+' ELSE '' END, CASE WHEN abs(abs_diff) < 1 THEN CAST(CAST(abs_diff AS DECIMAL(38, 4)) AS VARCHAR) ELSE CAST(CAST(abs_diff AS DECIMAL(38, 2)) AS VARCHAR) END, CASE WHEN unit = '' THEN '' ELSE ' ' END, unit)
  END AS difference,
  COALESCE(concat(CASE WHEN rel_uplift > 0 THEN '+' ELSE '' END, CAST(CAST(rel_uplift * 100 AS DECIMAL(38, 2)) AS VARCHAR), ' %'), '–') AS uplift,
  CASE
    WHEN rel_ci_low IS NULL OR rel_ci_high IS NULL THEN '–'
    ELSE concat(CAST(CAST(rel_ci_low * 100 AS DECIMAL(38, 2)) AS VARCHAR), ' … ', CAST(CAST(rel_ci_high * 100 AS DECIMAL(38, 2)) AS VARCHAR), ' %')
  END AS uplift_interval,
  p_value_adjusted,
  chance_to_win,
  CASE WHEN significant THEN 'yes' ELSE 'no' END AS significant,
  trust
FROM flow_report_app.tbl_report_ab_testing_result
WHERE role = 'goal'
  AND dimension = ''
  AND NOT is_control
  [[AND tag = {{tag}}]]
  [[AND module = {{module}}]]
  [[AND experiment_key = {{experiment}}]]
  [[AND metric_title = {{metric}}]]
ORDER BY experiment, metric, variation

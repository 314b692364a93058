-- In the unit of the metric; per cent as a share of 1.
SELECT
  event_date AS day,
  concat(experiment_name, ' · ', metric_title, ' · ', variation_name) AS comparison,
  seq_ci_low AS band_low,
  abs_diff AS difference,
  seq_ci_high AS band_high
FROM flow_report_app.tbl_report_trend
WHERE role = 'goal'
  AND NOT is_control
  AND abs_diff IS NOT NULL
  [[AND tag = {{tag}}]]
  [[AND module = {{module}}]]
  [[AND experiment_key = {{experiment}}]]
  [[AND metric_title = {{metric}}]]
ORDER BY day, comparison

-- One row of each combination there is; the filters take the distinct values of a column.
SELECT DISTINCT
  tag,
  module,
  experiment_key AS experiment,
  metric_title AS metric,
  CASE WHEN dimension = '' THEN 'all users' ELSE dimension END AS dimension
FROM flow_report_app.tbl_report_ab_testing_result
ORDER BY tag, module, experiment, metric, dimension

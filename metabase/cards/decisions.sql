SELECT
  decision,
  count(DISTINCT concat(tag, '|', experiment_id, '|', variation_key)) AS variations
FROM flow_report_app.tbl_report_ab_testing_result
WHERE dimension = ''
  AND NOT is_control
  [[AND tag = {{tag}}]]
  [[AND module = {{module}}]]
  [[AND experiment_key = {{experiment}}]]
GROUP BY decision
ORDER BY decision

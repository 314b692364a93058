-- The decision belongs to the variation: every row of it says the same. The uplift is that of its first goal.
SELECT
  tag,
  module,
  experiment_name AS experiment,
  variation_name AS variation,
  decision,
  trust,
  metric_title AS goal,
  COALESCE(concat(CASE WHEN rel_uplift > 0 THEN '+' ELSE '' END, CAST(CAST(rel_uplift * 100 AS DECIMAL(38, 2)) AS VARCHAR), ' %'), '–') AS uplift,
  CASE
    WHEN rel_ci_low IS NULL OR rel_ci_high IS NULL THEN '–'
    ELSE concat(CAST(CAST(rel_ci_low * 100 AS DECIMAL(38, 2)) AS VARCHAR), ' … ', CAST(CAST(rel_ci_high * 100 AS DECIMAL(38, 2)) AS VARCHAR), ' %')
  END AS uplift_interval,
  users,
  event_date AS day,
  decision_reason AS reason
FROM (
  SELECT
    *,
    row_number() OVER (PARTITION BY tag, experiment_id, variation_key ORDER BY metric) AS goal_number
  FROM flow_report_app.tbl_report_ab_testing_result
  WHERE role = 'goal'
    AND dimension = ''
    AND NOT is_control
    [[AND tag = {{tag}}]]
    [[AND module = {{module}}]]
    [[AND experiment_key = {{experiment}}]]
    [[AND metric_title = {{metric}}]]
) AS goals
WHERE goal_number = 1
ORDER BY tag, experiment, variation

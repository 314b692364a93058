-- Reads:  ab.tbl_report_user_<module>_<tag>, the days of the phases the newest day reports
-- Writes: flow_report_app.tbl_report_trend, one partition (tag)
-- Grain:  event_date × experiment × metric × variation
-- Rows of before a column existed are called by their metrics' names.
SELECT
  `tag`,
  `event_date`,
  `module`,
  `experiment_id`,
  `experiment_key`,
  `experiment_name`,
  `phase_index`,
  `phase_start`,
  `metric`,
  coalesce(metric_title, metric) AS metric_title,
  coalesce(unit, '') AS unit,
  `role`,
  `direction`,
  `variation_key`,
  `variation_name`,
  `control_key`,
  `is_control`,
  `users`,
  `control_users`,
  `mean`,
  `control_mean`,
  `abs_diff`,
  `abs_ci_low`,
  `abs_ci_high`,
  `rel_uplift`,
  `rel_ci_low`,
  `rel_ci_high`,
  `seq_ci_low`,
  `seq_ci_high`,
  `seq_p_value`,
  `p_value_adjusted`,
  `significant`,
  `trust`,
  `decision`
FROM `ab`.`tbl_report_user_retention_retention` AS reports
WHERE
  tag = :tag
  AND event_date <= :event_date
  AND dimension = ''
  AND role IN ('goal', 'guardrail')
  AND EXISTS (
    SELECT 1
    FROM `ab`.`tbl_report_user_retention_retention` AS newest
    WHERE newest.tag = :tag
      AND newest.event_date = :event_date
      AND newest.experiment_id = reports.experiment_id
      AND newest.phase_index = reports.phase_index
  )

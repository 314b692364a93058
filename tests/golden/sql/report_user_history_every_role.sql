-- Reads:  ab.tbl_report_user_<module>_<tag>, the partitions up to a day
-- Writes: nothing
-- Grain:  event_date × experiment × metric × variation, over all users
-- Only the phase that the report of the day shows: earlier phases are another comparison.
SELECT
report.`event_date`,
report.`experiment_id`,
report.`phase_index`,
report.`metric`,
report.`variation_key`,
report.`users`,
report.`control_users`,
report.`mean`,
report.`control_mean`,
report.`abs_diff`,
report.`abs_ci_low`,
report.`abs_ci_high`,
report.`rel_uplift`,
report.`rel_ci_low`,
report.`rel_ci_high`,
report.`seq_ci_low`,
report.`seq_ci_high`,
report.`seq_p_value`,
report.`p_value_adjusted`,
report.`significant`,
report.`trust`
FROM `ab`.`tbl_report_user_retention_retention` AS report
INNER JOIN (
  SELECT DISTINCT experiment_id, phase_index
  FROM `ab`.`tbl_report_user_retention_retention`
  WHERE tag = :tag AND event_date = :event_date
) AS shown
  ON shown.experiment_id = report.experiment_id AND shown.phase_index = report.phase_index
WHERE report.tag = :tag
  AND report.event_date <= :event_date
  AND report.dimension = ''
ORDER BY report.experiment_id, report.metric, report.variation_key, report.event_date

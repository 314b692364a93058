-- Reads:  ab.tbl_report_user_<module>_<tag>, one partition
-- Writes: nothing
-- Grain:  experiment × metric × dimension value × variation
SELECT `tag`, `module`, `event_date`, `experiment_id`, `experiment_key`, `experiment_name`, `phase_index`, `phase_name`, `phase_start`, `metric`, `metric_type`, `role`, `direction`, `dimension`, `dimension_value`, `variation_key`, `variation_name`, `control_key`, `is_control`, `weight`, `users`, `control_users`, `crossover_users`, `mean`, `control_mean`, `stddev`, `control_stddev`, `abs_diff`, `abs_ci_low`, `abs_ci_high`, `rel_uplift`, `rel_ci_low`, `rel_ci_high`, `method`, `statistic`, `df`, `p_value`, `p_value_adjusted`, `significant`, `seq_ci_low`, `seq_ci_high`, `seq_p_value`, `posterior_mean`, `posterior_ci_low`, `posterior_ci_high`, `chance_to_win`, `expected_loss`, `incremental_total`, `incremental_ci_low`, `incremental_ci_high`, `cuped`, `variance_reduction`, `cap_value`, `power`, `mde`, `users_needed`, `days_needed`, `srm_p_value`, `srm_seq_p_value`, `trust`, `decision`, `decision_reason`, `config_hash`, `sql_hash`, `run_id`, `computed_at`, `cuped_theta`, `fcr_ci_low`, `fcr_ci_high`, `fcr_rel_ci_low`, `fcr_rel_ci_high`
FROM `ab`.`tbl_report_user_retention_retention`
WHERE tag = :tag AND event_date = :event_date
ORDER BY experiment_key, experiment_id, dimension, dimension_value, role, metric, is_control DESC, variation_key

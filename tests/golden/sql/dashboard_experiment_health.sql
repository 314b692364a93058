-- Reads:  ab.experiment_health, the partition of the newest day
-- Writes: flow_report_app.tbl_experiment_health, one partition (tag)
-- Grain:  experiment × check (× dimension value)
SELECT `tag`, `event_date`, `module`, `experiment_id`, `experiment_key`, `experiment_name`, `phase_index`, `check_name`, `dimension`, `dimension_value`, `status`, `value`, `threshold`, `p_value`, `message`, `distrust`, `run_id`, `computed_at`
FROM ab.experiment_health
WHERE tag = :tag AND event_date = :event_date

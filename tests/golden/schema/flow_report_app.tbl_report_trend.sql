CREATE TABLE IF NOT EXISTS flow_report_app.tbl_report_trend (
  `tag` VARCHAR(65533) NOT NULL COMMENT 'business area',
  `event_date` DATE NOT NULL COMMENT 'results are cumulative from phase start to the end of this business day',
  `module` VARCHAR(65533) COMMENT 'module of the tag',
  `experiment_id` VARCHAR(65533) COMMENT 'GrowthBook id',
  `experiment_key` VARCHAR(65533) COMMENT 'tracking key',
  `experiment_name` VARCHAR(65533) COMMENT 'name',
  `phase_index` INT COMMENT 'phase in force, 0 first',
  `phase_start` DATETIME COMMENT 'its start, UTC',
  `metric` VARCHAR(65533) COMMENT 'name of the metric',
  `metric_title` VARCHAR(65533) COMMENT 'the metric as people call it',
  `unit` VARCHAR(65533) COMMENT 'of mean and abs_diff: percent (of 1), a currency code, another word, or empty',
  `role` VARCHAR(65533) COMMENT 'goal, secondary or guardrail',
  `direction` VARCHAR(65533) COMMENT 'up or down: where better is',
  `variation_key` VARCHAR(65533) COMMENT 'the variation',
  `variation_name` VARCHAR(65533) COMMENT 'its name',
  `control_key` VARCHAR(65533) COMMENT 'the variation it is compared with',
  `is_control` BOOLEAN COMMENT 'whether this row is the control, which has no comparison',
  `users` BIGINT COMMENT 'units compared',
  `control_users` BIGINT COMMENT 'units of the control compared',
  `mean` DOUBLE COMMENT 'of the variation',
  `control_mean` DOUBLE COMMENT 'of the control',
  `abs_diff` DOUBLE COMMENT 'mean - control_mean',
  `abs_ci_low` DOUBLE COMMENT 'interval of abs_diff',
  `abs_ci_high` DOUBLE COMMENT 'interval of abs_diff',
  `rel_uplift` DOUBLE COMMENT 'difference relative to the size of the control mean',
  `rel_ci_low` DOUBLE COMMENT 'interval of rel_uplift',
  `rel_ci_high` DOUBLE COMMENT 'interval of rel_uplift',
  `seq_ci_low` DOUBLE COMMENT 'always-valid interval of abs_diff',
  `seq_ci_high` DOUBLE COMMENT 'always-valid interval of abs_diff',
  `seq_p_value` DOUBLE COMMENT 'always-valid p-value',
  `p_value_adjusted` DOUBLE COMMENT 'for the number of goal comparisons of the experiment',
  `significant` BOOLEAN COMMENT 'by the adjusted p-value',
  `trust` VARCHAR(65533) COMMENT 'ok, or the first reason it is not',
  `decision` VARCHAR(65533) COMMENT 'ship, rollback, extend, stop or none'
)
DUPLICATE KEY (tag, event_date, module, experiment_id)
COMMENT 'tag x event_date x experiment x metric x variation, phases in force only'
PARTITION BY (tag)
DISTRIBUTED BY HASH(experiment_id) BUCKETS 1
PROPERTIES ("replication_num" = "1")

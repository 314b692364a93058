CREATE TABLE IF NOT EXISTS ab.experiment_plan (
  `tag` VARCHAR(65533) NOT NULL COMMENT 'business area',
  `module` VARCHAR(65533) COMMENT 'module of the tag',
  `metric` VARCHAR(65533) COMMENT 'name of the metric',
  `metric_title` VARCHAR(65533) COMMENT 'as people call it',
  `metric_type` VARCHAR(65533) COMMENT 'mean, proportion, ratio or retention',
  `unit` VARCHAR(65533) COMMENT 'of its values',
  `role` VARCHAR(65533) COMMENT 'goal, secondary or guardrail, in that experiment',
  `experiment_key` VARCHAR(65533) COMMENT 'whose control and traffic are planned from',
  `event_date` DATE COMMENT 'business day of its report',
  `weeks` INT COMMENT 'from the first user to the decision',
  `users` DOUBLE COMMENT 'that count by then, in both arms',
  `users_a_day` DOUBLE COMMENT 'new ones after the days that experiment has seen',
  `baseline` DOUBLE COMMENT 'the control',
  `stddev` DOUBLE COMMENT 'of one user of the control',
  `variance_reduction` DOUBLE COMMENT 'share of variance CUPED removed; 0 without',
  `closing_days` INT COMMENT 'days after exposure until a user counts',
  `alpha` DOUBLE COMMENT 'error rate of one comparison, two-sided, corrected for its family',
  `target_power` DOUBLE COMMENT 'for the detectable effects and the users needed',
  `mde` DOUBLE COMMENT 'smallest effect found by the fixed test without CUPED, relative',
  `mde_cuped` DOUBLE COMMENT 'the same with CUPED',
  `mde_always_valid` DOUBLE COMMENT 'by the always-valid test read daily, with CUPED',
  `mde_group_sequential` DOUBLE COMMENT 'by five planned looks (O''Brien-Fleming spending), with CUPED',
  `minimum_effect` DOUBLE COMMENT 'smallest effect worth finding, relative, with its sign',
  `power` DOUBLE COMMENT 'of the fixed test with CUPED to find it',
  `users_needed` BIGINT COMMENT 'in both arms, to find it with the target power',
  `days_needed` BIGINT COMMENT 'until they count; NULL where ten years are too few',
  `run_id` VARCHAR(65533) COMMENT 'run that computed it',
  `computed_at` DATETIME COMMENT 'when, UTC'
)
DUPLICATE KEY (tag, module, metric)
COMMENT 'tag x metric x weeks'
PARTITION BY (tag)
DISTRIBUTED BY HASH(metric) BUCKETS 1
PROPERTIES ("replication_num" = "1")

CREATE TABLE IF NOT EXISTS flow_report_app.tbl_experiment_health (
  `tag` VARCHAR(65533) NOT NULL COMMENT 'business area',
  `event_date` DATE COMMENT 'business day',
  `module` VARCHAR(65533) COMMENT 'module of the tag',
  `experiment_id` VARCHAR(65533) COMMENT 'GrowthBook id; empty for a check of the whole tag',
  `experiment_key` VARCHAR(65533) COMMENT 'tracking key',
  `experiment_name` VARCHAR(65533) COMMENT 'name',
  `phase_index` INT COMMENT 'phase in force',
  `check_name` VARCHAR(65533) COMMENT 'which check',
  `dimension` VARCHAR(65533) COMMENT 'empty for all users',
  `dimension_value` VARCHAR(65533) COMMENT 'empty for all users',
  `status` VARCHAR(65533) COMMENT 'pass, warn or fail',
  `value` DOUBLE COMMENT 'what was measured',
  `threshold` DOUBLE COMMENT 'what it was held against',
  `p_value` DOUBLE COMMENT 'when the check is a test',
  `message` VARCHAR(65533) COMMENT 'one plain sentence',
  `distrust` VARCHAR(65533) COMMENT 'why results are not to be trusted; empty where they are',
  `run_id` VARCHAR(65533) COMMENT 'run that computed it',
  `computed_at` DATETIME COMMENT 'when, UTC'
)
DUPLICATE KEY (tag, event_date, module)
COMMENT 'tag x experiment x check (x dimension value), newest event_date of each tag only'
PARTITION BY (tag)
DISTRIBUTED BY HASH(experiment_id) BUCKETS 1
PROPERTIES ("replication_num" = "1")

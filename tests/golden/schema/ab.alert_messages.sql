CREATE TABLE IF NOT EXISTS ab.alert_messages (
  `message_id` VARCHAR(65533) NOT NULL COMMENT 'the same for the same message, however often it is planned',
  `kind` VARCHAR(65533) COMMENT 'opened, worsened, recovered or digest',
  `severity` VARCHAR(65533) COMMENT 'warn, fail or run failed; empty for a digest',
  `subject` VARCHAR(65533) COMMENT 'whose problem: experiment id, tag:... or job:...; empty for a digest',
  `check_name` VARCHAR(65533) COMMENT 'which check; run for a failed run',
  `phase_index` INT COMMENT 'phase; -1 where there is none',
  `episode` INT COMMENT 'how many times the problem has opened',
  `tag` VARCHAR(65533) COMMENT 'business area',
  `module` VARCHAR(65533) COMMENT 'module of the tag',
  `experiment_key` VARCHAR(65533) COMMENT 'tracking key',
  `experiment_name` VARCHAR(65533) COMMENT 'name',
  `event_date` DATE COMMENT 'business day of the problem; day of a digest',
  `title` VARCHAR(65533) COMMENT 'first line',
  `content` VARCHAR(1048576) COMMENT 'paragraphs, problems and mentioned messages, JSON',
  `ordinal` INT COMMENT 'order among messages of one moment',
  `created_at` DATETIME COMMENT 'when it was planned, UTC'
)
DUPLICATE KEY (message_id)
COMMENT 'message'
DISTRIBUTED BY HASH(message_id) BUCKETS 1
PROPERTIES ("replication_num" = "1")

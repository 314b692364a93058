CREATE TABLE IF NOT EXISTS ab_source.loads (
  `load_label` VARCHAR(65533) NOT NULL COMMENT 'hash of target and content',
  `source_file` VARCHAR(65533) COMMENT 'the file as it was given',
  `target` VARCHAR(65533) COMMENT 'exposures or events',
  `rows_read` BIGINT COMMENT 'rows in the file',
  `rows_loaded` BIGINT COMMENT 'rows added',
  `rows_rejected` BIGINT COMMENT 'rows in ab_source.rejected',
  `loaded_at` DATETIME COMMENT 'when, UTC'
)
DUPLICATE KEY (load_label)
COMMENT 'file content'
DISTRIBUTED BY HASH(load_label) BUCKETS 1
PROPERTIES ("replication_num" = "1")

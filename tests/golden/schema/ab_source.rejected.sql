CREATE TABLE IF NOT EXISTS ab_source.rejected (
  `load_label` VARCHAR(65533) NOT NULL COMMENT 'the load: hash of target and content',
  `source_file` VARCHAR(65533) COMMENT 'the file as it was given',
  `target` VARCHAR(65533) COMMENT 'exposures or events',
  `row_number` BIGINT COMMENT 'the row of the file, the first row of data being 1',
  `reason` VARCHAR(65533) COMMENT 'why the row was not kept',
  `raw` VARCHAR(1048576) COMMENT 'the row as JSON, or the text of a line that could not be read',
  `loaded_at` DATETIME COMMENT 'when, UTC'
)
DUPLICATE KEY (load_label)
COMMENT 'row of a file that was not kept'
DISTRIBUTED BY HASH(load_label) BUCKETS 1
PROPERTIES ("replication_num" = "1")

CREATE DATABASE IF NOT EXISTS ab;
CREATE TABLE IF NOT EXISTS ab.partition_provenance (
  `table_name` VARCHAR(65533) NOT NULL COMMENT 'schema.table',
  `tag` VARCHAR(65533) NOT NULL COMMENT 'business area',
  `event_date` DATE COMMENT 'business day; NULL for a table partitioned by tag alone',
  `config_hash` VARCHAR(65533) COMMENT 'configuration in force',
  `sql_hash` VARCHAR(65533) COMMENT 'hash of the SQL text',
  `run_id` VARCHAR(65533) COMMENT 'run',
  `path` VARCHAR(65533) COMMENT 'how: incremental, full, ...',
  `row_count` BIGINT COMMENT 'rows written',
  `reason` VARCHAR(65533) COMMENT 'why that path, or why there are no rows',
  `computed_at` DATETIME COMMENT 'when, UTC'
)
DUPLICATE KEY (table_name, tag)
COMMENT 'partition; the newest computed_at counts'
DISTRIBUTED BY HASH(table_name) BUCKETS 1
PROPERTIES ("replication_num" = "1")

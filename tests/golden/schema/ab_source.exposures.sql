CREATE TABLE IF NOT EXISTS ab_source.exposures (
  `user_id` VARCHAR(65533) NOT NULL COMMENT 'the unit, as text',
  `experiment_key` VARCHAR(65533) NOT NULL COMMENT 'the tracking key of the experiment',
  `variation_key` VARCHAR(65533) NOT NULL COMMENT 'the key of the variation shown',
  `exposed_at` DATETIME NOT NULL COMMENT 'when, UTC',
  `country` VARCHAR(65533) COMMENT 'at exposure',
  `platform` VARCHAR(65533) COMMENT 'at exposure',
  `app_version` VARCHAR(65533) COMMENT 'at exposure',
  `channel` VARCHAR(65533) COMMENT 'at exposure'
)
DUPLICATE KEY (user_id, experiment_key)
COMMENT 'unit x experiment x time'
PARTITION BY date_trunc('day', exposed_at)
DISTRIBUTED BY HASH(user_id) BUCKETS 8
PROPERTIES ("replication_num" = "1")

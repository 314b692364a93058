CREATE TABLE IF NOT EXISTS ab.growthbook_pulls (
  `pulled_at` DATETIME NOT NULL COMMENT 'when, UTC',
  `source` VARCHAR(65533) COMMENT 'API address or file, without secrets',
  `experiments` BIGINT COMMENT 'experiments seen',
  `refused` VARCHAR(1048576) COMMENT 'experiments that could not be used and why, JSON list',
  `contents` VARCHAR(1048576) COMMENT 'hashes of the answers in ab.growthbook_payloads, JSON list',
  `run_id` VARCHAR(65533) COMMENT 'run that pulled'
)
DUPLICATE KEY (pulled_at)
COMMENT 'pull'
DISTRIBUTED BY HASH(pulled_at) BUCKETS 1
PROPERTIES ("replication_num" = "1")

CREATE TABLE IF NOT EXISTS ab.growthbook_payloads (
  `payload_hash` VARCHAR(64) NOT NULL COMMENT 'hash of the answer',
  `payload` VARCHAR(1048576) COMMENT 'the answer, JSON',
  `first_seen_at` DATETIME COMMENT 'when it was first seen, UTC'
)
DUPLICATE KEY (payload_hash)
COMMENT 'answer'
DISTRIBUTED BY HASH(payload_hash) BUCKETS 1
PROPERTIES ("replication_num" = "1")

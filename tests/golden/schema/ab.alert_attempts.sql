CREATE TABLE IF NOT EXISTS ab.alert_attempts (
  `message_id` VARCHAR(65533) NOT NULL COMMENT 'message',
  `claim` VARCHAR(65533) COMMENT 'one attempt; for mentioned: the message that mentions it',
  `status` VARCHAR(65533) COMMENT 'sending, withdrawn, sent, failed, unknown or mentioned',
  `channel` VARCHAR(65533) COMMENT 'slack, feishu, dingtalk, generic or email',
  `holds_channel` BOOLEAN COMMENT 'whether the whole channel waits until next_attempt_at',
  `recorded_at` DATETIME COMMENT 'when, UTC',
  `next_attempt_at` DATETIME COMMENT 'not before, UTC',
  `error` VARCHAR(65533) COMMENT 'why it failed'
)
DUPLICATE KEY (message_id)
COMMENT 'message x attempt x status'
DISTRIBUTED BY HASH(message_id) BUCKETS 1
PROPERTIES ("replication_num" = "1")

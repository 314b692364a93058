CREATE DATABASE IF NOT EXISTS ab;
CREATE TABLE IF NOT EXISTS ab.toy (
  `tag` VARCHAR(65533) NOT NULL,
  `event_date` DATE NOT NULL,
  `user_id` VARCHAR(65533),
  `n` BIGINT,
  `share` DOUBLE
)
DUPLICATE KEY (tag, event_date)
PARTITION BY (tag, event_date)
DISTRIBUTED BY HASH(user_id) BUCKETS 1
PROPERTIES ("replication_num" = "3")

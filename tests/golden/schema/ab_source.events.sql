CREATE TABLE IF NOT EXISTS ab_source.events (
  `event_id` VARCHAR(65533) NOT NULL COMMENT 'the id the sender gave, or the hash of the row',
  `event_name` VARCHAR(65533) NOT NULL COMMENT 'what happened',
  `user_id` VARCHAR(65533) NOT NULL COMMENT 'the unit, as text',
  `event_time` DATETIME NOT NULL COMMENT 'when it happened, UTC',
  `received_at` DATETIME COMMENT 'when it arrived, UTC; NULL when not known',
  `session_id` VARCHAR(65533) COMMENT 'session',
  `device_id` VARCHAR(65533) COMMENT 'device',
  `country` VARCHAR(65533) COMMENT 'country',
  `region` VARCHAR(65533) COMMENT 'region',
  `city` VARCHAR(65533) COMMENT 'city',
  `platform` VARCHAR(65533) COMMENT 'platform',
  `device_model` VARCHAR(65533) COMMENT 'device model',
  `os_version` VARCHAR(65533) COMMENT 'operating system version',
  `app_version` VARCHAR(65533) COMMENT 'app version',
  `page_url` VARCHAR(65533) COMMENT 'page',
  `value` DOUBLE COMMENT 'the number the event carries',
  `properties` JSON COMMENT 'everything else, one JSON value'
)
DUPLICATE KEY (event_id, event_name, user_id)
COMMENT 'event'
PARTITION BY date_trunc('day', event_time)
DISTRIBUTED BY HASH(user_id) BUCKETS 16
PROPERTIES ("replication_num" = "1")

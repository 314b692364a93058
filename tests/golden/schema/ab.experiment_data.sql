CREATE TABLE IF NOT EXISTS ab.experiment_data (
  `tag` VARCHAR(65533) NOT NULL COMMENT 'business area',
  `event_date` DATE NOT NULL COMMENT 'business day',
  `experiment_id` VARCHAR(65533) NOT NULL COMMENT 'GrowthBook id',
  `experiment_key` VARCHAR(65533) COMMENT 'tracking key',
  `experiment_name` VARCHAR(65533) COMMENT 'name',
  `user_id` VARCHAR(65533) NOT NULL COMMENT 'the unit',
  `variation_key` VARCHAR(65533) COMMENT 'the key the exposure had',
  `variation_id` VARCHAR(65533) COMMENT 'GrowthBook id of the variation; NULL when the key is unknown',
  `variation_name` VARCHAR(65533) COMMENT 'name; NULL when the key is unknown',
  `weight` DOUBLE COMMENT 'share of traffic the phase gives the variation',
  `is_control` BOOLEAN COMMENT 'whether it is the control',
  `is_known` BOOLEAN COMMENT 'whether the key is one of the experiment',
  `phase_index` INT COMMENT 'phase in force, 0 first',
  `phase_name` VARCHAR(65533) COMMENT 'its name',
  `phase_start` DATETIME COMMENT 'its start, UTC',
  `phase_end` DATETIME COMMENT 'its end, UTC; NULL while it runs',
  `coverage` DOUBLE COMMENT 'share of traffic in the experiment',
  `reseeded` BOOLEAN COMMENT 'whether the phase began with a new seed',
  `config_hash` VARCHAR(65533) COMMENT 'configuration in force',
  `first_exposed_at` DATETIME COMMENT 'first exposure of the unit to the variation on that day, UTC',
  `exposures` BIGINT COMMENT 'exposures on that day',
  `country` VARCHAR(65533) COMMENT 'at first exposure of the day',
  `platform` VARCHAR(65533) COMMENT 'at first exposure of the day',
  `app_version` VARCHAR(65533) COMMENT 'at first exposure of the day',
  `channel` VARCHAR(65533) COMMENT 'at first exposure of the day'
)
DUPLICATE KEY (tag, event_date, experiment_id)
COMMENT 'tag x event_date x experiment x unit x variation'
PARTITION BY (tag, event_date)
DISTRIBUTED BY HASH(user_id) BUCKETS 2
PROPERTIES ("replication_num" = "1")

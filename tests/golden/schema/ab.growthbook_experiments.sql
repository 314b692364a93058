CREATE TABLE IF NOT EXISTS ab.growthbook_experiments (
  `experiment_id` VARCHAR(65533) NOT NULL COMMENT 'GrowthBook id',
  `experiment_key` VARCHAR(65533) COMMENT 'tracking key',
  `experiment_name` VARCHAR(65533) COMMENT 'name',
  `phase_index` INT COMMENT '0 first',
  `config_hash` VARCHAR(65533) COMMENT 'hash of what decides who sees what',
  `status` VARCHAR(65533) COMMENT 'draft, running or stopped',
  `archived` BOOLEAN COMMENT 'whether it is archived',
  `tags` VARCHAR(65533) COMMENT 'JSON list',
  `hash_attribute` VARCHAR(65533) COMMENT 'what is randomised',
  `phase_name` VARCHAR(65533) COMMENT 'name',
  `phase_start` DATETIME COMMENT 'UTC',
  `phase_end` DATETIME COMMENT 'UTC; NULL while it runs',
  `seed` VARCHAR(65533) COMMENT 'seed of the phase',
  `coverage` DOUBLE COMMENT 'share of traffic',
  `weights` VARCHAR(65533) COMMENT 'JSON list',
  `variations` VARCHAR(65533) COMMENT 'JSON list: id, key, name',
  `reseeded` BOOLEAN COMMENT 'whether the phase began with a new seed',
  `first_seen_at` DATETIME COMMENT 'first pull that had this configuration, UTC',
  `raw` VARCHAR(1048576) COMMENT 'the experiment as GrowthBook sent it, JSON'
)
DUPLICATE KEY (experiment_id)
COMMENT 'experiment x phase x configuration hash'
DISTRIBUTED BY HASH(experiment_id) BUCKETS 1
PROPERTIES ("replication_num" = "1")

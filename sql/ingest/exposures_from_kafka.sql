-- Exposures from Kafka, for ever: a Routine Load job of StarRocks. Explained in docs/ingest.md.
-- Reads: the topic ab_exposures, one JSON object a message. Writes: ab_source.exposures.
-- Put your brokers in the place of <…>. Unverified on a real cluster.
CREATE ROUTINE LOAD ab_source.exposures_from_kafka ON exposures
COLUMNS (
  sent_user_id, sent_experiment_key, sent_variation_key, sent_exposed_at, country, platform,
  app_version, channel,
  user_id = CASE WHEN trim(sent_user_id) <> '' THEN sent_user_id END,
  experiment_key = CASE WHEN trim(sent_experiment_key) <> '' THEN sent_experiment_key END,
  variation_key = CASE WHEN trim(sent_variation_key) <> '' THEN sent_variation_key END,
  exposed_at = CASE WHEN sent_exposed_at REGEXP
      '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?Z?$'
    THEN CAST(replace(replace(sent_exposed_at, 'T', ' '), 'Z', '') AS DATETIME) END
)
PROPERTIES (
  "format" = "json",
  "jsonpaths" = "[\"$.user_id\",\"$.experiment_key\",\"$.variation_key\",\"$.exposed_at\",\"$.country\",\"$.platform\",\"$.app_version\",\"$.channel\"]",
  "timezone" = "UTC",
  "strict_mode" = "true",
  "max_batch_interval" = "30",
  "max_batch_rows" = "200000",
  "max_error_number" = "1000",
  "max_filter_ratio" = "0.01",
  "log_rejected_record_num" = "1000",
  "desired_concurrent_number" = "3"
)
FROM KAFKA (
  "kafka_broker_list" = "<host:9092,host:9092>",
  "kafka_topic" = "ab_exposures",
  "property.group.id" = "ab_assets_exposures",
  "property.kafka_default_offsets" = "OFFSET_BEGINNING"
);

-- Events from Kafka, for ever: a Routine Load job of StarRocks. Explained in docs/ingest.md.
-- Reads: the topic ab_events, one JSON object a message. Writes: ab_source.events.
-- Put your brokers in the place of <…>. Unverified on a real cluster.
CREATE ROUTINE LOAD ab_source.events_from_kafka ON events
COLUMNS (
  sent_event_id, sent_event_name, sent_user_id, sent_event_time, sent_received_at, session_id,
  device_id, country, region, city, platform, device_model, os_version, app_version, page_url,
  value, properties,
  event_id = CASE WHEN trim(sent_event_id) <> '' THEN sent_event_id END,
  event_name = CASE WHEN trim(sent_event_name) <> '' THEN sent_event_name END,
  user_id = CASE WHEN trim(sent_user_id) <> '' THEN sent_user_id END,
  event_time = CASE WHEN sent_event_time REGEXP
      '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?Z?$'
    THEN CAST(replace(replace(sent_event_time, 'T', ' '), 'Z', '') AS DATETIME) END,
  received_at = CASE WHEN sent_received_at REGEXP
      '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?Z?$'
    THEN CAST(replace(replace(sent_received_at, 'T', ' '), 'Z', '') AS DATETIME) END
)
PROPERTIES (
  "format" = "json",
  "jsonpaths" = "[\"$.event_id\",\"$.event_name\",\"$.user_id\",\"$.event_time\",\"$.received_at\",\"$.session_id\",\"$.device_id\",\"$.country\",\"$.region\",\"$.city\",\"$.platform\",\"$.device_model\",\"$.os_version\",\"$.app_version\",\"$.page_url\",\"$.value\",\"$.properties\"]",
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
  "kafka_topic" = "ab_events",
  "property.group.id" = "ab_assets_events",
  "property.kafka_default_offsets" = "OFFSET_BEGINNING"
);

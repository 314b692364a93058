SELECT path, run_id, reason, computed_at FROM ab.partition_provenance WHERE table_name = %(table_name)s AND tag = %(tag)s AND event_date = %(event_date)s;
INSERT INTO ab.partition_provenance WITH LABEL ab_toy_0123456789abcdef (tag, event_date, config_hash, sql_hash, run_id, path, computed_at, reason, table_name, row_count) VALUES (%(tag)s, %(event_date)s, %(config_hash)s, %(sql_hash)s, %(run_id)s, %(path)s, %(computed_at)s, %(reason)s, %(table_name)s, %(row_count)s);
-- the partition is overwritten
SELECT path, run_id, reason, computed_at FROM ab.partition_provenance WHERE table_name = %(table_name)s AND tag = %(tag)s AND event_date = %(event_date)s;
DELETE FROM ab.partition_provenance WHERE table_name = %(table_name)s AND tag = %(tag)s AND event_date = %(event_date)s AND path != 'writing';
INSERT INTO ab.partition_provenance WITH LABEL ab_toy_0123456789abcdef (tag, event_date, config_hash, sql_hash, run_id, path, computed_at, reason, table_name, row_count) VALUES (%(tag)s, %(event_date)s, %(config_hash)s, %(sql_hash)s, %(run_id)s, %(path)s, %(computed_at)s, %(reason)s, %(table_name)s, %(row_count)s);
DELETE FROM ab.partition_provenance WHERE table_name = %(table_name)s AND tag = %(tag)s AND event_date = %(event_date)s AND path = 'writing' AND computed_at <= %(computed_at)s

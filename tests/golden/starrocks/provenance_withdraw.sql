DELETE FROM ab.partition_provenance WHERE table_name = %(table_name)s AND tag = %(tag)s AND event_date = %(event_date)s AND reason = %(reason)s

DELETE FROM ab.partition_provenance WHERE table_name = %(table_name)s AND tag = %(tag)s AND event_date < %(before)s

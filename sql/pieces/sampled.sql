{#- Whether a unit is in the sample: its bucket of 10,000 is one of the lowest. -#}
CAST(conv(substr(md5(concat(:sample_salt, ':', user_id)), 1, 15), 16, 10) AS BIGINT) % 10000 < :sample_buckets

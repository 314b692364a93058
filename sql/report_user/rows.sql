-- Reads:  ab.tbl_report_user_<module>_<tag>, one partition
-- Writes: nothing
-- Grain:  experiment × metric × dimension value × variation
SELECT {{ columns | identifiers }}
FROM {{ table | table }}
WHERE tag = :tag AND event_date = :event_date
ORDER BY experiment_key, experiment_id, dimension, dimension_value, role, metric, is_control DESC, variation_key

-- Reads:  ab.experiment_health, one partition
-- Writes: nothing
-- Grain:  experiment × check (× dimension value)
SELECT experiment_id, experiment_key, check_name, dimension, dimension_value, status, value, threshold, p_value, detail, message, distrust
FROM ab.experiment_health
WHERE tag = :tag AND event_date = :event_date

-- Reads:  ab.experiment_data, one partition
-- Writes: nothing
-- Grain:  experiment: the exposure rows the partition stands for and the configuration it was made of
SELECT
  experiment_id,
  sum(exposures) AS exposures,
  min(config_hash) AS config_hash_lowest,
  max(config_hash) AS config_hash_highest
FROM ab.experiment_data
WHERE tag = :tag AND event_date = :event_date
GROUP BY experiment_id

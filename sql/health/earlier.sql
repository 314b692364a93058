-- Reads:  ab.experiment_health, the partitions of earlier days
-- Writes: nothing
-- Grain:  experiment × day: what one check kept of it
SELECT experiment_id, event_date, phase_index, detail
FROM ab.experiment_health
WHERE tag = :tag
  AND event_date >= :since
  AND event_date < :event_date
  AND check_name = :check_name

-- Reads:  ab.growthbook_experiments
-- Writes: nothing
-- Grain:  experiment × phase × configuration hash
SELECT experiment_id, phase_index, config_hash
FROM ab.growthbook_experiments

-- Reads:  ab.growthbook_experiments
-- Writes: nothing
-- Grain:  configuration of a phase in force, since the first pull of GrowthBook that saw it
WITH phase AS (
SELECT
  CAST(:experiment_id_0 AS VARCHAR) AS experiment_id,
  CAST(:experiment_key_0 AS VARCHAR) AS experiment_key,
  CAST(:phase_index_0 AS INT) AS phase_index,
  CAST(:exposed_from_0 AS DATETIME) AS exposed_from,
  CAST(:window_end_0 AS DATETIME) AS window_end,
  CAST(:config_hash_0 AS VARCHAR) AS config_hash
)
SELECT
  history.experiment_id AS experiment_id,
  history.phase_index AS phase_index,
  history.config_hash AS config_hash,
  history.status AS status,
  history.phase_start AS phase_start,
  history.hash_attribute AS hash_attribute,
  history.seed AS seed,
  history.coverage AS coverage,
  history.weights AS weights,
  history.variations AS variations,
  history.first_seen_at AS first_seen_at
FROM ab.growthbook_experiments AS history
JOIN phase
  ON phase.experiment_id = history.experiment_id
  AND phase.phase_index = history.phase_index

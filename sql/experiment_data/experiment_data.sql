-- Reads:  the exposures (source/exposures.sql)
-- Writes: ab.experiment_data, one partition (tag, event_date)
-- Grain:  experiment × unit × variation key seen that day, known to the configuration or not
WITH phase AS (
  {% include 'pieces/phase.sql' %}
),
configuration AS (
  {% for index in variations -%}
  {% if not loop.first %}UNION ALL
  {% endif -%}
  SELECT
    CAST(:variation_experiment_id_{{ index }} AS VARCHAR) AS experiment_id,
    CAST(:variation_key_{{ index }} AS VARCHAR) AS variation_key,
    CAST(:variation_id_{{ index }} AS VARCHAR) AS variation_id,
    CAST(:variation_name_{{ index }} AS VARCHAR) AS variation_name,
    CAST(:weight_{{ index }} AS DOUBLE) AS weight,
    CAST(:is_control_{{ index }} AS BOOLEAN) AS is_control
  {% endfor %}
),
description AS (
  {% for index in phases -%}
  {% if not loop.first %}UNION ALL
  {% endif -%}
  SELECT
    CAST(:experiment_id_{{ index }} AS VARCHAR) AS experiment_id,
    CAST(:experiment_name_{{ index }} AS VARCHAR) AS experiment_name,
    CAST(:phase_name_{{ index }} AS VARCHAR) AS phase_name,
    CAST(:phase_start_{{ index }} AS DATETIME) AS phase_start,
    CAST(:phase_end_{{ index }} AS DATETIME) AS phase_end,
    CAST(:coverage_{{ index }} AS DOUBLE) AS coverage,
    CAST(:reseeded_{{ index }} AS BOOLEAN) AS reseeded
  {% endfor %}
),
exposed AS (
  {% include 'pieces/exposed.sql' %}
)
SELECT
  CAST(:tag AS VARCHAR) AS tag,
  CAST(:event_date AS DATE) AS event_date,
  exposed.experiment_id,
  phase.experiment_key,
  description.experiment_name,
  exposed.user_id,
  exposed.variation_key,
  configuration.variation_id,
  configuration.variation_name,
  configuration.weight,
  coalesce(configuration.is_control, FALSE) AS is_control,
  configuration.variation_id IS NOT NULL AS is_known,
  phase.phase_index,
  description.phase_name,
  description.phase_start,
  description.phase_end,
  description.coverage,
  description.reseeded,
  phase.config_hash,
  exposed.first_exposed_at,
  exposed.exposures,
  {% for dimension in dimensions -%}
  exposed.{{ dimension | identifier }}{% if not loop.last %},{% endif %}
  {% endfor %}
FROM exposed
JOIN phase ON phase.experiment_id = exposed.experiment_id
JOIN description ON description.experiment_id = exposed.experiment_id
LEFT JOIN configuration
  ON configuration.experiment_id = exposed.experiment_id
  AND configuration.variation_key = exposed.variation_key

{#- The phases in force, one row an experiment: bound values, so that nothing from outside becomes text. -#}
{% for index in phases -%}
{% if not loop.first %}UNION ALL
{% endif -%}
SELECT
  CAST(:experiment_id_{{ index }} AS VARCHAR) AS experiment_id,
  CAST(:experiment_key_{{ index }} AS VARCHAR) AS experiment_key,
  CAST(:phase_index_{{ index }} AS INT) AS phase_index,
  CAST(:exposed_from_{{ index }} AS DATETIME) AS exposed_from,
  CAST(:window_end_{{ index }} AS DATETIME) AS window_end,
  CAST(:config_hash_{{ index }} AS VARCHAR) AS config_hash
{% endfor %}

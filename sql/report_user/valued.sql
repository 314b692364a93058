{#- The numbers of each compared unit and crossover, before they are centred: NULL where a unit is not
    eligible. With `with_caps`, capped: a percentile cap is one number an experiment. -#}
SELECT
  unit.experiment_id AS experiment_id,
  unit.variation_key AS variation_key,
  unit.is_crossover AS is_crossover,
  {% for dimension in dimensions -%}
  unit.{{ dimension | identifier }} AS {{ dimension | identifier }},
  {% endfor -%}
  {% for eligibility in eligibilities -%}
  unit.{{ ('eligible_' ~ loop.index0) | identifier }} AS {{ ('eligible_' ~ loop.index0) | identifier }},
  {% endfor -%}
  {% for variable in variables -%}
  {% set raw = ('raw_' ~ loop.index0) | identifier -%}
  {% set eligible = ('eligible_' ~ variable.eligibility) | identifier -%}
  {% if variable.cap is not none -%}
  {% set limit = ('cap_' ~ variable.cap) | identifier -%}
  CASE
    WHEN NOT unit.{{ eligible }} THEN NULL
    WHEN unit.{{ raw }} > cap.{{ limit }} THEN cap.{{ limit }}
    ELSE unit.{{ raw }}
  END AS {{ ('value_' ~ loop.index0) | identifier }}{% if not loop.last %},{% endif %}

  {% else -%}
  CASE WHEN unit.{{ eligible }} THEN unit.{{ raw }} END AS {{ ('value_' ~ loop.index0) | identifier }}{% if not loop.last %},{% endif %}

  {% endif -%}
  {% endfor -%}
FROM (
  {% include 'report_user/compared.sql' %}

) AS unit
{% if caps -%}
LEFT JOIN cap ON cap.experiment_id = unit.experiment_id
{% endif -%}

{#- Units exposed for the first time, with their covariates: of the whole phase, or of event_date. -#}
SELECT
  assigned.experiment_id AS experiment_id,
  assigned.user_id AS user_id,
  assigned.variation_key AS variation_key,
  assigned.variation_key_lowest AS variation_key_lowest,
  assigned.variation_key_highest AS variation_key_highest,
  assigned.first_exposed_at AS first_exposed_at,
  {% set owner = 'assigned' -%}
  {% set moment = 'first_exposed_at' -%}
  {% include 'pieces/business_day.sql' %} AS exposed_on,
  phase.window_end AS window_end,
  {% if is_incremental -%}
  {% include 'wide_user/cut.sql' %} AS is_cut,
  {% endif -%}
  {% for dimension in dimensions -%}
  assigned.{{ dimension | identifier }} AS {{ dimension | identifier }},
  {% endfor -%}
  {% for measure in measures -%}
  {% if measure.is_covariate -%}
  {{ measure.branch | identifier }}.{{ measure.name | identifier }} AS {{ measure.name | identifier }},
  {% elif is_incremental and measure.is_carried -%}
  CAST(NULL AS DOUBLE) AS {{ measure.name | identifier }},
  {% endif -%}
  {% endfor -%}
  assigned.exposures AS exposures
FROM {% if is_incremental %}newcomer{% else %}newly_exposed{% endif %} AS assigned
JOIN phase ON phase.experiment_id = assigned.experiment_id
{% for branch in branches if branch.kind == 'before_exposure' -%}
{% set added = branch.table | identifier -%}
LEFT JOIN {{ added }}
  ON {{ added }}.experiment_id = assigned.experiment_id AND {{ added }}.user_id = assigned.user_id
{% endfor -%}

{#- Yesterday's rows, with what the units saw today. -#}
SELECT
  assigned.experiment_id AS experiment_id,
  assigned.user_id AS user_id,
  assigned.variation_key AS variation_key,
  CASE
    WHEN newly_exposed.variation_key_lowest < assigned.variation_key_lowest THEN newly_exposed.variation_key_lowest
    ELSE assigned.variation_key_lowest
  END AS variation_key_lowest,
  CASE
    WHEN newly_exposed.variation_key_highest > assigned.variation_key_highest THEN newly_exposed.variation_key_highest
    ELSE assigned.variation_key_highest
  END AS variation_key_highest,
  assigned.first_exposed_at AS first_exposed_at,
  assigned.exposed_on AS exposed_on,
  phase.window_end AS window_end,
  {% include 'wide_user/cut.sql' %} AS is_cut,
  {% for dimension in dimensions -%}
  assigned.{{ dimension | identifier }} AS {{ dimension | identifier }},
  {% endfor -%}
  {% for measure in measures -%}
  {% if measure.is_carried -%}
  assigned.{{ measure.name | identifier }} AS {{ measure.name | identifier }},
  {% endif -%}
  {% endfor -%}
  assigned.exposures + coalesce(newly_exposed.exposures, 0) AS exposures
FROM {{ table | table }} AS assigned
JOIN phase ON phase.experiment_id = assigned.experiment_id
LEFT JOIN newly_exposed
  ON newly_exposed.experiment_id = assigned.experiment_id AND newly_exposed.user_id = assigned.user_id
WHERE assigned.tag = :tag AND assigned.event_date = :base_date

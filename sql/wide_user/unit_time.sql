{#- When each unit was exposed, and whether its day is cut: what says which events count. -#}
{% if is_incremental -%}
SELECT
  assigned.experiment_id AS experiment_id,
  assigned.user_id AS user_id,
  assigned.first_exposed_at AS first_exposed_at,
  assigned.exposed_on AS exposed_on,
  phase.window_end AS window_end,
  {% include 'wide_user/cut.sql' %} AS is_cut,
  FALSE AS is_new
FROM {{ table | table }} AS assigned
JOIN phase ON phase.experiment_id = assigned.experiment_id
WHERE assigned.tag = :tag AND assigned.event_date = :base_date
UNION ALL
{% endif -%}
SELECT
  assigned.experiment_id AS experiment_id,
  assigned.user_id AS user_id,
  assigned.first_exposed_at AS first_exposed_at,
  {% set owner = 'assigned' -%}
  {% set moment = 'first_exposed_at' -%}
  {% include 'pieces/business_day.sql' %} AS exposed_on,
  phase.window_end AS window_end,
  {% if is_incremental -%}
  {% include 'wide_user/cut.sql' %} AS is_cut,
  {% endif -%}
  TRUE AS is_new
FROM {% if is_incremental %}newcomer{% else %}newly_exposed{% endif %} AS assigned
JOIN phase ON phase.experiment_id = assigned.experiment_id

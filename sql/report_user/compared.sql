{#- Compared units and crossovers of a wide partition, with the raw number of each variable. -#}
SELECT
  experiment_id,
  variation_key,
  variations_seen > 1 AS is_crossover,
  {% for dimension in dimensions -%}
  coalesce({{ dimension | identifier }}, '(unknown)') AS {{ dimension | identifier }},
  {% endfor -%}
  {% for eligibility in eligibilities -%}
  {% if eligibility.kind == 'window_closed' -%}
  date_add(first_exposed_at, INTERVAL {{ eligibility.hours }} HOUR) <= :ends
  {% elif eligibility.kind == 'day_closed' -%}
  datediff(CAST(:event_date AS DATE), exposed_on) >= {{ eligibility.day }}
  {% else -%}
  TRUE
  {% endif -%}
  AS {{ ('eligible_' ~ loop.index0) | identifier }},
  {% endfor -%}
  {% for variable in variables -%}
  {% set measure = variable.measure | identifier -%}
  {% set name = ('raw_' ~ loop.index0) | identifier -%}
  {% if variable.transform == 'at_least' -%}
  CASE WHEN coalesce({{ measure }}, 0) >= :threshold_{{ loop.index0 }} THEN 1.0 ELSE 0.0 END AS {{ name }},
  {% elif variable.transform == 'positive' -%}
  CASE WHEN {{ measure }} > 0 THEN 1.0 ELSE 0.0 END AS {{ name }},
  {% else -%}
  coalesce({{ measure }}, 0) AS {{ name }},
  {% endif -%}
  {% endfor -%}
  {% for measure in cap_measures -%}
  coalesce({{ measure | identifier }}, 0) AS {{ ('cap_of_' ~ loop.index0) | identifier }},
  {% endfor -%}
  user_id
FROM {{ table | table }}
WHERE tag = :tag
  AND event_date = :event_date
  AND (is_known OR variations_seen > 1)

{#- One row an exposed unit as of the end of event_date, for the phases of one path.
    incremental: yesterday's rows and today's; full: the source rows of the whole phase. -#}
WITH phase AS (
  {% include 'pieces/phase.sql' %}
),
variation AS (
  {% include 'pieces/variation.sql' %}
),
exposed AS (
  {% if is_incremental -%}
  SELECT
    exposed_today.experiment_id AS experiment_id,
    exposed_today.user_id AS user_id,
    exposed_today.variation_key AS variation_key,
    exposed_today.first_exposed_at AS first_exposed_at,
    {% for dimension in dimensions -%}
    exposed_today.{{ dimension | identifier }} AS {{ dimension | identifier }},
    {% endfor -%}
    exposed_today.exposures AS exposures
  FROM ab.experiment_data AS exposed_today
  JOIN phase ON phase.experiment_id = exposed_today.experiment_id
  WHERE exposed_today.tag = :tag AND exposed_today.event_date = :event_date
  {% else -%}
  {% include 'pieces/exposed.sql' %}
  {% endif -%}
),
crossed AS (
  SELECT experiment_id, user_id
  FROM exposed
  GROUP BY experiment_id, user_id
  HAVING count(*) > 1
),
newly_exposed AS (
  SELECT
    exposed.experiment_id AS experiment_id,
    exposed.user_id AS user_id,
    exposed.variation_key AS variation_key,
    exposed.variation_key AS variation_key_lowest,
    exposed.variation_key AS variation_key_highest,
    exposed.first_exposed_at AS first_exposed_at,
    {% for dimension in dimensions -%}
    exposed.{{ dimension | identifier }} AS {{ dimension | identifier }},
    {% endfor -%}
    exposed.exposures AS exposures
  FROM exposed
  LEFT JOIN crossed
    ON crossed.experiment_id = exposed.experiment_id AND crossed.user_id = exposed.user_id
  WHERE crossed.user_id IS NULL
  UNION ALL
  {% include 'wide_user/crossed.sql' %}

),
{% if is_incremental -%}
newcomer AS (
  SELECT newly_exposed.*
  FROM newly_exposed
  LEFT JOIN (
    SELECT experiment_id, user_id
    FROM {{ table | table }}
    WHERE tag = :tag AND event_date = :base_date
  ) AS known
    ON known.experiment_id = newly_exposed.experiment_id AND known.user_id = newly_exposed.user_id
  WHERE known.user_id IS NULL
),
{% endif -%}
unit_time AS (
  {% include 'wide_user/unit_time.sql' %}

),
{% for branch in branches -%}
{% if branch.is_single_day -%}
reader AS (
  {% include 'wide_user/reader.sql' %}

),
{% endif -%}
{{ branch.table | identifier }} AS (
  {% include 'wide_user/daily.sql' %}

),
{% endfor -%}
unit AS (
  {% if is_incremental -%}
  {% include 'wide_user/known_unit.sql' %}

  UNION ALL
  {% endif -%}
  {% include 'wide_user/new_unit.sql' %}

)
SELECT
  CAST(:tag AS VARCHAR) AS tag,
  CAST(:event_date AS DATE) AS event_date,
  unit.experiment_id AS experiment_id,
  phase.experiment_key AS experiment_key,
  phase.phase_index AS phase_index,
  unit.user_id AS user_id,
  unit.variation_key AS variation_key,
  unit.variation_key_lowest AS variation_key_lowest,
  unit.variation_key_highest AS variation_key_highest,
  CASE WHEN unit.variation_key_lowest = unit.variation_key_highest THEN 1 ELSE 2 END AS variations_seen,
  variation.variation_key IS NOT NULL AS is_known,
  unit.first_exposed_at AS first_exposed_at,
  unit.exposed_on AS exposed_on,
  unit.exposures AS exposures,
  {% for dimension in dimensions -%}
  unit.{{ dimension | identifier }} AS {{ dimension | identifier }},
  {% endfor -%}
  {% for measure in measures -%}
  {% set name = measure.name | identifier -%}
  {% set has_carried = is_incremental and measure.is_carried -%}
  {% if measure.is_covariate and measure.merge == 'sum' -%}
  coalesce(unit.{{ name }}, 0) AS {{ name }},
  {% elif measure.is_covariate -%}
  unit.{{ name }} AS {{ name }},
  {% elif measure.merge == 'sum' and has_carried -%}
  coalesce(unit.{{ name }}, 0) + coalesce({% include 'wide_user/added.sql' %}, 0) AS {{ name }},
  {% elif measure.merge == 'sum' -%}
  coalesce({% include 'wide_user/added.sql' %}, 0) AS {{ name }},
  {% elif has_carried -%}
  {% if measure.merge == 'max' %}greatest{% else %}least{% endif %}(
    coalesce(unit.{{ name }}, {% include 'wide_user/added.sql' %}),
    coalesce({% include 'wide_user/added.sql' %}, unit.{{ name }})
  ) AS {{ name }},
  {% else -%}
  {% include 'wide_user/added.sql' %} AS {{ name }},
  {% endif -%}
  {% endfor -%}
  {% for name in retired -%}
  CAST(NULL AS DOUBLE) AS {{ name | identifier }},
  {% endfor -%}
  phase.config_hash AS config_hash,
  CAST(:measures_hash AS VARCHAR) AS sql_hash,
  CAST(:day_closed AS BOOLEAN) AS day_closed
FROM unit
JOIN phase ON phase.experiment_id = unit.experiment_id
LEFT JOIN variation
  ON variation.experiment_id = unit.experiment_id AND variation.variation_key = unit.variation_key
{% for branch in branches -%}
{% set added = branch.table | identifier -%}
{% if branch.is_single_day -%}
LEFT JOIN {{ added }}
  ON {{ added }}.user_id = unit.user_id
  AND {{ added }}.experiment_id = CASE WHEN unit.is_cut THEN unit.experiment_id ELSE '' END
{% elif branch.kind != 'before_exposure' -%}
LEFT JOIN {{ added }}
  ON {{ added }}.user_id = unit.user_id AND {{ added }}.experiment_id = unit.experiment_id
{% endif -%}
{% endfor %}

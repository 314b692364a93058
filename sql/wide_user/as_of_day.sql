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
base AS (
  SELECT yesterday.*
  FROM {{ table | table }} AS yesterday
  JOIN phase ON phase.experiment_id = yesterday.experiment_id
  WHERE yesterday.tag = :tag AND yesterday.event_date = :base_date
),
assigned AS (
  SELECT
    coalesce(base.experiment_id, newly_exposed.experiment_id) AS experiment_id,
    coalesce(base.user_id, newly_exposed.user_id) AS user_id,
    coalesce(base.variation_key, newly_exposed.variation_key) AS variation_key,
    CASE
      WHEN base.user_id IS NULL THEN newly_exposed.variation_key_lowest
      WHEN newly_exposed.user_id IS NULL THEN base.variation_key_lowest
      WHEN base.variation_key_lowest <= newly_exposed.variation_key_lowest THEN base.variation_key_lowest
      ELSE newly_exposed.variation_key_lowest
    END AS variation_key_lowest,
    CASE
      WHEN base.user_id IS NULL THEN newly_exposed.variation_key_highest
      WHEN newly_exposed.user_id IS NULL THEN base.variation_key_highest
      WHEN base.variation_key_highest >= newly_exposed.variation_key_highest THEN base.variation_key_highest
      ELSE newly_exposed.variation_key_highest
    END AS variation_key_highest,
    coalesce(base.first_exposed_at, newly_exposed.first_exposed_at) AS first_exposed_at,
    {% for dimension in dimensions -%}
    CASE
      WHEN base.user_id IS NULL THEN newly_exposed.{{ dimension | identifier }}
      ELSE base.{{ dimension | identifier }}
    END AS {{ dimension | identifier }},
    {% endfor -%}
    {% for measure in measures -%}
    {% if measure.is_carried -%}
    base.{{ measure.name | identifier }} AS {{ measure.name | identifier }},
    {% endif -%}
    {% endfor -%}
    base.user_id IS NULL AS is_new,
    coalesce(base.exposures, 0) + coalesce(newly_exposed.exposures, 0) AS exposures
  FROM base
  FULL OUTER JOIN newly_exposed
    ON base.experiment_id = newly_exposed.experiment_id AND base.user_id = newly_exposed.user_id
),
{% else -%}
assigned AS (
  SELECT newly_exposed.*
  FROM newly_exposed
),
{% endif -%}
unit AS (
  SELECT
    assigned.*,
    phase.window_end AS window_end,
    {% if is_incremental -%}
    {% include 'wide_user/cut.sql' %} AS is_cut,
    {% endif -%}
    CAST(convert_tz(assigned.first_exposed_at, 'UTC', :time_zone) AS DATE) AS exposed_on
  FROM assigned
  JOIN phase ON phase.experiment_id = assigned.experiment_id
),
{% for branch in branches -%}
{% if branch.is_single_day -%}
reader AS (
  {% include 'wide_user/reader.sql' %}

),
{% endif -%}
{{ branch.table | identifier }} AS (
  {% include 'wide_user/daily.sql' %}

){% if not loop.last %},{% endif %}

{% endfor -%}
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
  {% if measure.merge == 'sum' and has_carried -%}
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
LEFT JOIN {{ added }}
  ON {{ added }}.user_id = unit.user_id
  {% if branch.is_single_day -%}
  AND {{ added }}.experiment_id = CASE WHEN unit.is_cut THEN unit.experiment_id ELSE '' END
  {% else -%}
  AND {{ added }}.experiment_id = unit.experiment_id
  {% endif -%}
{% endfor %}

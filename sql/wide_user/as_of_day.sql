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
newly_exposed AS (
  SELECT
    experiment_id,
    user_id,
    max(CASE WHEN place = 1 THEN variation_key END) AS variation_key,
    min(variation_key) AS variation_key_lowest,
    max(variation_key) AS variation_key_highest,
    min(first_exposed_at) AS first_exposed_at,
    {% for dimension in dimensions -%}
    min(
      CASE
        WHEN date_trunc('second', first_exposed_at) = date_trunc('second', earliest)
          THEN {{ dimension | identifier }}
      END
    ) AS {{ dimension | identifier }},
    {% endfor -%}
    sum(exposures) AS exposures
  FROM (
    SELECT
      exposed.*,
      min(first_exposed_at) OVER (PARTITION BY experiment_id, user_id) AS earliest,
      row_number() OVER (
        PARTITION BY experiment_id, user_id ORDER BY first_exposed_at, variation_key
      ) AS place
    FROM exposed
  ) AS ranked
  GROUP BY experiment_id, user_id
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
    CAST(convert_tz(assigned.first_exposed_at, 'UTC', :time_zone) AS DATE) AS exposed_on
  FROM assigned
  JOIN phase ON phase.experiment_id = assigned.experiment_id
),
added AS (
  SELECT
    experiment_id,
    user_id,
    {% for measure in measures -%}
    {% set name = measure.name | identifier -%}
    {% if measure.merge == 'sum' %}sum{% elif measure.merge == 'max' %}max{% else %}min{% endif %}({{ name }}) AS {{ name }}{% if not loop.last %},{% endif %}

    {% endfor %}
  FROM (
    {% for branch in branches -%}
    {% if not loop.first %}UNION ALL
    {% endif -%}
    {% include 'wide_user/daily.sql' %}

    {% endfor %}
  ) AS daily
  GROUP BY experiment_id, user_id
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
  {% if measure.merge == 'sum' and has_carried -%}
  coalesce(unit.{{ name }}, 0) + coalesce(added.{{ name }}, 0) AS {{ name }},
  {% elif measure.merge == 'sum' -%}
  coalesce(added.{{ name }}, 0) AS {{ name }},
  {% elif has_carried -%}
  CASE
    WHEN unit.{{ name }} IS NULL THEN added.{{ name }}
    WHEN added.{{ name }} IS NULL THEN unit.{{ name }}
    {% if measure.merge == 'max' -%}
    WHEN unit.{{ name }} >= added.{{ name }} THEN unit.{{ name }}
    {% else -%}
    WHEN unit.{{ name }} <= added.{{ name }} THEN unit.{{ name }}
    {% endif -%}
    ELSE added.{{ name }}
  END AS {{ name }},
  {% else -%}
  added.{{ name }} AS {{ name }},
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
LEFT JOIN added
  ON added.experiment_id = unit.experiment_id AND added.user_id = unit.user_id

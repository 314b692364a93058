-- Reads:  ab.tbl_wide_user_<module>_<tag>, one partition
-- Writes: nothing: what leaves the warehouse are counts, sums and products
-- Grain:  experiment × variation × crossover or not × (all units, then each value of each dimension)
-- A percentile cap that falls on 0 would make every unit's number 0: it caps nothing and is NULL.
WITH compared AS (
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
),
cap AS (
  SELECT
    experiment_id,
    {% for cap in caps -%}
    {% set eligible = ('eligible_' ~ cap.eligibility) | identifier -%}
    {% set value = ('cap_of_' ~ cap.measure) | identifier -%}
    {% if cap.is_percentile -%}
    nullif(
      percentile_cont(
        CASE WHEN {{ eligible }}{% if cap.ignore_zeros %} AND {{ value }} <> 0{% endif %} THEN {{ value }} END,
        {{ cap.percentile }}
      ),
      0
    ) AS {{ ('cap_' ~ loop.index0) | identifier }},
    {% else -%}
    max(:cap_{{ loop.index0 }}) AS {{ ('cap_' ~ loop.index0) | identifier }},
    {% endif -%}
    {% endfor -%}
    count(*) AS units
  FROM compared
  WHERE NOT is_crossover
  GROUP BY experiment_id
),
capped AS (
  SELECT
    compared.*,
    {% for variable in variables -%}
    {% set raw = ('raw_' ~ loop.index0) | identifier -%}
    {% set eligible = ('eligible_' ~ variable.eligibility) | identifier -%}
    {% if variable.cap is not none -%}
    {% set limit = ('cap_' ~ variable.cap) | identifier -%}
    CASE
      WHEN NOT compared.{{ eligible }} THEN NULL
      WHEN compared.{{ raw }} > cap.{{ limit }} THEN cap.{{ limit }}
      ELSE compared.{{ raw }}
    END AS {{ ('value_' ~ loop.index0) | identifier }},
    {% else -%}
    CASE WHEN compared.{{ eligible }} THEN compared.{{ raw }} END AS {{ ('value_' ~ loop.index0) | identifier }},
    {% endif -%}
    {% endfor -%}
    cap.units AS compared_units
  FROM compared
  LEFT JOIN cap ON cap.experiment_id = compared.experiment_id
),
shift AS (
  SELECT
    experiment_id,
    {% for variable in variables -%}
    coalesce(avg({{ ('value_' ~ loop.index0) | identifier }}), 0) AS {{ ('shift_' ~ loop.index0) | identifier }},
    {% endfor -%}
    count(*) AS units
  FROM capped
  WHERE NOT is_crossover
  GROUP BY experiment_id
),
{% for dimension in dimensions -%}
{{ ('largest_' ~ dimension) | identifier }} AS (
  SELECT experiment_id, {{ dimension | identifier }}
  FROM (
    SELECT
      experiment_id,
      {{ dimension | identifier }},
      row_number() OVER (
        PARTITION BY experiment_id ORDER BY count(*) DESC, {{ dimension | identifier }}
      ) AS place
    FROM compared
    WHERE NOT is_crossover
    GROUP BY experiment_id, {{ dimension | identifier }}
  ) AS ranked
  WHERE place <= {{ largest_values }}
),
{% endfor -%}
centred AS (
  SELECT
    capped.experiment_id AS experiment_id,
    capped.variation_key AS variation_key,
    capped.is_crossover AS is_crossover,
    {% for dimension in dimensions -%}
    CASE
      WHEN {{ ('largest_' ~ dimension) | identifier }}.experiment_id IS NULL THEN '(other)'
      ELSE capped.{{ dimension | identifier }}
    END AS {{ dimension | identifier }},
    {% endfor -%}
    {% for eligibility in eligibilities -%}
    {% set eligible = ('eligible_' ~ loop.index0) | identifier -%}
    CASE WHEN capped.{{ eligible }} THEN 1 ELSE 0 END AS {{ eligible }},
    {% endfor -%}
    {% for variable in variables -%}
    {% set place = loop.index0 -%}
    capped.{{ ('value_' ~ place) | identifier }} - shift.{{ ('shift_' ~ place) | identifier }} AS {{ ('centred_' ~ place) | identifier }},
    shift.{{ ('shift_' ~ place) | identifier }} AS {{ ('shift_' ~ place) | identifier }},
    {% endfor -%}
    capped.experiment_id AS cap_experiment_id
  FROM capped
  LEFT JOIN shift ON shift.experiment_id = capped.experiment_id
  {% for dimension in dimensions -%}
  LEFT JOIN {{ ('largest_' ~ dimension) | identifier }}
    ON {{ ('largest_' ~ dimension) | identifier }}.experiment_id = capped.experiment_id
    AND {{ ('largest_' ~ dimension) | identifier }}.{{ dimension | identifier }} = capped.{{ dimension | identifier }}
  {% endfor -%}
)
SELECT
  summed.*
  {% for cap in caps -%}
  , cap.{{ ('cap_' ~ loop.index0) | identifier }} AS {{ ('cap_' ~ loop.index0) | identifier }}
  {% endfor %}
FROM (
  SELECT
    experiment_id,
    variation_key,
    is_crossover,
    {% for dimension in dimensions -%}
    {{ dimension | identifier }},
    {% endfor -%}
    {% for eligibility in eligibilities -%}
    sum({{ ('eligible_' ~ loop.index0) | identifier }}) AS {{ ('eligible_' ~ loop.index0) | identifier }},
    {% endfor -%}
    {% for variable in variables -%}
    sum({{ ('centred_' ~ loop.index0) | identifier }}) AS {{ ('sum_' ~ loop.index0) | identifier }},
    max({{ ('shift_' ~ loop.index0) | identifier }}) AS {{ ('shift_' ~ loop.index0) | identifier }},
    {% endfor -%}
    {% for product in products -%}
    sum({{ ('centred_' ~ product[0]) | identifier }} * {{ ('centred_' ~ product[1]) | identifier }}) AS {{ ('product_' ~ product[0] ~ '_' ~ product[1]) | identifier }},
    {% endfor -%}
    count(*) AS units
  FROM centred
  GROUP BY GROUPING SETS (
    (experiment_id, variation_key, is_crossover)
    {% for dimension in dimensions -%}
    , (experiment_id, variation_key, is_crossover, {{ dimension | identifier }})
    {% endfor %}
  )
) AS summed
LEFT JOIN cap ON cap.experiment_id = summed.experiment_id

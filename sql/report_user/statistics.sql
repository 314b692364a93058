-- Reads:  ab.tbl_wide_user_<module>_<tag>, one partition
-- Writes: nothing: what leaves the warehouse are counts, sums and products
-- Grain:  experiment × variation × crossover or not × (all units, then each value of each dimension)
-- A percentile cap that falls on 0 would make every unit's number 0: it caps nothing and is NULL.
-- The largest values of a dimension keep their name, the others are added up as (other): that is done
-- on the sums, which are few, not on the units.
WITH {% if caps -%}
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
    ) AS {{ ('cap_' ~ loop.index0) | identifier }}{% if not loop.last %},{% endif %}

    {% else -%}
    max(:cap_{{ loop.index0 }}) AS {{ ('cap_' ~ loop.index0) | identifier }}{% if not loop.last %},{% endif %}

    {% endif -%}
    {% endfor -%}
  FROM (
    {% include 'report_user/compared.sql' %}

  ) AS compared
  WHERE NOT is_crossover
  GROUP BY experiment_id
),
{% endif -%}
shift AS (
  SELECT
    experiment_id,
    {% for variable in variables -%}
    coalesce(avg({{ ('value_' ~ loop.index0) | identifier }}), 0) AS {{ ('shift_' ~ loop.index0) | identifier }}{% if not loop.last %},{% endif %}

    {% endfor -%}
  FROM (
    {% include 'report_user/valued.sql' %}

  ) AS valued
  WHERE NOT is_crossover
  GROUP BY experiment_id
),
summed AS (
  SELECT
    experiment_id,
    variation_key,
    is_crossover,
    {% if dimensions -%}
    CASE
      {% for dimension in dimensions -%}
      WHEN {{ dimension | identifier }} IS NOT NULL THEN :dimension_{{ loop.index0 }}
      {% endfor -%}
      ELSE ''
    END AS dimension,
    coalesce({% for dimension in dimensions %}{{ dimension | identifier }}, {% endfor %}'') AS dimension_value,
    {% else -%}
    '' AS dimension,
    '' AS dimension_value,
    {% endif -%}
    {% for eligibility in eligibilities -%}
    sum(CASE WHEN {{ ('eligible_' ~ loop.index0) | identifier }} THEN 1 ELSE 0 END) AS {{ ('eligible_' ~ loop.index0) | identifier }},
    {% endfor -%}
    {% for variable in variables -%}
    sum({{ ('centred_' ~ loop.index0) | identifier }}) AS {{ ('sum_' ~ loop.index0) | identifier }},
    {% endfor -%}
    {% for product in products -%}
    sum({{ ('centred_' ~ product[0]) | identifier }} * {{ ('centred_' ~ product[1]) | identifier }}) AS {{ ('product_' ~ product[0] ~ '_' ~ product[1]) | identifier }},
    {% endfor -%}
    count(*) AS units
  FROM (
    SELECT
      valued.*,
      {% for variable in variables -%}
      valued.{{ ('value_' ~ loop.index0) | identifier }} - shift.{{ ('shift_' ~ loop.index0) | identifier }} AS {{ ('centred_' ~ loop.index0) | identifier }}{% if not loop.last %},{% endif %}

      {% endfor -%}
    FROM (
      {% include 'report_user/valued.sql' %}

    ) AS valued
    LEFT JOIN shift ON shift.experiment_id = valued.experiment_id
  ) AS centred
  GROUP BY GROUPING SETS (
    (experiment_id, variation_key, is_crossover)
    {% for dimension in dimensions -%}
    , (experiment_id, variation_key, is_crossover, {{ dimension | identifier }})
    {% endfor %}
  )
),
largest AS (
  SELECT
    experiment_id,
    dimension,
    dimension_value,
    row_number() OVER (
      PARTITION BY experiment_id, dimension ORDER BY sum(units) DESC, dimension_value
    ) AS place
  FROM summed
  WHERE NOT is_crossover
  GROUP BY experiment_id, dimension, dimension_value
)
SELECT
  folded.*,
  {% for cap in caps -%}
  cap.{{ ('cap_' ~ loop.index0) | identifier }} AS {{ ('cap_' ~ loop.index0) | identifier }},
  {% endfor -%}
  {% for variable in variables -%}
  shift.{{ ('shift_' ~ loop.index0) | identifier }} AS {{ ('shift_' ~ loop.index0) | identifier }}{% if not loop.last %},{% endif %}

  {% endfor -%}
FROM (
  SELECT
    summed.experiment_id AS experiment_id,
    summed.variation_key AS variation_key,
    summed.is_crossover AS is_crossover,
    summed.dimension AS dimension,
    CASE
      WHEN summed.dimension = '' OR largest.place <= {{ largest_values }} THEN summed.dimension_value
      ELSE '(other)'
    END AS dimension_value,
    {% for eligibility in eligibilities -%}
    sum({{ ('eligible_' ~ loop.index0) | identifier }}) AS {{ ('eligible_' ~ loop.index0) | identifier }},
    {% endfor -%}
    {% for variable in variables -%}
    sum({{ ('sum_' ~ loop.index0) | identifier }}) AS {{ ('sum_' ~ loop.index0) | identifier }},
    {% endfor -%}
    {% for product in products -%}
    sum({{ ('product_' ~ product[0] ~ '_' ~ product[1]) | identifier }}) AS {{ ('product_' ~ product[0] ~ '_' ~ product[1]) | identifier }},
    {% endfor -%}
    sum(units) AS units
  FROM summed
  LEFT JOIN largest
    ON largest.experiment_id = summed.experiment_id
    AND largest.dimension = summed.dimension
    AND largest.dimension_value = summed.dimension_value
  GROUP BY
    summed.experiment_id,
    summed.variation_key,
    summed.is_crossover,
    summed.dimension,
    CASE
      WHEN summed.dimension = '' OR largest.place <= {{ largest_values }} THEN summed.dimension_value
      ELSE '(other)'
    END
) AS folded
LEFT JOIN shift ON shift.experiment_id = folded.experiment_id
{% if caps -%}
LEFT JOIN cap ON cap.experiment_id = folded.experiment_id
{% endif -%}

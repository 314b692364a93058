-- Reads:  ab.tbl_wide_user_<module>_<tag>, one experiment of one partition
-- Writes: nothing
-- Grain:  one arm: its units, the sum of each variable, and sums of products around the arm's own means
WITH units AS (
  SELECT
    variation_key,
    {% if dimension -%}
    coalesce({{ dimension | identifier }}, '(unknown)') AS segment,
    {% endif -%}
    {% for cap in caps -%}
    coalesce({{ cap.measure | identifier }}, 0) AS {{ ('cap_of_' ~ loop.index0) | identifier }},
    {% endfor -%}
    {% for variable in variables -%}
    {% set measure = variable.measure | identifier -%}
    {% if variable.transform == 'at_least' -%}
    CASE WHEN coalesce({{ measure }}, 0) >= :threshold_{{ loop.index0 }} THEN 1.0 ELSE 0.0 END
    {%- elif variable.transform == 'positive' -%}
    CASE WHEN {{ measure }} > 0 THEN 1.0 ELSE 0.0 END
    {%- else -%}
    coalesce({{ measure }}, 0)
    {%- endif %} AS {{ variable.name | identifier }},
    {% endfor -%}
    user_id
  FROM {{ table | table }}
  WHERE tag = :tag
    AND event_date = :event_date
    AND experiment_id = :experiment_id
    AND variations_seen = 1 -- crossovers are left out
    AND is_known
    {% if eligibility.kind == 'window_closed' -%}
    AND date_add(first_exposed_at, INTERVAL {{ eligibility.hours }} HOUR) <= :ends -- only closed windows
    {% elif eligibility.kind == 'day_closed' -%}
    AND datediff(CAST(:event_date AS DATE), exposed_on) >= {{ eligibility.day }} -- only days that are over
    {% endif -%}
),
{% if caps -%}
limits AS (
  SELECT
    {% for cap in caps -%}
    {% set value = ('cap_of_' ~ loop.index0) | identifier -%}
    {% if cap.is_percentile -%}
    nullif(percentile_cont({% if cap.ignore_zeros %}CASE WHEN {{ value }} <> 0 THEN {{ value }} END{% else %}{{ value }}{% endif %}, {{ cap.percentile }}), 0) AS {{ ('limit_' ~ loop.index0) | identifier }},
    {% else -%}
    max(:cap_{{ loop.index0 }}) AS {{ ('limit_' ~ loop.index0) | identifier }},
    {% endif -%}
    {% endfor -%}
    count(*) AS units
  FROM units
),
{% endif -%}
{% if is_rest -%}
largest AS (
  SELECT coalesce({{ dimension | identifier }}, '(unknown)') AS segment
  FROM {{ table | table }}
  WHERE tag = :tag
    AND event_date = :event_date
    AND experiment_id = :experiment_id
    AND variations_seen = 1
    AND is_known
  GROUP BY coalesce({{ dimension | identifier }}, '(unknown)')
  ORDER BY count(*) DESC, coalesce({{ dimension | identifier }}, '(unknown)')
  LIMIT {{ largest_values }}
),
{% endif -%}
counted AS (
  SELECT
    units.variation_key AS variation_key,
    {% for cap in caps -%}
    limits.{{ ('limit_' ~ loop.index0) | identifier }} AS {{ ('limit_' ~ loop.index0) | identifier }},
    {% endfor -%}
    {% for variable in variables -%}
    {% set value = variable.name | identifier -%}
    {% if variable.cap is not none -%}
    {% set limit = ('limit_' ~ variable.cap) | identifier -%}
    CASE WHEN units.{{ value }} > limits.{{ limit }} THEN limits.{{ limit }} ELSE units.{{ value }} END AS {{ value }}
    {%- else -%}
    units.{{ value }} AS {{ value }}
    {%- endif %}{% if not loop.last %},{% endif %}

    {% endfor -%}
  FROM units
  {% if caps -%}
  CROSS JOIN limits
  {% endif -%}
  {% if is_rest -%}
  LEFT JOIN largest ON largest.segment = units.segment
  {% endif -%}
  WHERE units.variation_key IN (:control_key, :variation_key)
  {% if is_rest -%}
    AND (largest.segment IS NULL OR units.segment = :dimension_value)
  {% elif dimension -%}
    AND units.segment = :dimension_value
  {% endif -%}
),
means AS (
  SELECT
    variation_key,
    {% for variable in variables -%}
    avg({{ variable.name | identifier }}) AS {{ variable.name | identifier }}{% if not loop.last %},{% endif %}

    {% endfor -%}
  FROM counted
  GROUP BY variation_key
),
away AS (
  SELECT
    counted.*,
    {% for variable in variables -%}
    counted.{{ variable.name | identifier }} - means.{{ variable.name | identifier }} AS {{ ('away_' ~ variable.name) | identifier }}{% if not loop.last %},{% endif %}

    {% endfor -%}
  FROM counted
  INNER JOIN means ON means.variation_key = counted.variation_key
)
SELECT
  variation_key,
  count(*) AS units,
  {% for variable in variables -%}
  sum({{ variable.name | identifier }}) AS {{ ('sum_' ~ variable.name) | identifier }},
  {% endfor -%}
  {% for cap in caps -%}
  max({{ ('limit_' ~ loop.index0) | identifier }}) AS {{ ('limit_' ~ loop.index0) | identifier }},
  {% endfor -%}
  {% for one, other in products -%}
  sum({{ ('away_' ~ one) | identifier }} * {{ ('away_' ~ other) | identifier }}) AS {{ (one ~ '_x_' ~ other) | identifier }}{% if not loop.last %},{% endif %}

  {% endfor -%}
FROM away
GROUP BY variation_key

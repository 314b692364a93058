{#- Who was exposed between a phase's exposed_from and window_end: experiment × unit × variation key.
    A dimension is the smallest value within the second of the first exposure, and unknown where that
    second knew none: the first 19 characters of the packed text order by that second. -#}
SELECT
  experiment_id,
  user_id,
  variation_key,
  first_exposed_at,
  {% for dimension in dimensions -%}
  {% set packed = dimension ~ '_packed' -%}
  CASE
    WHEN substr({{ packed | identifier }}, 20, 1) = '0' THEN substr({{ packed | identifier }}, 21)
  END AS {{ dimension | identifier }},
  {% endfor -%}
  exposures
FROM (
  SELECT
    experiment_id,
    user_id,
    variation_key,
    min(exposed_at) AS first_exposed_at,
    {% for dimension in dimensions -%}
    {% set name = dimension | identifier -%}
    min(
      CASE WHEN {{ name }} IS NULL THEN concat(exposed_second, '1') ELSE concat(exposed_second, '0', {{ name }}) END
    ) AS {{ (dimension ~ '_packed') | identifier }},
    {% endfor -%}
    count(*) AS exposures
  FROM (
    SELECT
      phase.experiment_id AS experiment_id,
      exposure.user_id AS user_id,
      coalesce(exposure.variation_key, '') AS variation_key,
      {% for dimension in dimensions -%}
      exposure.{{ dimension | identifier }} AS {{ dimension | identifier }},
      {% endfor -%}
      CAST(date_trunc('second', exposure.exposed_at) AS VARCHAR) AS exposed_second,
      exposure.exposed_at AS exposed_at
    FROM (
      {% include 'source/exposures.sql' %}
    ) AS exposure
    JOIN phase
      ON exposure.experiment_key = phase.experiment_key
      AND exposure.exposed_at >= phase.exposed_from
      AND exposure.exposed_at <= phase.window_end
    WHERE exposure.user_id <> ''
      {% if is_part is defined and is_part %}
      AND {% include 'pieces/part.sql' %}

      {% endif %}
      {% if is_sampled is defined and is_sampled %}
      AND {% include 'pieces/sampled.sql' %}

      {% endif %}
      AND exposure.exposed_at >= :exposed_from
      AND exposure.exposed_at <= :exposed_to
  ) AS seen
  GROUP BY experiment_id, user_id, variation_key
) AS packed

{#- The exposures that count: each row between a phase's exposed_from and window_end. As a CASE, since
    DuckDB takes two bounds in a join for all but a handful of rows gone, and plans what follows for a
    handful. -#}
SELECT
  phase.experiment_id AS experiment_id,
  exposure.user_id AS user_id,
  coalesce(exposure.variation_key, '') AS variation_key,
  {% for dimension in dimensions -%}
  exposure.{{ dimension | identifier }} AS {{ dimension | identifier }},
  {% endfor -%}
  exposure.exposed_at AS exposed_at
FROM (
  {% include 'source/exposures.sql' %}
) AS exposure
JOIN phase
  ON exposure.experiment_key = phase.experiment_key
  AND CASE
    WHEN exposure.exposed_at < phase.exposed_from THEN FALSE
    ELSE exposure.exposed_at <= phase.window_end
  END
WHERE exposure.user_id <> ''
  {% if is_part is defined and is_part %}
  AND {% include 'pieces/part.sql' %}

  {% endif %}
  {% if is_sampled is defined and is_sampled %}
  AND {% include 'pieces/sampled.sql' %}

  {% endif %}
  AND exposure.exposed_at >= :exposed_from
  AND exposure.exposed_at <= :exposed_to

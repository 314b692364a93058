{#- Who was exposed between a phase's exposed_from and window_end: experiment × unit × variation key.
    A dimension is what the first exposure knew: the smallest value where several are of that instant. -#}
SELECT
  earliest.experiment_id AS experiment_id,
  earliest.user_id AS user_id,
  earliest.variation_key AS variation_key,
  earliest.first_exposed_at AS first_exposed_at,
  {% for dimension in dimensions -%}
  min(seen.{{ dimension | identifier }}) AS {{ dimension | identifier }},
  {% endfor -%}
  earliest.exposures AS exposures
FROM (
  SELECT
    experiment_id,
    user_id,
    variation_key,
    min(exposed_at) AS first_exposed_at,
    count(*) AS exposures
  FROM (
    {% include 'pieces/seen.sql' %}

  ) AS every_exposure
  GROUP BY experiment_id, user_id, variation_key
) AS earliest
JOIN (
  {% include 'pieces/seen.sql' %}

) AS seen
  ON seen.experiment_id = earliest.experiment_id
  AND seen.user_id = earliest.user_id
  AND seen.variation_key = earliest.variation_key
  AND seen.exposed_at = earliest.first_exposed_at
GROUP BY
  earliest.experiment_id,
  earliest.user_id,
  earliest.variation_key,
  earliest.first_exposed_at,
  earliest.exposures

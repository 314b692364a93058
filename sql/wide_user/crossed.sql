{#- Units seen in two or more variations: that of the first exposure, and its dimensions. -#}
SELECT
  experiment_id,
  user_id,
  max(CASE WHEN place = 1 THEN variation_key END) AS variation_key,
  min(variation_key) AS variation_key_lowest,
  max(variation_key) AS variation_key_highest,
  min(first_exposed_at) AS first_exposed_at,
  {% for dimension in dimensions -%}
  min(CASE WHEN first_exposed_at = earliest THEN {{ dimension | identifier }} END) AS {{ dimension | identifier }},
  {% endfor -%}
  sum(exposures) AS exposures
FROM (
  SELECT
    exposed.*,
    min(first_exposed_at) OVER (PARTITION BY exposed.experiment_id, exposed.user_id) AS earliest,
    row_number() OVER (
      PARTITION BY exposed.experiment_id, exposed.user_id
      ORDER BY first_exposed_at, variation_key
    ) AS place
  FROM exposed
  JOIN crossed
    ON crossed.experiment_id = exposed.experiment_id AND crossed.user_id = exposed.user_id
) AS ranked
GROUP BY experiment_id, user_id

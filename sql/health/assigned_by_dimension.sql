-- Reads:  ab.tbl_wide_user_<module>_<tag>, one partition
-- Writes: nothing
-- Grain:  experiment × variation × value of one dimension (the others are NULL): compared units
WITH compared AS (
  SELECT
    experiment_id,
    {% for dimension in dimensions -%}
    coalesce({{ dimension | identifier }}, '(unknown)') AS {{ dimension | identifier }},
    {% endfor -%}
    variation_key
  FROM {{ table | table }}
  WHERE tag = :tag
    AND event_date = :event_date
    AND is_known
    AND variations_seen = 1
)
SELECT
  experiment_id,
  variation_key,
  {% for dimension in dimensions -%}
  {{ dimension | identifier }},
  {% endfor -%}
  count(*) AS units
FROM compared
GROUP BY GROUPING SETS (
  {% for dimension in dimensions -%}
  {% if not loop.first %}, {% endif -%}
  (experiment_id, variation_key, {{ dimension | identifier }})
  {% endfor %}
)

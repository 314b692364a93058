-- Reads:  ab.tbl_wide_user_<module>_<tag>, one partition
-- Writes: nothing
-- Grain:  experiment × exposed unit, a sample of units
SELECT
  {% for name in columns -%}
  {{ name | identifier }}{% if not loop.last %},{% endif %}

  {% endfor -%}
FROM {{ table | table }}
WHERE tag = :tag
  AND event_date = :event_date
  AND {% include 'pieces/sampled.sql' %}


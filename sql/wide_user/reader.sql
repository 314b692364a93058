{#- For whom the day's events are summed: once for each user whose day counts whole, whatever the number
    of experiments, and once for each unit whose day is cut. -#}
SELECT
  user_id,
  '' AS experiment_id,
  FALSE AS is_cut,
  {% if is_alone -%}
  first_exposed_at,
  exposed_on,
  window_end
  {% else -%}
  min(first_exposed_at) AS first_exposed_at,
  min(exposed_on) AS exposed_on,
  min(window_end) AS window_end
  {% endif -%}
FROM unit_time
WHERE NOT is_cut
{% if not is_alone -%}
GROUP BY user_id
{% endif -%}
UNION ALL
SELECT
  user_id,
  experiment_id,
  TRUE AS is_cut,
  first_exposed_at,
  exposed_on,
  window_end
FROM unit_time
WHERE is_cut

{#- One branch of a wide table's measures: unit × day, over the events that any measure of the branch
    may count. `branch` says which measures, which scopes and which bounds. -#}
SELECT
  experiment_id,
  user_id,
  {% for measure in measures -%}
  {% if measure.name in branch.restricted -%}
  {{ branch.restricted[measure.name] }} AS {{ measure.name | identifier }},
  {% else -%}
  CAST(NULL AS DOUBLE) AS {{ measure.name | identifier }},
  {% endif -%}
  {% endfor -%}
  counted_day
FROM (
  SELECT
    unit.experiment_id AS experiment_id,
    unit.user_id AS user_id,
    event.event_day AS counted_day,
    {% for scope in branch.scopes -%}
    {% include 'wide_user/scope.sql' %} AS {{ ('in_scope_' ~ loop.index0) | identifier }},
    {% endfor -%}
    {% for column in branch.event_columns -%}
    event.{{ column | identifier }} AS {{ column | identifier }},
    {% endfor -%}
    event.event_time AS event_time
  FROM unit
  JOIN (
    SELECT
      user_id,
      {% for column in branch.event_columns -%}
      {{ column | identifier }},
      {% endfor -%}
      event_time,
      {% if branch.is_single_day -%}
      CAST(:event_date AS DATE) AS event_day
      {% else -%}
      CAST(convert_tz(event_time, 'UTC', :time_zone) AS DATE) AS event_day
      {% endif -%}
    FROM (
      {% include 'source/events.sql' %}
    ) AS source_event
    WHERE event_time >= {% if branch.kind == 'before_exposure' %}:before_from_{{ path }}{% elif branch.kind == 'lookback' %}:recent_from_{{ path }}{% else %}:since_from_{{ path }}{% endif %}
      AND event_time <= :events_to
  ) AS event
    ON event.user_id = unit.user_id
  {% if branch.kind == 'before_exposure' -%}
  WHERE event.event_time < unit.first_exposed_at
    AND event.event_time >= date_sub(unit.first_exposed_at, INTERVAL {{ branch.longest }} DAY)
    {% if is_incremental %}AND unit.is_new{% endif %}
  {% elif branch.kind == 'lookback' -%}
  WHERE event.event_time >= unit.first_exposed_at
    AND event.event_time >= date_sub(unit.window_end, INTERVAL {{ branch.longest }} HOUR)
  {% else -%}
  WHERE event.event_time >= unit.first_exposed_at
  {% endif -%}
) AS counted
GROUP BY experiment_id, user_id, counted_day

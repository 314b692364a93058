{#- One branch of a wide table's measures: experiment × unit, over the events that any measure of the
    branch may count. `branch` says which measures, which scopes and which bounds. Days are summed up by
    themselves only where some measure's days merge otherwise than its events, and it does not just
    count days. -#}
{% set is_whole_day = false -%}
{% if branch.by_day -%}
SELECT
  experiment_id,
  user_id,
  {% for measure in branch.measures -%}
  {% set name = measure.name | identifier -%}
  {% if measure.merge == 'sum' %}sum{% elif measure.merge == 'max' %}max{% else %}min{% endif %}({{ name }}) AS {{ name }}{% if not loop.last %},{% endif %}

  {% endfor -%}
FROM (
{% endif -%}
SELECT
  experiment_id,
  user_id,
  {% for measure in branch.measures -%}
  {% if measure.name in branch.days_when %}{% include 'wide_user/counted_days.sql' %}{% else %}{{ branch.restricted[measure.name] }}{% endif %} AS {{ measure.name | identifier }}{% if not loop.last or branch.by_day %},{% endif %}

  {% endfor -%}
  {% if branch.by_day -%}
  counted_day
  {% endif -%}
FROM (
  SELECT
    unit.experiment_id AS experiment_id,
    unit.user_id AS user_id,
    {% set owner = 'event' -%}
    {% set moment = 'event_time' -%}
    {% if branch.by_day -%}
    {% include 'pieces/business_day.sql' %} AS counted_day,
    {% elif branch.days_when -%}
    datediff({% include 'pieces/business_day.sql' %}, CAST({% if branch.kind == 'before_exposure' %}:before_first_day_{{ path }}{% elif branch.kind == 'lookback' %}:recent_first_day_{{ path }}{% else %}:since_first_day_{{ path }}{% endif %} AS DATE)) AS day_number,
    {% endif -%}
    {% for scope in branch.scopes -%}
    {% if branch.is_single_day -%}
    NOT unit.is_cut OR ({% include 'wide_user/scope.sql' %}) AS {{ ('in_scope_' ~ loop.index0) | identifier }},
    {% else -%}
    {% include 'wide_user/scope.sql' %} AS {{ ('in_scope_' ~ loop.index0) | identifier }},
    {% endif -%}
    {% endfor -%}
    {% for column in branch.event_columns -%}
    event.{{ column | identifier }} AS {{ column | identifier }},
    {% endfor -%}
    event.event_time AS event_time
  FROM {% if branch.is_single_day %}reader{% else %}unit_time{% endif %} AS unit

  JOIN (
    SELECT
      user_id,
      {% for column in branch.event_columns -%}
      {{ column | identifier }},
      {% endfor -%}
      event_time
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
  {% elif branch.is_single_day -%}
  WHERE NOT unit.is_cut OR event.event_time >= unit.first_exposed_at
  {% else -%}
  WHERE event.event_time >= unit.first_exposed_at
  {% endif -%}
) AS counted
GROUP BY experiment_id, user_id{% if branch.by_day %}, counted_day{% endif %}

{% if branch.by_day -%}
) AS daily
GROUP BY experiment_id, user_id
{% endif -%}

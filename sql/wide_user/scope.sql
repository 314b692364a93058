{#- When an event counts for a measure: one condition a scope. Lengths are whole numbers of ours;
    `is_whole_day` says that all events of event_date count, or none. -#}
{% if scope.kind == 'since_exposure' -%}
{% include 'wide_user/happened.sql' %} >= {% if scope.delay_hours %}date_add(unit.first_exposed_at, INTERVAL {{ scope.delay_hours }} HOUR){% else %}unit.first_exposed_at{% endif %}

    AND {% include 'wide_user/happened.sql' %} <= unit.window_end
{%- elif scope.kind == 'window' -%}
{% include 'wide_user/happened.sql' %} >= {% if scope.delay_hours %}date_add(unit.first_exposed_at, INTERVAL {{ scope.delay_hours }} HOUR){% else %}unit.first_exposed_at{% endif %}

    AND {% include 'wide_user/happened.sql' %} <= date_add(unit.first_exposed_at, INTERVAL {{ scope.delay_hours + scope.hours }} HOUR)
{%- elif scope.kind == 'day' -%}
{% set owner = 'event' -%}
{% set moment = 'event_time' -%}
datediff({% if is_incremental %}CAST(:event_date AS DATE){% else %}{% include 'pieces/business_day.sql' %}{% endif %}, unit.exposed_on) = {{ scope.day }}
{%- elif scope.kind == 'lookback' -%}
{% include 'wide_user/happened.sql' %} >= {% if scope.delay_hours %}date_add(unit.first_exposed_at, INTERVAL {{ scope.delay_hours }} HOUR){% else %}unit.first_exposed_at{% endif %}

    AND {% include 'wide_user/happened.sql' %} >= date_sub(unit.window_end, INTERVAL {{ scope.hours }} HOUR)
    AND {% include 'wide_user/happened.sql' %} <= unit.window_end
{%- elif scope.kind == 'before_exposure' -%}
{% include 'wide_user/happened.sql' %} >= date_sub(unit.first_exposed_at, INTERVAL {{ scope.days }} DAY)
{%- endif %}

{#- When an event counts for a measure: one condition a scope. Lengths are whole numbers of ours. -#}
{% if scope.kind == 'since_exposure' -%}
event.event_time >= date_add(unit.first_exposed_at, INTERVAL {{ scope.delay_hours }} HOUR)
    AND event.event_time <= unit.window_end
{%- elif scope.kind == 'window' -%}
event.event_time >= date_add(unit.first_exposed_at, INTERVAL {{ scope.delay_hours }} HOUR)
    AND event.event_time <= date_add(unit.first_exposed_at, INTERVAL {{ scope.delay_hours + scope.hours }} HOUR)
{%- elif scope.kind == 'day' -%}
datediff(event.event_day, unit.exposed_on) = {{ scope.day }}
{%- elif scope.kind == 'lookback' -%}
event.event_time >= date_add(unit.first_exposed_at, INTERVAL {{ scope.delay_hours }} HOUR)
    AND event.event_time >= date_sub(unit.window_end, INTERVAL {{ scope.hours }} HOUR)
    AND event.event_time <= unit.window_end
{%- elif scope.kind == 'before_exposure' -%}
event.event_time >= date_sub(unit.first_exposed_at, INTERVAL {{ scope.days }} DAY)
{%- endif %}

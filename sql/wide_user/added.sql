{#- What a measure's events add to yesterday's value: of a day that counts whole, whether it counts. -#}
{% set added = measure.branch | identifier -%}
{% set value = measure.name | identifier -%}
{% if is_incremental and measure.is_of_day -%}
{% set scope = measure.scope -%}
{% set is_whole_day = true -%}
CASE WHEN unit.is_cut OR ({% include 'wide_user/scope.sql' %}) THEN {{ added }}.{{ value }} END
{%- else -%}
{{ added }}.{{ value }}
{%- endif %}

-- Reads:  the events (source/events.sql); incremental: yesterday's partition of the same table and
--         today's ab.experiment_data; full: the exposures (source/exposures.sql) of the whole phase
-- Writes: ab.tbl_wide_user_<module>_<tag>, one partition (event_date)
-- Grain:  experiment × exposed unit, as of the end of event_date
{% for part in paths -%}
{% if not loop.first %}UNION ALL
{% endif -%}
{% set path = part.number -%}
{% set phases = part.phases -%}
{% set variations = part.variations -%}
{% set branches = part.branches -%}
{% set is_incremental = part.is_incremental -%}
{% set cut_hours = part.cut_hours -%}
{% set is_alone = part.is_alone -%}
SELECT made.*
FROM (
  {% include 'wide_user/as_of_day.sql' %}

) AS made

{% endfor %}

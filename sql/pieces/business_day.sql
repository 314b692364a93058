{#- The business day of `owner`.`moment`, an instant in UTC: the zone's offsets are bound, which is exact
    between the instants the statement reads, and far cheaper than asking for the zone by name. -#}
{% set instant_owner = owner | identifier -%}
{% set instant = moment | identifier -%}
CAST(seconds_add({{ instant_owner }}.{{ instant }}, {% if clock_changes %}CASE{% for number in clock_changes %} WHEN {{ instant_owner }}.{{ instant }} >= :clock_from_{{ number }} THEN :clock_offset_{{ number }}{% endfor %} ELSE :clock_offset_0 END{% else %}:clock_offset_0{% endif %}) AS DATE)

{#- On how many days something happened. DuckDB keeps days as bits of a number (the macro
    `bitmap_union_int`), and a number has room for 63: more days are counted stretch by stretch.
    StarRocks has the function for INT alone, and makes a difference of two a BIGINT. -#}
{% for first in branch.days_from -%}
{% if not loop.first %} + {% endif -%}
coalesce(bitmap_union_int(CASE WHEN {{ branch.days_when[measure.name] }}{% if branch.days_from | length > 1 %} AND day_number >= {{ first }}{% if not loop.last %} AND day_number < {{ branch.days_from[loop.index] }}{% endif %}{% endif %} THEN {% if loop.first %}day_number{% else %}CAST(day_number - {{ first }} AS INT){% endif %} END), 0)
{%- endfor -%}

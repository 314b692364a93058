{#- On how many days something happened. DuckDB keeps days as bits of a number (the macro
    `bitmap_union_int`), and a number has room for 63: more days are counted stretch by stretch. -#}
{% for first in branch.days_from -%}
{% if not loop.first %} + {% endif -%}
coalesce(bitmap_union_int(CASE WHEN {{ branch.days_when[measure.name] }}{% if branch.days_from | length > 1 %} AND day_number >= {{ first }}{% if not loop.last %} AND day_number < {{ branch.days_from[loop.index] }}{% endif %}{% endif %} THEN day_number{% if not loop.first %} - {{ first }}{% endif %} END), 0)
{%- endfor -%}

{#- When what is counted happened: an event, or, where a day counts whole, its first instant. -#}
{% if is_whole_day %}CAST(:day_starts AS DATETIME){% else %}event.event_time{% endif %}

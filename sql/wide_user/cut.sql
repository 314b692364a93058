{#- Whether a unit's exposure, or a border of one of its windows, falls into the day: then each of its
    events of the day is looked at; of every other unit the day counts whole or not at all. -#}
(
      (assigned.first_exposed_at > :day_starts AND assigned.first_exposed_at <= :events_to)
      OR phase.window_end < :events_to
      {% for hours in cut_hours -%}
      OR (
        date_add(assigned.first_exposed_at, INTERVAL {{ hours }} HOUR) >= :day_starts
        AND date_add(assigned.first_exposed_at, INTERVAL {{ hours }} HOUR) <= :events_to
      )
      {% endfor -%}
    )

"""The layout of the dashboard: ours, and what people added to it.

What belongs here: the lists a dashboard is replaced by. What does not: sending them.

A dashboard's layout is replaced as a whole; what is new has a negative id, and what is left out is
deleted. So whatever people added is sent back as it was.
"""

from collections.abc import Mapping
from itertools import count
from typing import Any

from ab_assets.metabase.files import MetabaseFiles, PlaceForm
from ab_assets.metabase.wanted import filter_bodies, filter_id, mapping_bodies

_KEPT = (
    *("id", "card_id", "action_id", "row", "col", "size_x", "size_y", "dashboard_tab_id"),
    *("parameter_mappings", "inline_parameters", "visualization_settings", "series"),
)


def layout(
    files: MetabaseFiles,
    there: Mapping[str, Any],
    cards: Mapping[str, int | None],
    retired: frozenset[int],
) -> dict[str, object]:
    """The ``tabs``, ``dashcards`` and ``parameters`` of the dashboard.

    Args:
        files: What is wanted.
        there: The dashboard as it is; empty when there is none.
        cards: The ids of our cards by key; ``None`` before they are made.
        retired: The ids of our cards that no file has any more.
    """
    new = count(-1, -1)
    tabs, tab_ids = _tabs(files, there, new)
    dashcards = [item for item in there.get("dashcards") or [] if item["card_id"] not in retired]
    made = []
    for tab in files.dashboard.tabs:
        for place in tab.cards:
            found = _placed(dashcards, cards[place.card], tab_ids[tab.name])
            if found is not None:
                dashcards.remove(found)
            made.append(
                {
                    **(_kept(found) if found else {"id": next(new), "visualization_settings": {}}),
                    **_place(place, cards[place.card], tab_ids[tab.name]),
                    "parameter_mappings": [
                        *mapping_bodies(files.cards[place.card], cards[place.card]),
                        *_foreign_mappings(files, found),
                    ],
                }
            )
    first = tab_ids[files.dashboard.tabs[0].name]
    foreign = [
        {**_kept(item), "dashboard_tab_id": item.get("dashboard_tab_id") or first}
        for item in dashcards
    ]
    own = {filter_id(name) for name in files.dashboard.filters}
    filters = [item for item in there.get("parameters") or [] if item["id"] not in own]
    return {
        "tabs": tabs,
        "dashcards": [*made, *foreign],
        "parameters": [*filter_bodies(files, cards[files.dashboard.filter_values]), *filters],
    }


def _tabs(
    files: MetabaseFiles, there: Mapping[str, Any], new: "count[int]"
) -> tuple[list[dict[str, object]], dict[str, int]]:
    left = [{"id": tab["id"], "name": tab["name"]} for tab in there.get("tabs") or []]
    tabs: list[dict[str, object]] = []
    ids: dict[str, int] = {}
    for tab in files.dashboard.tabs:
        found = next((item for item in left if item["name"] == tab.name), None)
        if found is not None:
            left.remove(found)
        ids[tab.name] = found["id"] if found else next(new)
        tabs.append({"id": ids[tab.name], "name": tab.name})
    return [*tabs, *left], ids


def _placed(
    dashcards: list[Mapping[str, Any]], card_id: int | None, tab_id: int
) -> Mapping[str, Any] | None:
    """Where a card stands: in its tab before anywhere else, the oldest first."""
    candidates = [item for item in dashcards if card_id is not None and item["card_id"] == card_id]
    return min(
        candidates,
        key=lambda item: (item.get("dashboard_tab_id") != tab_id, item["id"]),
        default=None,
    )


def _kept(dashcard: Mapping[str, Any]) -> dict[str, object]:
    return {key: dashcard[key] for key in _KEPT if key in dashcard}


def _place(place: PlaceForm, card_id: int | None, tab_id: int) -> dict[str, object]:
    return {
        "card_id": card_id,
        "row": place.row,
        "col": place.column,
        "size_x": place.width,
        "size_y": place.height,
        "dashboard_tab_id": tab_id,
    }


def _foreign_mappings(files: MetabaseFiles, found: Mapping[str, Any] | None) -> list[object]:
    own = {filter_id(name) for name in files.dashboard.filters}
    mappings = (found or {}).get("parameter_mappings") or []
    return [item for item in mappings if item["parameter_id"] not in own]

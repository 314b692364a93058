"""From what is there to what is wanted.

What belongs here: finding what we made, what differs, and writing it in an order that a second try
completes. What does not: bodies, and showing the difference.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ab_assets.errors import MetabaseError
from ab_assets.metabase.client import MetabaseClient
from ab_assets.metabase.files import MetabaseFiles
from ab_assets.metabase.layout import layout
from ab_assets.metabase.marks import key_of, marked, ours, says
from ab_assets.metabase.target import Target
from ab_assets.metabase.wanted import card_body

NAME = "ab_assets"
_COLLECTION = "collection"
_DATABASE = "database"
_DASHBOARD = "dashboard"
_CARD = "card/"

Action = Literal["create", "change", "archive", "unchanged"]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after."""

    name: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one thing."""

    kind: str
    name: str
    action: Action
    fields: tuple[FieldChange, ...] = ()


@dataclass
class Provisioning:
    """One pass over everything; without ``write`` it only tells."""

    client: MetabaseClient
    files: MetabaseFiles
    target: Target
    write: bool
    renew_password: bool = False
    changes: list[Change] = field(default_factory=list)
    dashboard_id: int | None = None

    def run(self) -> list[Change]:
        """Database, collection, cards, dashboard, and what no file has any more."""
        database = self._database()
        collection = self._collection()
        items = self._items(collection)
        cards = {key: self._card(key, items, database, collection) for key in self.files.cards}
        wanted = {f"{_CARD}{key}" for key in self.files.cards}
        retired = [
            item
            for item in items
            if item["model"] == "card"
            and (key_of(item) or "").startswith(_CARD)
            and key_of(item) not in wanted
        ]
        gone = frozenset(int(item["id"]) for item in retired)
        self.dashboard_id = self._dashboard(items, collection, cards, gone)
        for item in retired:
            self.changes.append(Change("card", item["name"], "archive"))
            if self.write:
                self.client.put(f"/api/card/{item['id']}", {"archived": True})
        return self.changes

    def _database(self) -> int | None:
        listed = self.client.listed("/api/database")
        body = {"name": NAME, "engine": self.target.engine, "details": self.target.details}
        description = marked("Results of experiments", _DATABASE, [])
        found = ours(listed, _DATABASE)
        if found is None:
            found = next((item for item in listed if item.get("name") == NAME), None)
            if found is not None and says(found, body):
                # Made by a run that was stopped before it could mark it, or by a person: it serves.
                self.changes.append(Change("database", NAME, "unchanged"))
                return int(found["id"])
            if found is not None:
                message = (
                    f"Metabase has a database {NAME!r} that ab_assets did not make and that "
                    "leads elsewhere; rename it there"
                )
                raise MetabaseError(message)
        secret = {**body, "details": {**self.target.details, **self.target.secrets}}

        def make() -> Mapping[str, Any]:
            made = self.client.post("/api/database", {**secret, "is_full_sync": False})
            self.client.put(f"/api/database/{made['id']}", {"description": description})
            return made

        renewed = [FieldChange("password", "…", "sent again")] if self.renew_password else []
        return self._settle(
            "database", NAME, found, body, make, "/api/database", sent=secret, more=renewed
        )

    def _collection(self) -> int | None:
        listed = [
            item for item in self.client.listed("/api/collection") if not item.get("archived")
        ]
        name = self.files.dashboard.name
        body = {
            "name": name,
            "description": marked("Dashboard and questions of ab_assets", _COLLECTION, []),
        }
        found = ours(listed, _COLLECTION)
        return self._settle(
            "collection",
            name,
            found,
            body,
            lambda: self.client.post("/api/collection", body),
            "/api/collection",
        )

    def _items(self, collection: int | None) -> list[dict[str, Any]]:
        if collection is None:
            return []
        path = f"/api/collection/{collection}/items?models=card&models=dashboard"
        return [item for item in self.client.listed(path) if not item.get("archived")]

    def _card(
        self,
        key: str,
        items: list[dict[str, Any]],
        database: int | None,
        collection: int | None,
    ) -> int | None:
        card = self.files.cards[key]
        body = card_body(card, self.files, database, self.target)
        content = card_body(card, self.files, None, self.target)
        body |= {
            "description": marked(card.form.description, f"{_CARD}{key}", content),
            "collection_id": collection,
        }
        found = ours((item for item in items if item["model"] == "card"), f"{_CARD}{key}")
        if found is not None:
            # Since 0.57 queries are told in another form unless they are asked for in this one.
            found = self.client.one(f"/api/card/{found['id']}?legacy-mbql=true")
        return self._settle(
            "card",
            card.form.name,
            found,
            body,
            lambda: self.client.post("/api/card", body),
            "/api/card",
        )

    def _dashboard(
        self,
        items: list[dict[str, Any]],
        collection: int | None,
        cards: Mapping[str, int | None],
        retired: frozenset[int],
    ) -> int | None:
        form = self.files.dashboard
        description = marked(form.description, _DASHBOARD, form.model_dump(mode="json"))
        head: dict[str, object] = {
            "name": form.name,
            "description": description,
            "collection_id": collection,
        }
        listed = ours((item for item in items if item["model"] == "dashboard"), _DASHBOARD)
        if listed is None:

            def make() -> Mapping[str, Any]:
                made = self.client.post("/api/dashboard", head)
                self.client.put(
                    f"/api/dashboard/{made['id']}", layout(self.files, {}, cards, retired)
                )
                return made

            return self._settle("dashboard", form.name, None, head, make, "/api/dashboard")
        there = self.client.one(f"/api/dashboard/{listed['id']}")
        body = head | layout(self.files, there, cards, retired)
        return self._settle(
            "dashboard", form.name, in_order(there, body), body, dict, "/api/dashboard"
        )

    def _settle(  # noqa: PLR0917 (each is one of the things it is made of)
        self,
        kind: str,
        name: str,
        found: Mapping[str, Any] | None,
        wanted: Mapping[str, object],
        make: Callable[[], Mapping[str, Any]],
        path: str,
        *,
        sent: Mapping[str, object] | None = None,
        more: list[FieldChange] | None = None,
    ) -> int | None:
        if found is None:
            self.changes.append(Change(kind, name, "create"))
            return int(make()["id"]) if self.write else None
        changed = [
            FieldChange(key, found.get(key), value)
            for key, value in wanted.items()
            if not says(found.get(key), value)
        ] + (more or [])
        self.changes.append(
            Change(kind, name, "change" if changed else "unchanged", tuple(changed))
        )
        if changed and self.write:
            self.client.put(f"{path}/{found['id']}", dict(sent or wanted))
        return int(found["id"])


def in_order(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The dashboard with its cards in the order of what is wanted, so that they can be compared."""
    order = {item["id"]: place for place, item in enumerate(wanted["dashcards"])}
    dashcards = sorted(
        there.get("dashcards") or [], key=lambda item: order.get(item["id"], len(order))
    )
    return {**there, "dashcards": dashcards}

"""What the files want of Metabase, in the words of its API.

What belongs here: bodies of cards, filters and tabs. What does not: what is there already.
"""

from ab_assets.metabase.files import Card, MetabaseFiles
from ab_assets.metabase.marks import identity
from ab_assets.metabase.sql import to_sqlite
from ab_assets.metabase.target import Target

_FILTER_TYPE = "string/="


def card_body(
    card: Card, files: MetabaseFiles, database: int | None, target: Target
) -> dict[str, object]:
    """A native question with a variable for each filter its SQL names."""
    names = {tag: files.dashboard.filters[tag].name for tag in card.tags}
    tags = {
        tag: {
            "id": identity(f"tag/{card.key}/{tag}"),
            "name": tag,
            "display-name": names[tag],
            "type": "text",
        }
        for tag in card.tags
    }
    sql = to_sqlite(card.sql) if target.engine == "sqlite" else card.sql
    return {
        "name": card.form.name,
        "display": card.form.display,
        "visualization_settings": dict(card.form.visualization_settings),
        "dataset_query": {
            "database": database,
            "type": "native",
            "native": {"query": sql, "template-tags": tags},
        },
        "parameters": [
            {
                "id": tags[tag]["id"],
                "type": _FILTER_TYPE,
                "target": ["variable", ["template-tag", tag]],
                "name": names[tag],
                "slug": tag,
            }
            for tag in card.tags
        ],
    }


def filter_id(name: str) -> str:
    """The identity of a filter of the dashboard."""
    return identity(f"filter/{name}")[:8]


def filter_bodies(files: MetabaseFiles, values_card: int | None) -> list[dict[str, object]]:
    """The filters: one value each, chosen from a column of the card of values."""
    return [
        {
            "id": filter_id(name),
            "type": _FILTER_TYPE,
            "sectionId": "string",
            "name": form.name,
            "slug": name,
            "isMultiSelect": False,
            "values_query_type": "list",
            "values_source_type": "card",
            "values_source_config": {
                "card_id": values_card,
                "value_field": ["field", form.column, {"base-type": "type/Text"}],
            },
        }
        for name, form in files.dashboard.filters.items()
    ]


def mapping_bodies(card: Card, card_id: int | None) -> list[dict[str, object]]:
    """Which filter fills which variable of a card."""
    return [
        {
            "parameter_id": filter_id(tag),
            "card_id": card_id,
            "target": ["variable", ["template-tag", tag]],
        }
        for tag in card.tags
    ]

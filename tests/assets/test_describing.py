"""What all assets say of themselves in the same way."""

import dagster as dg
import pytest

from ab_assets.analysis.lineage import ColumnSource, columns_of
from ab_assets.assets.describing import (
    Layer,
    asset_tags,
    module_group,
    numbered,
    partition_metadata,
    table_metadata,
)
from ab_assets.assets.descriptions import (
    Description,
    asset_link,
    asset_links,
    growthbook_link,
)
from ab_assets.settings import Settings
from ab_assets.warehouse.tables import Column, TableDefinition

TABLE = TableDefinition(
    "ab", "t", (Column("a", "INT", "a number", nullable=False), Column("b", "DATE"))
)
KEY = dg.AssetKey(["shop", "report_user"])


def column(sources: tuple[ColumnSource, ...]) -> dg.TableColumn:
    metadata = table_metadata(TABLE, {"a": sources})
    return metadata["dagster/column_schema"].columns[0]


def test_a_column_says_what_it_is_and_what_it_is_made_of() -> None:
    sources = (*columns_of(("source", "events"), "x", "y"), ColumnSource(("w",), "z"))
    assert column(sources).description == "a number · from source/events (x, y), w (z)"


def test_many_columns_of_an_asset_are_counted() -> None:
    sources = columns_of(("w",), *"abcde")
    assert column(sources).description == "a number · from w (5 columns)"


def test_one_column_of_many_assets_is_told_once() -> None:
    sources = tuple(ColumnSource((name,), "a") for name in "vwxyz")
    assert column(sources).description == "a number · from a of 5 assets"


def test_the_lineage_is_there_for_programs_too() -> None:
    lineage = table_metadata(TABLE, {"a": columns_of(("w",), "z")})["dagster/column_lineage"]
    assert lineage.deps_by_column == {"a": [dg.TableColumnDep(dg.AssetKey("w"), "z")]}


def test_a_table_without_lineage_shows_its_columns_alone() -> None:
    metadata = table_metadata(TABLE)
    assert set(metadata) == {"dagster/column_schema"}
    first, second = metadata["dagster/column_schema"].columns
    assert (first.description, first.constraints.nullable) == ("a number", False)
    assert (second.description, second.constraints.nullable) == (None, True)


def test_an_empty_partition_says_why_before_anything_else() -> None:
    metadata = partition_metadata(TABLE, 0, reason="no experiment", more=1)
    assert list(metadata) == ["reason", "more", "dagster/row_count", "dagster/table_name"]


def test_texts_of_one_experiment_have_no_number() -> None:
    assert list(numbered("verdict", ["x"])) == ["verdict"]
    assert list(numbered("verdict", ["x", "y"])) == ["verdict 1", "verdict 2"]
    assert numbered("verdict", []) == {}


def test_groups_stand_in_the_order_in_which_data_flows() -> None:
    groups = ["inputs", module_group("a"), module_group("z"), "results"]
    assert groups == sorted(groups)


def test_an_asset_can_be_found_by_layer_module_and_tag() -> None:
    tags = asset_tags(Layer.REPORT, ["retention", "Chat.entry-1"], "engagement")
    assert tags["layer"] == "report"
    assert tags["module"] == "engagement"
    assert set(tags) >= {"tag/retention", "tag/Chat.entry-1"}
    dg.AssetSpec("a", tags=tags)  # Dagster refuses tags it cannot keep


def test_a_description_has_only_the_parts_that_are_said() -> None:
    described = Description("It holds.", "a day", "look", ("`docs/x.md`", "there")).markdown
    assert described.split("\n\n") == [
        "It holds.",
        "**One row:** a day",
        "**When it fails:** look",
        "**More:** `docs/x.md`, there",
    ]
    assert Description("It holds.").markdown == "It holds."


def test_links_go_to_the_ui_of_the_environment_and_without_it_to_this_one() -> None:
    known = Settings(dagster_url="https://dagster.example/ui/")
    assert asset_link(known, KEY).endswith("(https://dagster.example/ui/assets/shop/report_user)")
    assert asset_links(Settings(dagster_url=None), [KEY, KEY]).count("(/assets/shop/") == 2


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        (
            {"GROWTHBOOK_API_URL": "https://gb.example/"},
            "[GrowthBook's API](https://gb.example/api/v1)",
        ),
        ({"GROWTHBOOK_API_URL": "https://user:secret@gb.example"}, ""),
        ({"GROWTHBOOK_SNAPSHOT": "/home/someone/saved.json"}, "the saved answer `saved.json`"),
        ({}, ""),
    ],
)
def test_growthbook_is_linked_without_secrets_or_paths(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], shown: str
) -> None:
    for name in ("GROWTHBOOK_API_URL", "GROWTHBOOK_SNAPSHOT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert growthbook_link(Settings()) == shown

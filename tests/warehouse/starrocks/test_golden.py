"""What is sent to StarRocks, word for word.

When a change is meant, ``AB_WRITE_GOLDEN=1 python -m pytest`` of this file writes the files anew.
"""

import os
from dataclasses import replace
from datetime import date

import pytest
from sqlglot import tokenize

from ab_assets.settings import PROJECT_ROOT
from ab_assets.warehouse.interface import Partition
from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.starrocks import overwrite as texts
from ab_assets.warehouse.starrocks import provenance_texts as provenances
from ab_assets.warehouse.starrocks.schema import add_text, create_texts
from ab_assets.warehouse.starrocks.text import Text
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.tables import Column, TableDefinition
from tests.warehouse.conftest import DAY, TABLE, provenance

GOLDEN = PROJECT_ROOT / "tests" / "golden" / "starrocks"
WRITE = os.environ.get("AB_WRITE_GOLDEN") == "1"
LABEL = "ab_toy_0123456789abcdef"
STAGE = "`ab`.`ab_stage_0123456789abcdef`"
BY_DAY = replace(TABLE, name="tbl_wide_user_retention_retention", partition_by=("event_date",))
BY_TAG = replace(TABLE, name="tbl_report", partition_by=("tag",), sort_key=("tag",))
BY_BOTH = {"tag": "chat-entry", "event_date": DAY}
QUERY = Statement(
    "toy.sql",
    "-- Rows of a day.\nSELECT :tag AS tag, :day AS event_date, user_id, n % 10 AS n, share\n"
    "FROM ab.source\nWHERE user_id LIKE 'u%' AND active = :active AND seen_at < :until -- the end",
    {"tag": "chat-entry", "day": DAY, "active": True, "until": provenance().computed_at},
)


def overwrite(table: TableDefinition, partition: Partition) -> Text:
    return texts.overwrite_text(table, partition, QUERY, LABEL)


def days() -> Text:
    rows, values = texts.old_rows(TABLE, "chat-entry", DAY)
    return Text(f"SELECT count(*) AS n {rows};\nDELETE {rows}", values)


def provenance_order() -> Text:
    made = provenance(tag="chat-entry")
    return Text(
        ";\n".join(
            [
                provenances.rows_text(made),
                provenances.insert_text(LABEL),
                "-- the partition is overwritten\n" + provenances.rows_text(made),
                provenances.delete_text(made, writing=False),
                provenances.insert_text(LABEL),
                provenances.delete_text(made, writing=True),
            ]
        )
    )


ITEMS = "`tag`, `event_date`, `user_id`, `n`, parse_json(`share`)"
TEXTS = {
    "overwrite_tag_and_day": overwrite(TABLE, BY_BOTH),
    "overwrite_day": overwrite(BY_DAY, {"event_date": DAY}),
    "overwrite_tag": overwrite(BY_TAG, {"tag": "chat-entry"}),
    "overwrite_rows": texts.overwrite_from(TABLE, BY_BOTH, LABEL, ITEMS, STAGE),
    "overwrite_with_nothing": texts.empty_text(TABLE, BY_BOTH, LABEL),
    "columns_of_a_query": texts.columns_text(QUERY),
    "count_a_partition": texts.count_text(TABLE, BY_BOTH),
    "append": texts.append_text(TABLE, LABEL, ITEMS, STAGE),
    "insert": Text(
        texts.labelled("INSERT INTO `ab`.`toy` (tag) SELECT %(tag)s", LABEL), {"tag": "x"}
    ),
    "drop_partitions": days(),
    "drop_partitions_of_one_tag": Text("DELETE " + texts.old_rows(BY_DAY, "x", DAY)[0]),
    "provenance": provenance_order(),
    "provenance_without_a_day": Text(provenances.delete_text(provenance(day=None), writing=False)),
    "provenance_withdraw": Text(provenances.withdraw_text(provenance())),
    "provenance_read": Text(provenances.read_text(None, None)),
    "provenance_read_one": Text(provenances.read_text("chat-entry", DAY)),
    "provenance_drop": Text(provenances.drop_text()),
    "ensure": Text(";\n".join(create_texts(TABLE, 3))),
    "ensure_provenance": Text(";\n".join(create_texts(fixed_table(provenances.TABLE), 1))),
    "ensure_column": Text(add_text(TABLE, Column("rate", "DOUBLE", "100% of 'all'"))),
}


def whole(text: Text) -> str:
    values = "".join(f"-- {name} = {value!r}\n" for name, value in sorted(text.values.items()))
    return f"{text.text}\n{values}"


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_reads_as_its_golden_file(name: str) -> None:
    path = GOLDEN / f"{name}.sql"
    if WRITE:
        path.write_text(whole(TEXTS[name]), encoding="utf-8")
    assert path.exists(), "AB_WRITE_GOLDEN=1 writes it"
    assert whole(TEXTS[name]) == path.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.sql")} == set(TEXTS)


@pytest.mark.parametrize("name", [name for name in TEXTS if name.startswith("overwrite")])
def test_every_overwrite_names_its_partition_before_its_columns(name: str) -> None:
    words = [token.text.upper() for token in tokenize(TEXTS[name].text, read="starrocks")]
    assert words[:2] == ["INSERT", "OVERWRITE"]
    assert words[5] == "PARTITION"
    assert "2026-01-02" in words or "CHAT-ENTRY" in words


def test_values_of_a_query_are_bound_and_not_written() -> None:
    text = overwrite(BY_DAY, {"event_date": date(2026, 1, 3)})
    assert "chat-entry" not in text.text
    assert text.values["tag"] == "chat-entry"

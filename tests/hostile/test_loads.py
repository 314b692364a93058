"""Files of exposures and events that were made to lose rows, break readers or inject something."""

import csv
import gzip
import io
import itertools
import json
import os
import sys
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ab_assets.errors import LoadError
from ab_assets.warehouse.statements import Statement
from tests.hostile.conftest import Doors
from tests.hostile.corpus import LONG, SURROGATES, TEXTS, fuzz, texts

Write = Callable[[str, str | bytes], Path]

HEADER = ["user_id", "experiment_key", "variation_key", "exposed_at", "country"]
AT = "2026-01-02T12:00:00Z"
_keys = map(str, itertools.count())


def as_csv(rows: list[list[str]], header: list[str] | None = None) -> str:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([header or HEADER, *rows])
    return text.getvalue()


def exposure(**changes: object) -> dict[str, object]:
    return {
        "user_id": "u1",
        "experiment_key": "gate",
        "variation_key": "0",
        "exposed_at": AT,
    } | changes


def event(**changes: object) -> dict[str, object]:
    return {"event_name": "visit", "user_id": "u1", "event_time": AT} | changes


def as_lines(*rows: dict[str, object]) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def as_parquet(path: Path, **columns: pa.Array) -> Path:
    given = {
        "user_id": pa.array(["u1"]),
        "experiment_key": pa.array(["gate"]),
        "variation_key": pa.array(["0"]),
        "exposed_at": pa.array([datetime(2026, 1, 2)]),  # noqa: DTZ001
    } | columns
    pq.write_table(pa.table(given), path)
    return path


def is_kept(text: str) -> bool:
    return bool(text.strip()) and len(text.encode()) <= 65533


@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet"])
def test_every_text_comes_out_of_a_load_as_it_went_in(
    doors: Doors, written: Write, form: str
) -> None:
    key = f"texts {form}"
    given = [[text, key, text, AT, text] for text in TEXTS]
    if form == "csv":
        path = written("a.csv", as_csv(given))
    elif form == "ndjson":
        path = written(
            "a.ndjson", as_lines(*(dict(zip(HEADER, row, strict=True)) for row in given))
        )
    else:
        path = doors.path("a.parquet")
        pl.DataFrame(given, schema=HEADER, orient="row").write_parquet(path)
    report = doors.load(path)
    kept = [text for text in TEXTS if is_kept(text)]
    assert report.rows_loaded == len(kept)
    for column in ("user_id", "variation_key", "country"):
        assert sorted(doors.column("ab_source.exposures", column, key)) == sorted(kept)


@fuzz
@given(rows=st.lists(st.tuples(texts(), texts(), texts(), texts()), min_size=1, max_size=4))
def test_a_csv_row_is_loaded_verbatim_or_rejected_with_its_reason(
    doors: Doors, rows: list[tuple[str, str, str, str]]
) -> None:
    key = f"fuzz {next(_keys)}"
    path = doors.path("a.csv")
    path.write_bytes(as_csv([[user, key, arm, at, land] for user, arm, at, land in rows]).encode())
    report = doors.load(path)
    assert report.rows_read == len(rows)
    assert all(reason for _, reason, _ in doors.rejected(report))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | texts(surrogates=True)
    | st.just("2026-01-02T12:00:00Z"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(texts(surrogates=True), inner, max_size=3)
    ),
    max_leaves=5,
)


@fuzz
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {"event_name": JSON, "user_id": JSON, "event_time": JSON},
            optional={
                "event_id": JSON,
                "value": JSON,
                "properties": JSON,
                "country": JSON,
                "row_number": JSON,
                "\ud800": JSON,
            },
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_line_of_any_json_is_loaded_or_rejected_with_its_reason(
    doors: Doors, rows: list[dict[str, object]]
) -> None:
    path = doors.path("a.ndjson")
    first = event(event_id=next(_keys))  # a file without any readable line is refused as a whole
    path.write_text(as_lines(first, *rows), encoding="utf-8")
    assert doors.load(path, "events").rows_read == len(rows) + 1


@fuzz
@given(
    content=st.binary(max_size=80) | st.builds(str.encode, texts()),
    name=st.sampled_from(["a.csv", "a.csv.gz", "a.ndjson", "a.ndjson.gz", "a.parquet"]),
    packed=st.booleans(),
)
def test_a_file_of_any_bytes_is_refused_in_a_sentence(
    doors: Doors, content: bytes, name: str, *, packed: bool
) -> None:
    path = doors.path(name)
    path.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(LoadError, match=r"a\.(csv|ndjson|parquet)"):
        doors.load(path)


@pytest.mark.parametrize("text", SURROGATES)
@pytest.mark.parametrize("column", ["user_id", "country", "unknown", None])
def test_a_line_with_half_a_surrogate_pair_is_rejected_with_its_text(
    doors: Doors, written: Write, text: str, column: str | None
) -> None:
    bad = (
        exposure(**{column or text: text}, user_id=f"u{column}{text!r}")
        if column != ("user_id")
        else exposure(user_id=text)
    )
    report = doors.load(written("a.ndjson", as_lines(exposure(), bad)))
    assert report.rows_loaded == 1
    ((number, reason, raw),) = doors.rejected(report)
    assert number == 2
    assert "surrogate" in reason
    assert json.loads(raw) == bad


@pytest.mark.parametrize(
    "value", [1.5, 3.0, 1e300, float("nan"), float("inf"), [1], {"a": 1}], ids=repr
)
@pytest.mark.parametrize("column", ["user_id", "variation_key"])
def test_a_line_whose_id_is_a_fraction_or_nested_is_rejected(
    doors: Doors, written: Write, column: str, value: object
) -> None:
    report = doors.load(written("a.ndjson", as_lines(exposure(), exposure(**{column: value}))))
    ((_, reason, _),) = doors.rejected(report)
    assert reason.startswith(f"{column} is ")


def test_a_line_that_says_a_key_twice_is_rejected_not_half_read(
    doors: Doors, written: Write
) -> None:
    twice = json.dumps(exposure()).replace("{", '{"user_id": "u2", ', 1)
    report = doors.load(written("a.ndjson", as_lines(exposure()) + twice + "\n"))
    assert [reason for _, reason, _ in doors.rejected(report)] == ["the key 'user_id' stands twice"]


def test_a_byte_order_mark_costs_no_line(doors: Doors, written: Write) -> None:
    lines = as_lines(exposure(experiment_key="marked"), exposure(experiment_key="marked"))
    report = doors.load(written("a.ndjson", b"\xef\xbb\xbf" + lines.encode()))
    assert report.rows_loaded == 2


@pytest.mark.parametrize(
    "content",
    [json.dumps([exposure()], indent=1), as_csv([])],
    ids=["an array over several lines", "CSV"],
)
def test_a_file_of_no_json_lines_says_what_is_wrong_with_the_first(
    written: Write, doors: Doors, content: str | bytes
) -> None:
    with pytest.raises(
        LoadError, match=r"no line of the first .* is a JSON object; the first: the"
    ):
        doors.load(written("a.ndjson", content))


@pytest.mark.parametrize("name", ["a.csv.gz", "a.ndjson.gz"])
def test_a_compressed_file_that_is_damaged_inside_is_refused(
    doors: Doors, written: Write, name: str
) -> None:
    packed = zlib.compressobj(wbits=31)
    text = b"".join(as_csv([[str(number)] * 5]).encode() for number in range(2000))
    whole = bytearray(packed.compress(text) + packed.flush())
    whole[20:40] = b"\xff" * 20
    with pytest.raises(LoadError, match="the file cannot be read"):
        doors.load(written(name, bytes(whole)))


@pytest.mark.parametrize("closed", ["", "\n"])
def test_a_quote_that_is_never_closed_swallows_no_rows_unseen(
    doors: Doors, written: Write, closed: str
) -> None:
    rows = "".join(f"u{number},open,0,{AT},DE\n" for number in range(3))
    text = f'{",".join(HEADER)}\n{rows}u3,open,0,{AT},"DE\n{rows}{closed}'
    report = doors.load(written("a.csv", text))
    ((number, reason, raw),) = doors.rejected(report)
    assert (report.rows_loaded, number) == (3, 4)
    assert reason == "a quote is opened and never closed: what follows may be rows"
    assert "u2,open" in raw


def test_line_breaks_in_the_last_field_of_a_file_are_no_fault(doors: Doors, written: Write) -> None:
    text = as_csv([["u1", "breaks", "0", AT, "one\ntwo"]]).rstrip("\n")
    assert doors.load(written("a.csv", text)).rows_loaded == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"PAR1 \x15\x04\x15\xb5\n\x15", "it is a Parquet file by its content"),
        ("a.ndjson", b"PAR1 \x15\x04\x15\xb5\n\x15", "it is a Parquet file by its content"),
        ("a.csv", gzip.compress(b"a,b\n1,2\n"), "it is compressed by its content"),
        ("a.ndjson", gzip.compress(b'{"a": 1}\n'), "it is compressed by its content"),
        ("a.csv", ",".join(HEADER).encode("utf-16"), "it is UTF-16"),
        ("a.ndjson", as_lines(exposure()).encode("utf-16"), "it is UTF-16"),
    ],
)
def test_a_file_under_a_wrong_name_is_told_its_right_one(
    doors: Doors, written: Write, name: str, content: bytes, said: str
) -> None:
    with pytest.raises(LoadError, match=said):
        doors.load(written(name, content))


def test_a_narrow_row_that_is_not_utf_8_stops_the_file_without_a_traceback(
    doors: Doors, written: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    unraised: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", unraised.append)
    text = as_csv([["u1", "gate", "0", AT, "DE"]]).encode() + b"\xe9\n"
    with pytest.raises(LoadError, match="line 3 is not UTF-8"):
        doors.load(written("a.csv", text))
    assert unraised == []


PECULIAR = {
    "duration": pa.array([timedelta(1)]),
    "wide decimal": pa.array([Decimal(1)], pa.decimal256(50, 0)),
    "bytes": pa.array([b"\xff"]),
    "list": pa.array([["a"]]),
    "struct": pa.array([{"a": 1}]),
    "map": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
    "fraction": pa.array([1.0], pa.float32()),
    "decimal": pa.array([Decimal("1.5")]),
    "no text": pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")]
    ),
}


@pytest.mark.parametrize("kind", PECULIAR.values(), ids=PECULIAR)
def test_a_parquet_id_of_a_peculiar_type_stops_the_file_in_a_sentence(
    doors: Doors, kind: pa.Array
) -> None:
    with pytest.raises(LoadError, match=r"a\.parquet: "):
        doors.load(as_parquet(doors.path("a.parquet"), user_id=kind))


@pytest.mark.parametrize(
    "kind", [kind for kind in PECULIAR if kind not in {"no text", "wide decimal"}]
)
def test_a_column_of_a_peculiar_type_that_nobody_wants_stops_nothing_but_is_told(
    doors: Doors, kind: str
) -> None:
    path = as_parquet(
        doors.path("a.parquet"), own=PECULIAR[kind], experiment_key=pa.array([f"own {kind}"])
    )
    report = doors.load(path)
    assert (report.rows_loaded, report.unknown_columns) == (1, ("own",))


@pytest.mark.parametrize(
    "kind", [kind for kind in PECULIAR if kind not in {"no text", "wide decimal"}]
)
def test_a_rejected_row_keeps_a_column_of_a_peculiar_type_as_text(doors: Doors, kind: str) -> None:
    path = as_parquet(doors.path("a.parquet"), own=PECULIAR[kind], user_id=pa.array([""]))
    ((_, reason, raw),) = doors.rejected(doors.load(path))
    assert reason == "user_id is empty"
    assert "own" in json.loads(raw)


@pytest.mark.parametrize(
    "time",
    [
        pa.array([-(2**62)], pa.timestamp("ms")),
        pa.array([2**63 - 1], pa.timestamp("us")),
        pa.array([2**63 - 1], pa.timestamp("ns")),
        pa.array([-(2**62)], pa.timestamp("us", "Asia/Shanghai")),
        pa.array([2**64 - 1], pa.uint64()),
    ],
    ids=str,
)
def test_a_time_outside_any_calendar_is_rejected(doors: Doors, time: pa.Array) -> None:
    path = as_parquet(doors.path("a.parquet"), exposed_at=time)
    ((_, reason, raw),) = doors.rejected(doors.load(path))
    assert "is no time between 1970 and 2100" in reason
    assert json.loads(raw)["user_id"] == "u1"


@pytest.mark.parametrize("kind", ["folder", "loop", "nowhere", "pipe"])
def test_what_is_no_file_is_refused(doors: Doors, kind: str) -> None:
    path = doors.path("a.csv")
    {
        "folder": path.mkdir,
        "loop": lambda: path.symlink_to(path),
        "nowhere": lambda: path.symlink_to(path.parent / "nowhere"),
        "pipe": lambda: os.mkfifo(path),
    }[kind]()
    with pytest.raises(LoadError, match=r"a\.csv: there is no such file"):
        doors.load(path)


def test_a_link_to_a_file_is_that_file(doors: Doors) -> None:
    path = doors.path("a.csv")
    target = path.parent / "elsewhere"
    target.write_text(as_csv([["u1", "linked", "0", AT, "DE"]]))
    path.symlink_to(target)
    assert doors.load(path).rows_loaded == 1


@pytest.mark.parametrize("name", ["a\n[bold]\x1b[31m.csv", "'; DROP TABLE x; --.csv", "=1+1.csv"])
def test_a_file_may_have_any_name(doors: Doors, written: Write, name: str) -> None:
    assert doors.load(written(name, as_csv([["u1", name, "0", AT, "DE"]]))).rows_loaded == 1


def test_a_file_name_that_is_not_utf_8_is_refused_in_a_sentence(
    doors: Doors, written: Write
) -> None:
    path = written(os.fsdecode(b"a\xff.csv"), as_csv([["u1", "gate", "0", AT, "DE"]]))
    with pytest.raises(LoadError, match="its name is not UTF-8"):
        doors.load(path)


def test_ids_of_any_length_are_loaded_or_rejected(doors: Doors, written: Write) -> None:
    rows = [["x" * 65533, "long", "0", AT, LONG], [LONG, "long", "0", AT, "DE"]]
    report = doors.load(written("a.csv", as_csv(rows)))
    assert (report.rows_loaded, report.reasons) == (1, ("user_id is longer than 65533 bytes",))
    assert doors.column("ab_source.exposures", "country", "long") == [LONG]


def test_a_column_named_as_ours_is_only_a_column(doors: Doors, written: Write) -> None:
    header = [*HEADER, "row_number", "reason", "raw", "load_label"]
    rows = [
        ["u1", "named", "0", AT, "DE", "7", "r", "w", "l"],
        ["", "n", "0", AT, "", "8"] + [""] * 3,
    ]
    report = doors.load(written("a.csv", as_csv(rows, header)))
    ((number, reason, raw),) = doors.rejected(report)
    assert (report.rows_loaded, number, reason) == (1, 2, "user_id is empty")
    assert json.loads(raw)["experiment_key"] == "n"


def test_now_is_the_time_of_the_load_whatever_the_file_says(doors: Doors, written: Write) -> None:
    row = exposure(experiment_key="booked", loaded_at="1999-01-01T00:00:00Z", user_id="")
    report = doors.load(written("a.ndjson", as_lines(exposure(), row)))
    text = f"SELECT loaded_at FROM ab_source.rejected WHERE load_label = '{report.label}'"
    told = doors.warehouse.fetch(Statement("booked", text, {})).item()
    assert told.replace(tzinfo=UTC).year == 2026

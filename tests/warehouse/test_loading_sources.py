import gzip
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from ab_assets.errors import LoadError
from ab_assets.warehouse import loading_sources
from ab_assets.warehouse.loading_sources import open_source


def file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows(path: Path) -> list[dict[str, object]]:
    return [row for chunk in open_source(path).chunks() for row in chunk.rows.iter_rows(named=True)]


def unreadable(path: Path) -> list[tuple[int, str, str]]:
    return [row for chunk in open_source(path).chunks() for row in chunk.unreadable.iter_rows()]


def test_a_csv_file_is_text_with_row_numbers(tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", "user_id,value\n007,1.0\n12345678901234567890,2\n")
    assert rows(path) == [
        {"user_id": "007", "value": "1.0", "row_number": 1},
        {"user_id": "12345678901234567890", "value": "2", "row_number": 2},
    ]


def test_an_empty_field_is_null_and_a_quoted_one_is_empty_text(tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", 'a,b,c\n,"",\\N\n')
    assert rows(path) == [{"a": None, "b": "", "c": None, "row_number": 1}]


def test_a_csv_field_may_hold_quotes_commas_and_line_breaks(tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", 'a,b\n"x ""y"", z","one\ntwo"\n')
    assert rows(path) == [{"a": 'x "y", z', "b": "one\ntwo", "row_number": 1}]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert open_source(file(tmp_path, "a.csv", b"\xef\xbb\xbfa,b\n1,2\n")).columns == ("a", "b")


def test_a_csv_row_of_another_width_is_unreadable_and_keeps_its_number(tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", 'a,b\n1,2\nbad\n"x\ny",3\n4,5,6\n7,8\n')
    assert [row["row_number"] for row in rows(path)] == [1, 3, 5]
    assert unreadable(path) == [
        (2, "the row has 1 fields, the header 2", "bad"),
        (4, "the row has 3 fields, the header 2", "4,5,6"),
    ]


def test_row_numbers_run_on_over_the_blocks_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading_sources, "_BLOCK_BYTES", 64)
    lines = [f"u{number},x" if number % 7 else f"u{number}" for number in range(1, 201)]
    path = file(tmp_path, "a.csv", "user_id,b\n" + "\n".join(lines) + "\n")
    assert [row["user_id"] for row in rows(path)] == [f"u{row['row_number']}" for row in rows(path)]
    assert [number for number, _, _ in unreadable(path)] == list(range(7, 201, 7))
    assert len(list(open_source(path).chunks())) > 3


def test_a_csv_file_of_unreadable_rows_alone_has_them(tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", "a,b\n1\n2\n")
    assert (rows(path), [number for number, _, _ in unreadable(path)]) == ([], [1, 2])


def test_a_compressed_csv_file_is_read(tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv.gz", gzip.compress(b"a\n1\n"))
    assert rows(path) == [{"a": "1", "row_number": 1}]


@pytest.mark.parametrize("name", ["a.ndjson", "a.jsonl", "A.JSONL"])
def test_a_line_of_json_is_a_row_of_text(tmp_path: Path, name: str) -> None:
    line = (
        '{"id": 12345678901234567890, "v": 1.5, "ok": true, "p": {"é": [1, null]}, '
        '"n": null, "t": "007"}'
    )
    assert rows(file(tmp_path, name, line + "\n")) == [
        {
            "id": "12345678901234567890",
            "v": "1.5",
            "ok": "true",
            "p": '{"é": [1, null]}',
            "n": None,
            "t": "007",
            "row_number": 1,
        }
    ]


def test_lines_may_have_different_keys(tmp_path: Path) -> None:
    path = file(tmp_path, "a.jsonl", '{"a": 1}\n\n{"b": 2}')
    assert rows(path) == [
        {"a": "1", "b": None, "row_number": 1},
        {"a": None, "b": "2", "row_number": 2},
    ]


def test_a_line_that_is_no_json_object_is_unreadable_and_keeps_its_number(tmp_path: Path) -> None:
    path = file(tmp_path, "a.jsonl", b'{"a": 1}\n{"a": \n[1]\n\xff\n{"a": 2}\n')
    assert [row["row_number"] for row in rows(path)] == [1, 5]
    assert [
        (number, reason.partition(":")[0], raw) for number, reason, raw in unreadable(path)
    ] == [
        (2, "the line is no JSON", '{"a": '),
        (3, "the line is no JSON object", "[1]"),
        (4, "the line is no JSON", "\ufffd"),
    ]


def test_lines_nested_too_deep_are_unreadable(tmp_path: Path) -> None:
    deep = '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}\n"
    path = file(tmp_path, "a.jsonl", f'{{"a": 1}}\n{deep}')
    assert len(unreadable(path)) == 1


def test_line_numbers_run_on_over_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading_sources, "CHUNK_ROWS", 3)
    path = file(tmp_path, "a.jsonl", "".join(f'{{"a": {number}}}\n' for number in range(1, 11)))
    assert [row["row_number"] for row in rows(path)] == list(range(1, 11))
    assert len(list(open_source(path).chunks())) == 4


def test_a_compressed_file_of_lines_is_read(tmp_path: Path) -> None:
    path = file(tmp_path, "a.ndjson.gz", gzip.compress(b'{"a": 1}\n'))
    assert rows(path) == [{"a": "1", "row_number": 1}]


def test_a_parquet_file_keeps_its_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading_sources, "CHUNK_ROWS", 2)
    pl.DataFrame({"a": [1, 2, 3], "b": ["x", None, "z"]}).write_parquet(tmp_path / "a.parquet")
    assert rows(tmp_path / "a.parquet") == [
        {"a": 1, "b": "x", "row_number": 1},
        {"a": 2, "b": None, "row_number": 2},
        {"a": 3, "b": "z", "row_number": 3},
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "", "the file has no rows"),
        ("a.csv", "a,b\n", "the file has no rows"),
        ("a.jsonl", "", "the file has no rows"),
        ("a.jsonl", "\n \n", "the file has no rows"),
        ("a.parquet", "no parquet", "the file cannot be read"),
        ("a.parquet", "", "the file cannot be read"),
        ("a.csv.gz", "no gzip", "the file cannot be read"),
        ("a.jsonl.gz", "no gzip", "the file cannot be read"),
        ("a.csv", b"a,b\n\xff\xfe,1\n", "line 2 is not UTF-8"),
        ("a.csv", "a,b,a\n1,2,3\n", "the header has the column 'a' twice"),
        ("a.json", "[]", r"its suffix is of no known format; name it \.parquet, \.csv"),
        ("a", "x", "its suffix is of no known format"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(
    tmp_path: Path, name: str, content: str | bytes, said: str
) -> None:
    with pytest.raises(LoadError, match=rf"{name}: .*{said}|{name}: {said}"):
        open_source(file(tmp_path, name, content))


def test_a_parquet_file_without_rows_is_refused(tmp_path: Path) -> None:
    pl.DataFrame({"a": []}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(LoadError, match="the file has no rows"):
        open_source(tmp_path / "a.parquet")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"a\.csv: there is no such file"):
        open_source(tmp_path / "a.csv")


def test_a_file_cut_short_is_an_error_when_it_is_read(tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(b'{"a": %d}\n' % number for number in range(5000)))
    path = file(tmp_path, "a.jsonl.gz", whole[: len(whole) // 2])
    with pytest.raises(LoadError, match=r"a\.jsonl\.gz: the file cannot be read"):
        list(open_source(path).chunks())


def test_a_parquet_file_is_not_kept_in_memory_as_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading_sources, "CHUNK_ROWS", 1)
    path = tmp_path / "a.parquet"
    frame = pl.DataFrame({"a": [str(row) * 500_000 for row in range(10)]})
    frame.write_parquet(path, row_group_size=1, compression="uncompressed")
    before = pa.total_allocated_bytes()
    held = [pa.total_allocated_bytes() - before for _ in open_source(path).chunks()]
    assert len(held) == 10
    assert max(held) < 2_500_000

"""Files as raw chunks: Parquet, CSV and NDJSON, read as a stream.

What belongs here: formats, row numbers, rows no reader can make sense of. What does not: whether
a row is any good.
"""

import codecs
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Protocol

import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from ab_assets.errors import LoadError
from ab_assets.warehouse.loading_bytes import Utf8File, check_file, check_text, open_bytes
from ab_assets.warehouse.loading_times import with_calendar_times
from ab_assets.warehouse.loading_types import ROW_NUMBER

CHUNK_ROWS = 65_536
_BLOCK_BYTES = 1 << 22
_REJECT_SCHEMA = {ROW_NUMBER: pl.Int64, "reason": pl.String, "raw": pl.String}
_UNCLOSED = "a quote is opened and never closed: what follows may be rows"
_SUFFIXES = ".parquet, .csv, .csv.gz, .ndjson, .jsonl, .ndjson.gz or .jsonl.gz"


@dataclass(frozen=True)
class RawChunk:
    """Rows as the file has them, and the rows that could not be read at all.

    Attributes:
        rows: The file's columns and ``row_number`` (the first row of data is 1).
        unreadable: ``row_number``, ``reason``, ``raw``.
    """

    rows: pl.DataFrame
    unreadable: pl.DataFrame


class Source(Protocol):
    """A file that can be read as chunks."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns the file is known to have before it is read."""
        ...

    def chunks(self) -> Iterator[RawChunk]:
        """The rows; can be called again."""
        ...


def open_source(path: Path, ids: frozenset[str] = frozenset()) -> Source:
    """Finds the reader of a file by its suffix and looks at its beginning.

    Args:
        path: The file.
        ids: The columns that name things; where a file has a type for each value, no fraction and
            nothing nested is one.

    Raises:
        LoadError: The file is missing, empty, unreadable or of no known format.
    """
    name = path.name.lower()
    check_file(path)
    kinds: dict[tuple[str, ...], Callable[[Path], Source]] = {
        (".parquet",): ParquetSource,
        (".csv", ".csv.gz"): CsvSource,
        (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz"): lambda given: NdjsonSource(given, ids),
    }
    for suffixes, kind in kinds.items():
        if name.endswith(suffixes):
            with reading(path):
                return kind(path)
    message = f"{path}: its suffix is of no known format; name it {_SUFFIXES}"
    raise LoadError(message)


class reading:  # noqa: N801  reads as a verb at its two uses
    """Turns what a reader raises into a LoadError that names the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        """Nothing to set up."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Raises the LoadError."""
        if isinstance(
            error,
            OSError
            | EOFError
            | zlib.error
            | pa.ArrowException
            | UnicodeError
            | pl.exceptions.PolarsError,
        ):
            message = f"{self._path}: the file cannot be read: {str(error).strip().splitlines()[0]}"
            raise LoadError(message) from None


class ParquetSource:
    """A Parquet file; its columns keep their types."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with pyarrow.parquet.ParquetFile(path) as file:
            self._columns = tuple(file.schema_arrow.names)
            for column in file.schema_arrow:
                if "decimal256" in str(column.type):  # polars would end the process over it
                    message = (
                        f"{path}: the column {column.name} is {column.type}, which is too wide to "
                        "be read; leave it out or write it as text"
                    )
                    raise LoadError(message)
            if file.metadata.num_rows == 0:
                _refuse_empty(path)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the schema."""
        return self._columns

    def chunks(self) -> Iterator[RawChunk]:
        """One chunk for each batch."""
        start = 1
        # With pre_buffer the reader keeps every byte it has read of the file until its end.
        with (
            reading(self._path),
            pyarrow.parquet.ParquetFile(self._path, pre_buffer=False) as file,
        ):
            for batch in file.iter_batches(batch_size=CHUNK_ROWS):
                batch.validate(full=True)
                frame = with_calendar_times(pl.DataFrame(pa.Table.from_batches([batch])))
                numbers = pl.int_range(start, start + frame.height, dtype=pl.Int64, eager=True)
                start += frame.height
                yield RawChunk(frame.with_columns(numbers.alias(ROW_NUMBER)), _unreadable([]))


class CsvSource:
    r"""A CSV file: commas, a header, double quotes.

    Every column is text; an empty field or ``\N`` is NULL, a quoted empty field is empty text.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if path.stat().st_size == 0:
            _refuse_empty(path)
        check_text(path)
        with self._open({}, []) as (reader, _):
            self._columns = tuple(reader.schema.names)
        doubled = [name for name in self._columns if self._columns.count(name) > 1]
        if doubled:
            message = f"{path}: the header has the column {doubled[0]!r} twice"
            raise LoadError(message)
        if not any(chunk.rows.height + chunk.unreadable.height for chunk in self.chunks()):
            _refuse_empty(path)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the header."""
        return self._columns

    def chunks(self) -> Iterator[RawChunk]:
        """One chunk for each block; a row with too few or too many fields is unreadable."""
        invalid: list[pyarrow.csv.InvalidRow] = []
        reported = 0
        next_number = 1
        kinds = dict.fromkeys(self._columns, pa.string())
        held: RawChunk | None = None
        with reading(self._path), self._open(kinds, invalid) as (reader, file):
            for batch in reader:
                if held is not None:
                    yield held
                frame = pl.DataFrame(pa.Table.from_batches([batch]))
                skipped = {row.number - 1 for row in invalid}
                numbers = _numbers(next_number, frame.height, skipped)
                next_number = numbers[-1] + 1 if len(numbers) else next_number
                unreadable = _unreadable([_wrong_width(row) for row in invalid[reported:]])
                reported = len(invalid)
                held = RawChunk(frame.with_columns(numbers.alias(ROW_NUMBER)), unreadable)
        if reported < len(invalid):
            rest = _unreadable([_wrong_width(row) for row in invalid[reported:]])
            yield from [held] if held is not None else []
            yield RawChunk(pl.DataFrame(schema={ROW_NUMBER: pl.Int64}), rest)
        elif held is not None:
            yield _without_unclosed(held) if file.quotes % 2 else held

    @contextmanager
    def _open(
        self, kinds: dict[str, pa.DataType], invalid: list[pyarrow.csv.InvalidRow]
    ) -> Iterator[tuple[pyarrow.csv.CSVStreamingReader, Utf8File]]:
        def skip(row: pyarrow.csv.InvalidRow) -> str:
            invalid.append(row)
            return "skip"

        with (
            Utf8File(self._path) as file,
            pyarrow.csv.open_csv(
                file,
                read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
                parse_options=pyarrow.csv.ParseOptions(
                    newlines_in_values=True, invalid_row_handler=skip
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    column_types=kinds,
                    null_values=["", "\\N"],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                ),
            ) as reader,
        ):
            yield reader, file


class NdjsonSource:
    """One JSON object a line. Values become text; objects and arrays stay JSON."""

    _LOOK_AHEAD = 1000

    def __init__(self, path: Path, ids: frozenset[str] = frozenset()) -> None:
        self._path = path
        self._ids = ids
        check_text(path)
        found: dict[str, None] = {}
        problems: list[str] = []
        lines = 0
        for line in self._lines():
            row, problem = _read_line(line, ids)
            lines += 1
            found.update(dict.fromkeys(row or {}))
            problems += [problem] if row is None else []
            if lines >= self._LOOK_AHEAD:
                break
        if not lines:
            _refuse_empty(path)
        if len(problems) == lines:
            message = (
                f"{path}: no line of the first {lines} is a JSON object; the first: {problems[0]}"
            )
            raise LoadError(message)
        self._columns = tuple(found)

    @property
    def columns(self) -> tuple[str, ...]:
        """The keys of the first lines."""
        return self._columns

    def chunks(self) -> Iterator[RawChunk]:
        """One chunk for some thousand lines; blank lines are left out and not numbered."""
        rows: list[dict[str, str | int | None]] = []
        bad: list[tuple[int, str, str]] = []
        with reading(self._path):
            for number, line in enumerate(self._lines(), 1):
                row, problem = _read_line(line, self._ids)
                if row is None:
                    bad.append((number, problem, line.decode(errors="replace").rstrip("\r\n")))
                else:
                    rows.append({**row, ROW_NUMBER: number})
                if len(rows) + len(bad) >= CHUNK_ROWS:
                    yield _line_chunk(rows, bad)
                    rows, bad = [], []
        if rows or bad:
            yield _line_chunk(rows, bad)

    def _lines(self) -> Iterator[bytes]:
        """The lines that are not blank, without a byte order mark."""
        with open_bytes(self._path) as file:
            for place, line in enumerate(file):
                text = line if place else line.removeprefix(codecs.BOM_UTF8)
                if text.strip():
                    yield text


def _read_line(line: bytes, ids: frozenset[str]) -> tuple[dict[str, str | None] | None, str]:
    """The row, or what is wrong with it."""
    try:
        value = json.loads(line.decode(), object_pairs_hook=_once)
        if not isinstance(value, dict):
            return None, "the line is no JSON object"
        if b"\\u" in line:
            json.dumps(value, ensure_ascii=False).encode()
        for name in ids & value.keys():
            if isinstance(value[name], float | list | dict):
                return None, (
                    f"{name} is {'a fraction' if isinstance(value[name], float) else 'nested'}; "
                    "write ids as text or whole numbers"
                )
        return {key: _as_text(item) for key, item in value.items()}, ""
    except _TwiceError as error:
        return None, str(error)
    except UnicodeEncodeError:
        return None, "the line holds half of a surrogate pair, which is no text"
    except (ValueError, RecursionError) as error:
        return None, f"the line is no JSON: {error}"


class _TwiceError(ValueError):
    """An object has a key twice: whichever is kept, a value would be lost."""


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        message = f"the key {twice!r} stands twice"
        raise _TwiceError(message)
    return values


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False)


def _line_chunk(
    rows: list[dict[str, str | int | None]], bad: list[tuple[int, str, str]]
) -> RawChunk:
    names = dict.fromkeys(name for row in rows for name in row if name != ROW_NUMBER)
    schema: dict[str, type[pl.DataType]] = {**dict.fromkeys(names, pl.String), ROW_NUMBER: pl.Int64}
    frame = pl.DataFrame({name: [row.get(name) for row in rows] for name in schema}, schema=schema)
    return RawChunk(frame, _unreadable(bad))


def _without_unclosed(chunk: RawChunk) -> RawChunk:
    """The last chunk of a file with an odd number of quotes.

    Where the last field of the last row has line breaks, it is the rest of the file after a quote
    that nothing closes.
    """
    names = [name for name in chunk.rows.columns if name != ROW_NUMBER]
    last = chunk.rows.row(-1, named=True)
    if "\n" not in (last[names[-1]] or ""):
        return chunk
    raw = ",".join(last[name] or "" for name in names)
    unreadable = _unreadable([(last[ROW_NUMBER], _UNCLOSED, raw)])
    return RawChunk(chunk.rows.head(-1), pl.concat([chunk.unreadable, unreadable]))


def _wrong_width(row: pyarrow.csv.InvalidRow) -> tuple[int, str, str]:
    reason = f"the row has {row.actual_columns} fields, the header {row.expected_columns}"
    return row.number - 1, reason, row.text  # the reader counts the header as row 1


def _numbers(start: int, count: int, skipped: set[int]) -> pl.Series:
    """The next row numbers that were not skipped."""
    candidates = pl.int_range(start, start + count + len(skipped), dtype=pl.Int64, eager=True)
    if skipped:
        candidates = candidates.filter(~candidates.is_in(sorted(skipped)))
    return candidates.head(count)


def _unreadable(rows: list[tuple[int, str, str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=_REJECT_SCHEMA, orient="row")


def _refuse_empty(path: Path) -> NoReturn:
    message = f"{path}: the file has no rows"
    raise LoadError(message)

"""Tables as the cluster knows them: StarRocks's types, keys and partitions.

What belongs here: the definitions, their way into DuckDB and back, type words. What does not:
reading CREATE TABLE (ddl.py) and rows.
"""

import json
import re
from dataclasses import asdict, dataclass

from tests.starrocks.refusals import refuse_analysis

_TYPE = re.compile(r"([A-Z]+)(?:\((\d+)(?:,\s*(\d+))?\))?")
_DUCKDB_TYPES = {
    "BOOLEAN": "BOOLEAN",
    "TINYINT": "TINYINT",
    "SMALLINT": "SMALLINT",
    "INT": "INTEGER",
    "BIGINT": "BIGINT",
    "LARGEINT": "HUGEINT",
    "FLOAT": "FLOAT",
    "DOUBLE": "DOUBLE",
    "DATE": "DATE",
    "DATETIME": "TIMESTAMP",
    "VARCHAR": "VARCHAR",
    "CHAR": "VARCHAR",
    "JSON": "JSON",
}
LONGEST_TEXT = 1048576


@dataclass(frozen=True)
class StoredColumn:
    """A column.

    Attributes:
        name: Its name.
        type: Its type in StarRocks words, text always with its length in bytes.
        nullable: Whether it takes NULL.
        comment: What it means.
    """

    name: str
    type: str
    nullable: bool = True
    comment: str = ""

    @property
    def base_type(self) -> str:
        """The type without length or precision."""
        return self.type.partition("(")[0]

    @property
    def length(self) -> int | None:
        """How many bytes a text may have; None for everything else."""
        found = _TYPE.fullmatch(self.type)
        is_text = self.base_type in ("VARCHAR", "CHAR")
        return int(found[2]) if found and found[2] and is_text else None

    @property
    def duckdb_type(self) -> str:
        """The type that keeps its values."""
        return self.type if self.base_type == "DECIMAL" else _DUCKDB_TYPES[self.base_type]


@dataclass(frozen=True)
class StoredTable:
    """A table.

    Attributes:
        schema: Its database.
        name: Its name.
        columns: In order.
        key: The columns of its DUPLICATE KEY or PRIMARY KEY.
        model: ``DUP_KEYS`` or ``PRI_KEYS``, as ``information_schema.tables_config`` has it.
        partition_by: The columns whose values together name a partition.
        partition_day: The DATETIME column whose day names it instead.
        bucket_by: The columns whose hash spreads the rows; empty for RANDOM.
        buckets: How many; None where the cluster chooses.
        comment: What one row is.
        properties: The PROPERTIES, as they were given.
    """

    schema: str
    name: str
    columns: tuple[StoredColumn, ...]
    key: tuple[str, ...] = ()
    model: str = "DUP_KEYS"
    partition_by: tuple[str, ...] = ()
    partition_day: str | None = None
    bucket_by: tuple[str, ...] = ()
    buckets: int | None = None
    comment: str = ""
    properties: tuple[tuple[str, str], ...] = ()

    @property
    def qualified(self) -> str:
        """The table as ``schema.name``."""
        return f"{self.schema}.{self.name}"

    @property
    def quoted(self) -> str:
        """The table as DuckDB reads it."""
        return f'"{self.schema}"."{self.name}"'

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    def partition_value(self, name: str, value: str | None = None) -> str:
        """DuckDB's text of what a row has in a partition column; its day for a partition_day."""
        text = value or f'"{name}"'
        return f"date_trunc('day', {text})" if name == self.partition_day else text

    def column(self, name: str) -> StoredColumn:
        """The column of that name, however its letters are written.

        Raises:
            StarRocksRefusalError: There is none.
        """
        found = [column for column in self.columns if column.name.lower() == name.lower()]
        if not found:
            refuse_analysis(f"Unknown column '{name}' in '{self.name}'")
        return found[0]


def checked_type(text: str) -> str:
    """A type as the cluster stores it: INT without width, text with its length.

    Raises:
        StarRocksRefusalError: There is no such type, or no such length.
    """
    word = re.sub(r"\s+", "", text.upper()).replace("INTEGER", "INT").replace("NUMERIC", "DECIMAL")
    if word in ("STRING", "TEXT"):
        return "VARCHAR(65533)"
    found = _TYPE.fullmatch(word)
    if not found or found[1] not in {*_DUCKDB_TYPES, "DECIMAL"}:
        refuse_analysis(f"Unsupported data type: {text}")
    base, length, scale = found[1], found[2], found[3]
    if base == "DECIMAL":
        return f"DECIMAL({length or 38},{scale or (0 if length else 9)})"
    if base in ("VARCHAR", "CHAR"):
        size = int(length or 1)
        if not 1 <= size <= (LONGEST_TEXT if base == "VARCHAR" else 255):
            refuse_analysis(f"{base} size must be <= {LONGEST_TEXT}: {size}")
        return f"{base}({size})"
    return base


def to_comment(table: StoredTable) -> str:
    """The definition as text, to be kept beside the rows."""
    return json.dumps(asdict(table))


def from_comment(text: str) -> StoredTable:
    """The definition :func:`to_comment` wrote."""
    raw = json.loads(text)
    raw["columns"] = tuple(StoredColumn(**column) for column in raw["columns"])
    raw["properties"] = tuple((name, value) for name, value in raw["properties"])
    for name in ("key", "partition_by", "bucket_by"):
        raw[name] = tuple(raw[name])
    return StoredTable(**raw)

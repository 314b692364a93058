"""The statements that book a staged file.

What belongs here: texts, and the values they are sent with. What does not: their order and what
happens when one fails (``load_file``).
"""

# ruff: noqa: S608  names come from checked definitions, values are bound

from datetime import UTC, datetime

from ab_assets.warehouse.loading_types import ROW_NUMBER, FileRows
from ab_assets.warehouse.names import identifier, identifiers
from ab_assets.warehouse.starrocks.staging import Stage
from ab_assets.warehouse.starrocks.text import Text, table_name

LEDGER = """
SELECT rows_read, rows_loaded, rows_rejected FROM `ab_source`.`loads`
WHERE load_label = %(label)s LIMIT 1
"""
_UNIT_SEPARATOR, _NO_VALUE = "\x1f", "\\N"


def insert_rows(rows: FileRows, stage: Stage, label: str, *, nameless: bool) -> Text:
    """The INSERT of a file's rows: all of them or none, once for its label.

    Args:
        rows: The file.
        stage: Its rows.
        label: The label.
        nameless: Some rows have no identity, and it is made of their content.
    """
    names = identifiers(rows.table.column_names)
    source = _named(rows, stage, nameless=nameless)
    text = (
        f"INSERT INTO {table_name(rows.table.qualified)} WITH LABEL "
        f"{label} ({names}) SELECT {stage.items} FROM ({source.text}) AS staged"
    )
    return Text(text, source.values)


def count_nameless(identity: str, stage: Stage) -> str:
    """The number of staged rows that have no identity."""
    return (
        f"SELECT count(*) AS nameless FROM {stage.qualified} WHERE {identifier(identity)} IS NULL"
    )


def count_ids(rows: FileRows, identity: str, stage: Stage, *, nameless: bool, is_in: bool) -> Text:
    """How many rows have the id of another row of the file, and of one in the table before.

    Args:
        rows: The file.
        identity: The column of the ids.
        stage: Its rows.
        nameless: Some rows have no identity, and it is made of their content.
        is_in: The rows of the file itself are in the table already.
    """
    name = identifier(identity)
    source = _named(rows, stage, nameless=nameless)
    table = table_name(rows.table.qualified)
    own = "mine.times" if is_in else "0"
    text = f"""
WITH mine AS (
  SELECT {name} AS id, count(*) AS times FROM ({source.text}) AS staged GROUP BY {name}
), there AS (
  SELECT {name} AS id, count(*) AS times FROM {table}
  WHERE {name} IN (SELECT id FROM mine) GROUP BY {name}
)
SELECT sum(mine.times) - count(*) AS repeated_ids,
  sum(CASE WHEN there.times > {own} THEN mine.times ELSE 0 END) AS known_ids
FROM mine LEFT JOIN there ON there.id = mine.id
"""
    return Text(text, source.values)


def insert_rejects(stage: Stage, label: str) -> Text:
    """The INSERT of the rows that are not kept."""
    names = identifiers(column.name for column in stage.columns)
    text = (
        f"INSERT INTO `ab_source`.`rejected` WITH LABEL {label} ({names}) "
        f"SELECT {stage.items} FROM {stage.qualified}"
    )
    return Text(text, {})


def insert_ledger(rows: FileRows, label: str, loaded: int, rejected: int) -> Text:
    """The INSERT of the ledger's entry."""
    values = {
        "load_label": rows.label,
        "source_file": rows.source_file,
        "target": rows.target,
        "rows_read": loaded + rejected,
        "rows_loaded": loaded,
        "rows_rejected": rejected,
        "loaded_at": naive(rows.loaded_at),
    }
    places = ", ".join(f"%({name})s" for name in values)
    text = (
        f"INSERT INTO `ab_source`.`loads` WITH LABEL {label} ({identifiers(values)}) "
        f"VALUES ({places})"
    )
    return Text(text, values)


def naive(moment: datetime) -> datetime:
    """The time in UTC, as StarRocks keeps it."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _named(rows: FileRows, stage: Stage, *, nameless: bool) -> Text:
    """The staged rows, every one with an identity.

    A missing one is made of the content and of how often it came before in the file, not of the
    row number: the same row in another file then has the same id, and two equal rows of one file (a
    clock of whole seconds) still have two.
    """
    names = identifiers(rows.table.column_names)
    if rows.identity is None or not nameless:
        return Text(f"SELECT {names} FROM {stage.qualified}", {})
    identity = identifier(rows.identity)
    content = ", ".join(
        f"coalesce(CAST({identifier(name)} AS VARCHAR), %(no_value)s)"
        for name in rows.table.column_names
        if name != rows.identity
    )
    made = (
        f"md5(concat(content, ':', CAST(row_number() OVER (PARTITION BY content "
        f"ORDER BY {identifier(ROW_NUMBER)}) AS VARCHAR))) AS {identity}"
    )
    items = ", ".join(
        made if name == rows.identity else identifier(name) for name in rows.table.column_names
    )
    text = f"""
SELECT {names} FROM {stage.qualified} WHERE {identity} IS NOT NULL
UNION ALL
SELECT {items} FROM (
  SELECT *, md5(concat_ws(%(separator)s, {content})) AS content
  FROM {stage.qualified} WHERE {identity} IS NULL
) AS nameless
"""
    return Text(text, {"separator": _UNIT_SEPARATOR, "no_value": _NO_VALUE})

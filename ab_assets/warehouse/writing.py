"""What every warehouse asks of rows before it writes them.

What belongs here: the values that name a partition, the columns of the rows, and the words for
where a write was going. What does not: writing.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from ab_assets.errors import ConfigurationError, WarehouseError
from ab_assets.warehouse.tables import TableDefinition


def partition_values(
    table: TableDefinition, partition: Mapping[str, str | date]
) -> dict[str, str | date]:
    """The partition, when it names a fitting value for every partition column and nothing else.

    Raises:
        WarehouseError: It does not.
    """
    if not table.partition_by:
        message = f"{table.qualified} has no partitions to overwrite; append to it"
        raise WarehouseError(message)
    if set(partition) != set(table.partition_by):
        message = (
            f"{table.qualified}: a partition names {', '.join(table.partition_by)}, "
            f"but {', '.join(sorted(partition)) or 'nothing'} is given"
        )
        raise WarehouseError(message)
    for name, value in partition.items():
        is_day = isinstance(value, date) and not isinstance(value, datetime)
        fits = (
            is_day
            if table.column(name).base_type == "DATE"
            else isinstance(value, str) and value != ""
        )
        if not fits:
            message = (
                f"{table.qualified}: {value!r} is no value for the partition column {name} "
                f"({table.column(name).type})"
            )
            raise WarehouseError(message)
    return dict(partition)


def check_column_names(table: TableDefinition, given: Iterable[str]) -> None:
    """Checks that rows have exactly the columns of a table, in any order.

    Raises:
        WarehouseError: A column is missing or unknown.
    """
    names = list(given)
    missing = [name for name in table.column_names if name not in names]
    unknown = [name for name in names if name not in table.column_names]
    if missing or unknown:
        told = [f"lack {', '.join(missing)}"] if missing else []
        told += [f"have {', '.join(unknown)}, which the table does not know"] if unknown else []
        message = f"{table.qualified}: the rows {' and '.join(told)}"
        raise WarehouseError(message)


def wrong_type(table: TableDefinition, name: str, kind: str) -> WarehouseError:
    """The refusal of rows whose column would not be kept as it is."""
    column = table.column(name)
    message = (
        f"{table.qualified}: the column {name} is {column.type}, but the rows have {kind}; "
        f"write CAST(… AS {column.base_type}) in the query"
    )
    return WarehouseError(message)


def outside_partition(outside: int, total: int, example: Mapping[str, object]) -> WarehouseError:
    """The refusal of rows that are not of the partition they were to replace."""
    found = ", ".join(f"{name}={value}" for name, value in example.items())
    message = (
        f"{outside} of {total} rows are outside the partition, for example {found}; nothing "
        "was written"
    )
    return WarehouseError(message)


def place(name: str, table: TableDefinition, partition: Mapping[str, str | date]) -> str:
    """Where a write was going, for errors: the statement, the table and the partition."""
    values = ", ".join(f"{key}={value}" for key, value in partition.items())
    return f"{name} into {table.qualified} ({values})"


def dropping_place(table: TableDefinition, tag: str, before: date) -> str:
    """Where days are dropped, for errors.

    Raises:
        ConfigurationError: The table has no days.
    """
    if "event_date" not in table.partition_by:
        message = f"{table.qualified} is not partitioned by event_date; there are no days to drop"
        raise ConfigurationError(message)
    return f"drop partitions of {table.qualified} for {tag} before {before}"

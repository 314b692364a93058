"""What would change a table that is there into the one that is declared, and what is refused.

What belongs here: the one rule of evolution, the same for every warehouse: a new nullable column
is added, everything else is refused. What does not: the DDL (tables.py) and running it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ab_assets.errors import ConfigurationError
from ab_assets.warehouse.tables import Column, TableDefinition


@dataclass(frozen=True)
class TableDifference:
    """How a table that is there differs from its declaration.

    Attributes:
        table: The declaration.
        is_new: Whether there is no such table yet.
        added: The declared columns it lacks; empty for a table that is new.
        problems: What cannot be changed, as sentences without their table.
    """

    table: TableDefinition
    is_new: bool = False
    added: tuple[Column, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.is_new or self.added or self.problems)

    @property
    def refusal(self) -> str:
        """What is refused and what to do about it; empty when nothing is."""
        if not self.problems:
            return ""
        table = self.table
        return (
            f"{table.qualified}: {'; '.join(self.problems)}; put the declaration back, or rename "
            f"the table (StarRocks: ALTER TABLE {table.qualified} RENAME {table.name}_old; "
            f"DuckDB: … RENAME TO {table.name}_old) and make its partitions again with --full"
        )

    def check(self) -> None:
        """Refuses a change that cannot be made.

        Raises:
            ConfigurationError: A column has another type, is no longer declared, or is new and may
                not be NULL.
        """
        if self.problems:
            raise ConfigurationError(self.refusal)


def table_difference(table: TableDefinition, existing: Mapping[str, str]) -> TableDifference:
    """Compares a declaration with the columns a warehouse has.

    Args:
        table: The declaration.
        existing: Types by name, in the words of ``Column.base_type``; empty when there is no such
            table.
    """
    if not existing:
        return TableDifference(table, is_new=True)
    added = tuple(column for column in table.columns if column.name not in existing)
    return TableDifference(table, added=added, problems=tuple(_problems(table, existing)))


def _problems(table: TableDefinition, existing: Mapping[str, str]) -> Iterator[str]:
    for name in existing:
        if name not in table.column_names:
            yield f"the column {name} is in the warehouse but no longer declared"
    for column in table.columns:
        there = existing.get(column.name)
        if there is None and not column.nullable:
            yield (
                f"the new column {column.name} is NOT NULL, which the rows already there cannot "
                "satisfy"
            )
        elif there is not None and there != column.base_type:
            yield (
                f"the column {column.name} is {there} in the warehouse but declared "
                f"{column.base_type}"
            )

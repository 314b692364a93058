"""Replacing one partition: its rows, their number and its provenance.

What belongs here: the order of the steps. What does not: each step.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from ab_assets.warehouse.interface import Partition, Provenance
from ab_assets.warehouse.starrocks import provenance as provenances
from ab_assets.warehouse.starrocks.connection import StarRocksConnection
from ab_assets.warehouse.starrocks.errors import Patience, StarRocksError
from ab_assets.warehouse.starrocks.labels import overwrite_until_sure
from ab_assets.warehouse.starrocks.overwrite import count_text
from ab_assets.warehouse.starrocks.text import Text
from ab_assets.warehouse.tables import TableDefinition


@dataclass(frozen=True)
class Replacement:
    """What is to stand in a partition.

    Attributes:
        table: The table.
        partition: Its partition.
        text_for: The INSERT OVERWRITE under a label.
        provenance: What the partition is made from; None when nobody asks.
    """

    table: TableDefinition
    partition: Partition
    text_for: Callable[[str], Text]
    provenance: Provenance | None

    def carry_out(self, connection: StarRocksConnection, patience: Patience) -> int:
        """Replaces the partition and returns the number of its rows.

        Raises:
            StarRocksError: The cluster refused it.
            WarehouseError: It is not known what the partition is now.
        """
        if self.provenance is None:
            self._overwrite(connection, patience)
            return self._count(connection)
        provenance = replace(self.provenance, table_name=self.table.qualified)
        begun = provenances.begin(connection, provenance, patience)
        try:
            self._overwrite(connection, patience)
        except StarRocksError as error:
            if not error.in_doubt:
                provenances.withdraw(connection, provenance, begun)
            raise
        count = self._count(connection)
        provenances.finish(connection, replace(provenance, row_count=count), begun, patience)
        return count

    def _overwrite(self, connection: StarRocksConnection, patience: Patience) -> None:
        overwrite_until_sure(
            connection,
            self.text_for,
            schema=self.table.schema,
            name=self.table.name,
            patience=patience,
        )

    def _count(self, connection: StarRocksConnection) -> int:
        return counted(connection, count_text(self.table, self.partition))


def counted(connection: StarRocksConnection, text: Text) -> int:
    """The number a counting query gives."""
    return int(connection.query(text.text, text.values).rows[0][0])

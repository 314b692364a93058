"""``ab-assets schema``: the tables.

What belongs here: printing and applying DDL. What does not: the definitions.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

import typer

from ab_assets.analysis.columns import report_table, wide_table
from ab_assets.cli.console import messages
from ab_assets.cli.project import open_project
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.modules.measures import measures_of
from ab_assets.warehouse.schema import fixed_tables
from ab_assets.warehouse.tables import TableDefinition, create_table


def schema(
    dialect: Annotated[
        Literal["starrocks", "duckdb"] | None,
        typer.Option(help="Whose DDL; the warehouse's own by default."),
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Create what is missing.")] = False,
) -> None:
    """Print the DDL of every table, or create what is missing.

    For example:

    `ab-assets schema --dialect starrocks > schema.sql`

    `ab-assets schema --apply`
    """
    opened = open_project()
    tables = list(all_tables(opened.project.catalogue))
    if apply:
        with opened.warehouse.session():
            for table in tables:
                opened.warehouse.ensure(table)
        messages.print(f"{len(tables)} tables are there")
        return
    chosen = dialect or opened.project.engine
    for table in tables:
        typer.echo(create_table(table, "starrocks" if chosen == "starrocks" else "duckdb") + ";\n")


def all_tables(catalogue: ModuleCatalogue) -> Iterator[TableDefinition]:
    """The fixed tables, then each tag's."""
    yield from fixed_tables().values()
    for module in catalogue:
        measures = measures_of(module, module.metrics.values())
        for tag in module.tags:
            yield wide_table(module.module, tag, measures)
            yield report_table(module.module, tag)

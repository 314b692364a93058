"""``ab-assets schema``: the tables.

What belongs here: printing DDL and grants, showing and applying what differs. What does not: the
definitions, and what may change.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal

import typer

from ab_assets.analysis.columns import report_table, wide_table, with_retired_columns
from ab_assets.cli.console import counted, messages
from ab_assets.cli.project import OpenedProject, open_project
from ab_assets.errors import ConfigurationError
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.modules.measures import measures_of
from ab_assets.warehouse.evolution import TableDifference, table_difference
from ab_assets.warehouse.schema import GRANTS_FILE, fixed_tables
from ab_assets.warehouse.tables import Dialect, TableDefinition, create_schema, create_table
from ab_assets.warehouse.url import StarRocksLocation, parse_warehouse_url


def schema(
    dialect: Annotated[
        Literal["starrocks", "duckdb"] | None,
        typer.Option(help="Whose DDL; the warehouse's own by default."),
    ] = None,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what --apply would do; 2 when it would refuse.")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Create what is missing, add new columns.")
    ] = False,
    grants: Annotated[
        bool, typer.Option("--grants", help="Print users and roles for StarRocks, to be edited.")
    ] = False,
    replication: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=99,
            metavar="COPIES",
            help="Copies of each tablet in printed StarRocks DDL; replication_num of the "
            "warehouse's URL by default.",
        ),
    ] = None,
) -> None:
    """Print the DDL of every table, show what differs in the warehouse, or apply it.

    Reads the module files and, with `--diff` and `--apply`, the tables there are. Only `--apply`
    writes: it creates tables and adds columns, and never drops or changes one.

    Exit codes: 0 done; 1 the warehouse refused; 2 wrong usage, or a table differs in a way that is
    for a person to decide, and nothing was applied.

    For example:

    `ab-assets schema --dialect starrocks --replication 3 > schema.sql`

    `ab-assets schema --diff`

    `ab-assets schema --apply`
    """
    _check_usage(dialect, replication, {"--diff": diff, "--apply": apply, "--grants": grants})
    if grants:
        typer.echo(GRANTS_FILE.read_text(encoding="utf-8"), nl=False)
        return
    opened = open_project()
    if diff:
        _show(_differences(opened), done=False)
    elif apply:
        _apply(opened)
    else:
        _print_ddl(opened, dialect, replication)


def _check_usage(dialect: str | None, replication: int | None, modes: dict[str, bool]) -> None:
    chosen = [name for name, is_asked in modes.items() if is_asked]
    if len(chosen) > 1:
        message = f"{' and '.join(chosen)} exclude each other"
        raise ConfigurationError(message)
    if chosen and dialect is not None:
        message = f"--dialect is for printed DDL, not for {chosen[0]}"
        raise ConfigurationError(message)
    if chosen and replication is not None:
        message = (
            f"--replication is for printed DDL, not for {chosen[0]}; tables are created with the "
            "replication_num of AB_WAREHOUSE_URL"
        )
        raise ConfigurationError(message)


def _print_ddl(opened: OpenedProject, asked: Dialect | None, replication: int | None) -> None:
    dialect: Dialect = asked or ("starrocks" if opened.project.engine == "starrocks" else "duckdb")
    if dialect == "duckdb" and replication is not None:
        message = "--replication is for the DDL of StarRocks; DuckDB keeps one copy"
        raise ConfigurationError(message)
    tables = list(all_tables(opened.project.catalogue))
    for name in dict.fromkeys(table.schema for table in tables):
        typer.echo(f"{create_schema(name, dialect)};\n")
    copies = replication or _replication_num(opened)
    for table in tables:
        typer.echo(f"{create_table(table, dialect, copies)};\n")


def _replication_num(opened: OpenedProject) -> int:
    location = parse_warehouse_url(opened.project.settings.warehouse_url.get_secret_value())
    return location.replication_num if isinstance(location, StarRocksLocation) else 1


def _apply(opened: OpenedProject) -> None:
    differences = _differences(opened)
    # First of all: nothing is done where something would be refused in the middle.
    _refuse(differences)
    with opened.warehouse.session():
        for difference in differences:
            if not difference.is_same:
                opened.warehouse.ensure(difference.table)
    _show(differences, done=True)


def _differences(opened: OpenedProject) -> list[TableDifference]:
    """How the warehouse's tables differ from what is declared now."""
    warehouse = opened.warehouse

    def wide_difference(table: TableDefinition) -> TableDifference:
        existing = warehouse.columns(table.qualified)
        # A measure no metric asks for any more keeps its column.
        return table_difference(with_retired_columns(table, existing), existing)

    with warehouse.session():
        return [
            *(
                table_difference(table, warehouse.columns(table.qualified))
                for table in _shared_and_report_tables(opened.project.catalogue)
            ),
            *(wide_difference(table) for table in _wide_tables(opened.project.catalogue)),
        ]


def _show(differences: Sequence[TableDifference], *, done: bool) -> None:
    """A line for each thing to do, or done, on standard output, and a count on standard error."""
    create, add = ("created", "added") if done else ("create", "add")
    for difference in differences:
        table = difference.table.qualified
        if difference.is_new:
            typer.echo(f"{create} {table}")
        elif not difference.problems:
            for column in difference.added:
                typer.echo(f"{add} {table}: {column.name} {column.type}")
    _refuse(differences)
    changed = [item for item in differences if not item.is_same]
    if not changed:
        told = f"{counted(len(differences), 'table')} as declared, nothing to do"
    elif done:
        told = f"{counted(len(differences), 'table')} as declared"
    else:
        told = f"{counted(len(changed), 'table')} to change; ab-assets schema --apply does it"
    messages.print(told)


def _refuse(differences: Iterable[TableDifference]) -> None:
    refused = [difference for difference in differences if difference.problems]
    for difference in refused:
        typer.echo(f"refuse {difference.refusal}")
    if refused:
        message = f"{counted(len(refused), 'table')} cannot be changed into what is declared"
        raise ConfigurationError(message)


def all_tables(catalogue: ModuleCatalogue) -> Iterator[TableDefinition]:
    """The fixed tables, then each tag's."""
    yield from _shared_and_report_tables(catalogue)
    yield from _wide_tables(catalogue)


def _shared_and_report_tables(catalogue: ModuleCatalogue) -> Iterator[TableDefinition]:
    yield from fixed_tables().values()
    for module in catalogue:
        for tag in module.tags:
            yield report_table(module.module, tag)


def _wide_tables(catalogue: ModuleCatalogue) -> Iterator[TableDefinition]:
    for module in catalogue:
        measures = measures_of(module, module.metrics.values())
        for tag in module.tags:
            yield wide_table(module.module, tag, measures)

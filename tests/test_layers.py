"""What may import what: each package of LAYERS may use those that stand before it."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ab_assets.settings import PROJECT_ROOT

PACKAGE = "ab_assets"
# Lowest floor first.
LAYERS = (
    "deferred",  # names that are imported when they are first used
    "errors",  # what a user can meet
    "stats",  # arrays in, frozen results out
    "replay",  # ids in, GrowthBook's variations out
    "experiments",  # the domain: experiment, phase, the phase in force
    "settings",  # the environment
    "growthbook",  # answers of its API -> the domain
    "warehouse",  # statements, dialects, tables, loading
    "modules",  # module.yaml -> the model; its columns are SQL, so the dialect is below
    "analysis",  # configuration + rows -> statements and sufficient statistics
    "health",  # findings
    "reporting",  # sufficient statistics -> report frame, decision, text
    "alerts",  # problems -> messages, each told once
    "planning",  # how large and how long, before an experiment begins
    "exporting",  # the tables of dashboards -> files
    "metabase",  # files of metabase/ -> its API
    "partitions",  # tag × day
    "project",  # settings, modules and statements in one object
    "reproducing",  # a row of a report -> the SQL and Python that give it
    "interrupts",  # Ctrl-C in the middle of a run
    "instance_files",  # Dagster's files of this process
    "running",  # runs of this process
    "demo",  # a synthetic company
    "resources",  # services for assets
    "assets",
    "automation",
    "definitions",
    "cli",
)
WITHOUT_DAGSTER = (
    "errors",
    "stats",
    "replay",
    "experiments",
    "settings",
    "growthbook",
    "warehouse",
    "modules",
    "analysis",
    "health",
    "alerts",
    "planning",
    "exporting",
    "metabase",
    "project",
    "reproducing",
    "demo",
)
FILES = sorted((PROJECT_ROOT / PACKAGE).rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(PROJECT_ROOT).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def imported(source: str, known: frozenset[str] = frozenset()) -> Iterator[str]:
    """The modules a text imports anywhere; ``from a import b`` is ``a.b`` when that is a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            base = node.module or ""
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield full if full in known or base == PACKAGE else base


def layer_of(module: str) -> str:
    return [*module.split("."), ""][1]


def upward_imports(sources: Mapping[str, str]) -> list[str]:
    found = []
    for module, source in sources.items():
        own = LAYERS.index(layer_of(module)) if layer_of(module) else len(LAYERS)
        found += [
            f"{module} imports {name}"
            for name in imported(source)
            if name.startswith(f"{PACKAGE}.") and LAYERS.index(layer_of(name)) > own
        ]
    return found


def cycle_in(graph: Mapping[str, set[str]]) -> list[str]:
    """Some modules that import each other in a circle; empty where none do."""
    left = {module: set(targets) & set(graph) for module, targets in graph.items()}
    while free := [module for module, targets in left.items() if not targets]:
        for module in free:
            del left[module]
        for targets in left.values():
            targets.difference_update(free)
    return sorted(left)


SOURCES = {module_name(path): path.read_text(encoding="utf-8") for path in FILES}
GRAPH = {
    module: {name for name in imported(source, frozenset(SOURCES)) if name != module}
    for module, source in SOURCES.items()
}


def test_every_package_has_a_floor() -> None:
    assert {layer_of(module) for module in SOURCES} - {""} == set(LAYERS)


def test_imports_point_down() -> None:
    assert upward_imports(SOURCES) == []


def test_an_upward_import_is_seen() -> None:
    planted = {"ab_assets.health.finding": "def f():\n    from ab_assets import assets\n"}
    assert upward_imports(planted) == ["ab_assets.health.finding imports ab_assets.assets"]


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert cycle_in(GRAPH) == []


def test_a_circle_is_seen() -> None:
    assert cycle_in({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("module", [name for name in SOURCES if layer_of(name) == "stats"])
def test_statistics_import_numpy_scipy_and_themselves(module: str) -> None:
    others = {
        name
        for name in imported(SOURCES[module])
        if name.split(".")[0] not in {*sys.stdlib_module_names, "numpy", "scipy"}
        and not name.startswith("ab_assets.stats")
    }
    assert others == set()


@pytest.mark.parametrize("module", [name for name in SOURCES if layer_of(name) == "replay"])
def test_the_replay_imports_numpy_polars_and_the_errors(module: str) -> None:
    others = {
        name
        for name in imported(SOURCES[module])
        if name.split(".")[0] not in {*sys.stdlib_module_names, "numpy", "polars"}
        and not name.startswith(("ab_assets.replay", "ab_assets.errors"))
    }
    assert others == set()


def test_what_is_below_the_assets_knows_no_dagster() -> None:
    knowing = {
        module
        for module in SOURCES
        if layer_of(module) in WITHOUT_DAGSTER
        and any(name.split(".")[0].startswith("dagster") for name in imported(SOURCES[module]))
    }
    assert knowing == set()


def deferrals(source: str) -> Iterator[tuple[str, str]]:
    """Each name a text defers, and the import it writes for tools: equal, if it is right."""
    for node in ast.parse(source).body:
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            continue
        written = {}
        for line in node.body:
            for alias in line.names if isinstance(line, ast.Import | ast.ImportFrom) else ():
                base = f"{line.module}:" if isinstance(line, ast.ImportFrom) else ""
                written[alias.asname or alias.name] = f"{base}{alias.name}"
        for line in node.orelse:
            assert isinstance(line, ast.Assign)
            assert isinstance(line.value, ast.Call)
            (argument,) = line.value.args
            name, place = ast.unparse(line.targets[0]), ast.literal_eval(argument)
            found = written.get(name, "")
            yield place, found if ":" in place else found.replace(":", ".")


@pytest.mark.parametrize("module", [name for name, text in SOURCES.items() if "deferred(" in text])
def test_what_is_deferred_is_what_tools_see(module: str) -> None:
    pairs = list(deferrals(SOURCES[module]))
    assert [place for place, _ in pairs] == [written for _, written in pairs]


def test_a_deferral_of_something_else_is_seen() -> None:
    planted = "if TYPE_CHECKING:\n    from a import b\nelse:\n    b = deferred('a:c')\n"
    assert list(deferrals(planted)) == [("a:c", "a:b")]


_LOADED = """
import sys, ab_assets.definitions
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_the_definitions_load_without_what_only_the_work_needs() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _LOADED],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT_ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    work = {"duckdb", "numpy", "pandas", "polars", "pyarrow", "pymysql", "requests", "scipy"}
    loaded = set(done.stdout.split())
    assert "sqlglot" in loaded
    assert loaded & work == set()


def test_one_place_reads_module_files() -> None:
    readers = {module for module, names in GRAPH.items() if "ab_assets.modules.loader" in names}
    assert readers == {"ab_assets.project"}


def test_the_project_is_read_by_the_definitions_and_the_command_line_alone() -> None:
    readers = {module for module, text in SOURCES.items() if "read_project(" in text}
    assert readers == {"ab_assets.project", "ab_assets.definitions", "ab_assets.cli.project"}


def test_statements_are_written_under_sql_and_in_the_warehouse_alone() -> None:
    words = ("SELECT ", "INSERT ", "DELETE ", "UPDATE ", "CREATE ")
    written = {
        module
        for module, source in SOURCES.items()
        if layer_of(module) != "warehouse"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith(words)
    }
    assert written == set()


_GUARD = """
import os, sys

def guard(event, arguments):
    if event.startswith("socket.") and event != "socket.__new__" or event == "subprocess.Popen":
        raise RuntimeError(f"{event} {arguments}")
    writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT
    if event == "open" and arguments[2] & writes and str(arguments[0]) != os.devnull:
        raise RuntimeError(f"writes {arguments[0]}")
    if event in {"os.mkdir", "os.remove", "os.rename"}:
        raise RuntimeError(f"{event} {arguments}")

sys.addaudithook(guard)
import ab_assets.definitions
assert ab_assets.definitions.defs.resolve_all_asset_specs()
"""


def test_importing_the_definitions_writes_nothing_and_calls_nobody(tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AB_WAREHOUSE_URL": f"duckdb://{tmp_path}/new/ab.duckdb",
        "DAGSTER_HOME": str(tmp_path / "dagster"),
        "GROWTHBOOK_API_URL": "http://127.0.0.1:9/",
        "GROWTHBOOK_API_KEY": "secret",
        "PYTHONPATH": str(PROJECT_ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _GUARD],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []

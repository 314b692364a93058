"""The statistics stand alone."""

import ast
import subprocess
import sys
from pathlib import Path

import ab_assets.stats

FOLDER = Path(ab_assets.stats.__file__).parent
MODULES = sorted(FOLDER.rglob("*.py"))


def test_importing_every_module_loads_neither_dagster_nor_polars_nor_anything_else_of_ours() -> (
    None
):
    names = [
        "ab_assets.stats." + ".".join(path.relative_to(FOLDER).with_suffix("").parts)
        for path in MODULES
        if path.name != "__init__.py"
    ]
    program = (
        "import sys, importlib\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "print('\\n'.join(sys.modules))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    roots = {name.split(".")[0] for name in loaded}
    assert not roots & {"dagster", "polars", "pandas", "duckdb", "sqlglot", "pydantic"}
    ours = {name for name in loaded if name.startswith("ab_assets.")}
    assert all(name.startswith("ab_assets.stats") for name in ours)


def test_only_numpy_and_scipy_are_imported() -> None:
    imported = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"numpy", "scipy", "ab_assets"}


def test_importing_is_quick_because_scipy_stats_is_left_alone() -> None:
    program = "import sys, ab_assets.stats.comparison; print('scipy.stats' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert answer == "False"


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    lengths = sorted(len(path.read_text().splitlines()) for path in MODULES)
    assert lengths[-1] <= 400
    assert lengths[len(lengths) // 2] < 150

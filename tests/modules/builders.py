"""Module files for tests: a right one, and what a test changes in it."""

from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from ab_assets.modules.loader import load_module
from ab_assets.modules.model import Metric, Module

if TYPE_CHECKING:
    from collections.abc import Mapping


def content(**changes: object) -> dict[str, object]:
    """What a small right file says."""
    return {
        "module": "shop",
        "tags": ["shop"],
        "columns": {"visits": "count_if(event_name = 'visit')", "amount": "sum(value)"},
        "metrics": {"visits": {"type": "mean", "column": "visits"}},
    } | changes


def write(folder: Path, said: object, name: str = "shop") -> Path:
    """Writes a module file and gives its path."""
    path = folder / name / "module.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = said if isinstance(said, str) else yaml.safe_dump(said, sort_keys=False)
    path.write_text(text, encoding="utf-8")
    return path


def load(folder: Path, **changes: object) -> Module:
    """The small right file with changes, read back."""
    return load_module(write(folder, content(**changes)))


def a_module(**changes: object) -> Module:
    """The same without a file."""
    return Module.model_validate(content(**changes))


def a_metric(**said: object) -> Metric:
    """A mean over visits unless it is said to be something else."""
    values: Mapping[str, object] = {"type": "mean", "column": "visits"} | said
    return Metric.model_validate({key: value for key, value in values.items() if value is not None})

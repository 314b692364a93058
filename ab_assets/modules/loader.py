"""Module files from a folder.

What belongs here: finding and reading ``<folder>/<module>/module.yaml``, with errors that name the
file, the key and what was expected. What does not: what the keys mean
(:mod:`ab_assets.modules.model`).
"""

from pathlib import Path

import yaml
from pydantic import ValidationError

from ab_assets.errors import ConfigurationError
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.modules.model import Module
from ab_assets.modules.yaml_text import read_yaml


def load_modules(folder: Path) -> ModuleCatalogue:
    """Reads every module of a folder.

    Raises:
        ConfigurationError: The folder or a file is missing or wrong; the message lists every
            problem.
    """
    try:
        paths = sorted(folder.glob("*/module.yaml")) if folder.is_dir() else None
    except OSError as error:
        message = f"AB_MODULES_DIR: the folder cannot be read: {error.strerror}"
        raise ConfigurationError(message) from None
    if paths is None:
        message = (
            f"AB_MODULES_DIR: {folder} is no folder; it should hold <module>/module.yaml files"
        )
        raise ConfigurationError(message)
    if not paths:
        message = (
            f"AB_MODULES_DIR: no module in {folder}; expected <module>/module.yaml files there"
        )
        raise ConfigurationError(message)
    return ModuleCatalogue.of(tuple((path, load_module(path)) for path in paths))


def load_module(path: Path) -> Module:
    """Reads one module file.

    Raises:
        ConfigurationError: The file is unreadable, no YAML, or says something it may not.
    """
    try:
        content = read_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read: {error}"
        raise ConfigurationError(message) from error
    except yaml.YAMLError as error:
        message = f"{path}: no YAML: {' '.join(str(error).split())}"
        raise ConfigurationError(message) from error
    if not isinstance(content, dict):
        message = (
            f"{path}: expected keys like module, tags, columns, metrics; "
            f"found {type(content).__name__}"
        )
        raise ConfigurationError(message)
    try:
        module = Module.model_validate(content)
    except ValidationError as error:
        problems = "; ".join(
            f"{_key(item['loc'])}: {item['msg'].removeprefix('Value error, ')}"
            for item in error.errors()
        )
        message = f"{path}: {problems}"
        raise ConfigurationError(message) from None
    if module.module != path.parent.name:
        message = (
            f"{path}: module: expected {path.parent.name!r}, the folder's name; "
            f"found {module.module!r}"
        )
        raise ConfigurationError(message)
    return module


def _key(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "file"

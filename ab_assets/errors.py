"""The errors a user can meet, each with the fact, the place and the remedy.

What belongs here: exception classes shared by several packages. What does not: errors only one
module raises and catches itself, and anything a user never sees.
"""


class AbAssetsError(Exception):
    """Anything this project says is wrong; its text is written for the person who reads it."""


class ConfigurationError(AbAssetsError):
    """The environment, a module file or an argument is wrong; nothing was run (exit code 2)."""


class UnknownTagError(ConfigurationError):
    """No module claims the tag that was asked for."""


class WarehouseError(AbAssetsError):
    """The warehouse refused a statement or could not be reached."""


class WarehouseLockedError(WarehouseError):
    """Another process kept the warehouse file open for longer than the bounded wait."""


class RunStorageError(AbAssetsError):
    """Dagster's own storage cannot be read or written; the warehouse is as it was."""


class StatementError(AbAssetsError):
    """A file under ``sql/`` does not render, parse or stay within the portable subset."""


class GrowthBookError(AbAssetsError):
    """GrowthBook could not be reached, refused the key, or answered with something unusable."""


class MetabaseError(AbAssetsError):
    """Metabase did not answer, refused, or gave an answer that cannot be used."""


class ExportError(AbAssetsError):
    """Files of an export could not be written."""


class LoadError(AbAssetsError):
    """A file cannot be loaded at all (single bad rows are kept and counted instead)."""

"""How StarRocks says no: error codes, SQL states and texts.

What belongs here: one function a refusal, with the code and the words of a real cluster. What
does not: deciding what is refused.
"""

from typing import NoReturn

_STATES = {
    1045: "28000",
    1046: "3D000",
    5203: "42000",
    5501: "3D000",
    5502: "42S02",
}
_ANALYSIS = "Getting analyzing error. Detail message: "


class StarRocksRefusalError(Exception):
    """A statement or a load that the cluster refuses.

    Attributes:
        code: The number the client sees.
        text: What it reads.
    """

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"({code}) {text}")
        self.code = code
        self.text = text

    @property
    def sql_state(self) -> str:
        """The five letters of the SQL state."""
        return _STATES.get(self.code, "HY000")


class RowsFilteredError(StarRocksRefusalError):
    """Rows that do not fit their table: strict mode refuses all of the load.

    Attributes:
        filtered: How many rows do not fit.
        total: How many there are.
        reasons: One sentence a kind of misfit, as the tracking log has them.
    """

    def __init__(self, filtered: int, total: int, reasons: tuple[str, ...], job: int) -> None:
        super().__init__(
            1064,
            f"Insert has filtered data in strict mode. txn_id = {job}, tracking sql = select "
            f"tracking_log from information_schema.load_tracking_logs where job_id={job}",
        )
        self.filtered = filtered
        self.total = total
        self.reasons = reasons
        self.job = job


class SwapLostError(StarRocksRefusalError):
    """The rows of an overwrite are loaded, and will not take the place of the old ones."""

    def __init__(self) -> None:
        super().__init__(1064, "the frontend went away before the partitions were swapped")


def refuse_unknown_database(name: str) -> NoReturn:
    raise StarRocksRefusalError(5501, f"Unknown database '{name}'")


def refuse_unknown_table(name: str) -> NoReturn:
    raise StarRocksRefusalError(5502, f"{_ANALYSIS}Unknown table '{name}'.")


def refuse_syntax(detail: str) -> NoReturn:
    raise StarRocksRefusalError(1064, f"Getting syntax error. Detail message: {detail}.")


def refuse_analysis(detail: str) -> NoReturn:
    raise StarRocksRefusalError(1064, f"{_ANALYSIS}{detail}.")


def refuse_access(privilege: str, kind: str, name: str) -> NoReturn:
    raise StarRocksRefusalError(
        5203,
        f"Access denied; you need (at least one of) the {privilege} privilege(s) on {kind} {name} "
        "for this operation. Please ask the admin to grant permission(s) or try activating "
        "existing roles using <set [default] role>. Current role(s): NONE. Inactivated role(s): "
        "NONE.",
    )


def wrong_password(user: str) -> StarRocksRefusalError:
    return StarRocksRefusalError(1045, f"Access denied for user '{user}' (using password: YES)")

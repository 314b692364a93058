"""The jobs ``one_tag``, ``one_module`` and ``everything``: all that belongs to it, in order.

What belongs here: those jobs, their configuration and their steps. What does not: jobs over assets
(``jobs``). An asset job has one kind of partition; a tag's days and its dashboard rows have two, so
these jobs start ordinary runs of assets one after the other, as ``ab-assets run`` does.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import dagster as dg

from ab_assets.assets.describing import pool_of
from ab_assets.automation.partition_runs import make_dashboard_rows, make_partition
from ab_assets.automation.runs import lookback_days
from ab_assets.errors import AbAssetsError, ConfigurationError
from ab_assets.partitions import TagDate
from ab_assets.project import Project
from ab_assets.running import RunOutcome

ONE_TAG_JOB = "one_tag"
ONE_MODULE_JOB = "one_module"
EVERYTHING_JOB = "everything"
STARTED_BY_TAG = "ab_assets/started_by"
_POOL = "broad_jobs"


class DaysConfig(dg.Config):
    """Which days are made.

    Attributes:
        last_day: The newest day, like 2026-11-20; yesterday where it is empty.
        days: How many days up to it, in order.
        full: From the source rows of the whole phase, whatever the day before offers.
    """

    last_day: str = ""
    days: int = 1
    full: bool = False


class OneTagConfig(DaysConfig):
    """Of which tag.

    Attributes:
        tag: A GrowthBook tag that a module claims.
    """

    tag: str


class OneModuleConfig(DaysConfig):
    """Of which module.

    Attributes:
        module: Its name.
    """

    module: str


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the days of tags for one run of a job."""

    project: Project
    definitions: dg.Definitions
    context: dg.OpExecutionContext
    config: DaysConfig

    def make(self, read_tags: Callable[[], Sequence[str]]) -> None:
        """Every day of every tag, then its dashboard rows; a tag stops at its first failed day.

        Args:
            read_tags: Gives the tags that the configuration asks for.

        Raises:
            Failure: Some of it could not be made, and the rest was; or the configuration is wrong.
        """
        try:
            days, tags = made_days(self.project, self.config), read_tags()
        except AbAssetsError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from None
        failed: list[str] = []
        for place, tag in enumerate(tags, start=1):
            self.context.log.info("tag %s of %s: %s", place, len(tags), tag)
            failed += self._tag(tag, days)
        if failed:
            raise dg.Failure(description="; ".join(failed), allow_retries=False)

    def _tag(self, tag: str, days: Sequence[date]) -> Iterator[str]:
        """Makes one tag; gives what failed in words."""
        module = self.project.catalogue.module_of(tag)
        started_by = {STARTED_BY_TAG: f"{self.context.job_name} {self.context.run_id[:8]}"}
        for day in days:
            outcome = make_partition(
                self.definitions,
                self.context.instance,
                module,
                TagDate(tag, day),
                full=self.config.full,
                tags=started_by,
            )
            self._tell(f"{tag} {day}", outcome)
            if not outcome.succeeded:
                yield f"{tag} {day}: {outcome.failure} (run {outcome.run_id})"
                return
        outcome = make_dashboard_rows(self.definitions, self.context.instance, tag, tags=started_by)
        self._tell(f"{tag} dashboard", outcome)
        if not outcome.succeeded:
            yield f"{tag} dashboard: {outcome.failure} (run {outcome.run_id})"

    def _tell(self, what: str, outcome: RunOutcome) -> None:
        told = "made" if outcome.succeeded else f"failed: {outcome.failure}"
        self.context.log.info("%s: %s (run %s)", what, told, outcome.run_id)
        for sentence in outcome.failed_checks:
            self.context.log.warning("%s: a health check failed: %s", what, sentence)


def build_broad_jobs(
    project: Project, definitions: Callable[[], dg.Definitions]
) -> list[dg.JobDefinition]:
    """The three jobs.

    Args:
        project: Settings and modules.
        definitions: Gives the code location they belong to; asked for when they run.
    """
    # Its runs open the embedded warehouse: it waits for whoever has it, and they wait for it.
    pool = pool_of(project, _POOL)

    @dg.op(out=dg.Out(dg.Nothing), pool=pool)
    def make_one_tag(context: dg.OpExecutionContext, config: OneTagConfig) -> None:
        _Maker(project, definitions(), context, config).make(
            lambda: [known_tag(project, config.tag)]
        )

    @dg.op(out=dg.Out(dg.Nothing), pool=pool)
    def make_one_module(context: dg.OpExecutionContext, config: OneModuleConfig) -> None:
        _Maker(project, definitions(), context, config).make(
            lambda: tags_of(project, config.module)
        )

    @dg.op(out=dg.Out(dg.Nothing), pool=pool)
    def make_everything(context: dg.OpExecutionContext, config: DaysConfig) -> None:
        _Maker(project, definitions(), context, config).make(lambda: project.catalogue.tags)

    described = {
        ONE_TAG_JOB: (make_one_tag, "One tag"),
        ONE_MODULE_JOB: (make_one_module, "Every tag of one module"),
        EVERYTHING_JOB: (make_everything, "Every tag of every module"),
    }
    return [_job(name, op, what) for name, (op, what) in described.items()]


def _job(name: str, op: dg.OpDefinition, what: str) -> dg.JobDefinition:
    @dg.job(
        name=name,
        description=(
            f"{what}, from who was exposed to the dashboard table: by default yesterday, or `days` "
            "days up to `last_day`, in order. Each partition is a run of its own with the tag "
            f"`{STARTED_BY_TAG}`; the log says how far it is."
        ),
        executor_def=dg.in_process_executor,
    )
    def broad() -> None:
        op()

    return broad


def made_days(project: Project, config: DaysConfig) -> list[date]:
    """The days to make, in order.

    Raises:
        ConfigurationError: There is no partition for the last day, or no day is asked for.
    """
    settings = project.settings
    newest = _read_day(config.last_day) if config.last_day else settings.yesterday()
    if not settings.start_date <= newest <= settings.yesterday():
        message = (
            f"last_day {newest} has no partition: they begin {settings.start_date} "
            f"(AB_START_DATE) and end {settings.yesterday()}, yesterday in {settings.timezone}"
        )
        raise ConfigurationError(message)
    if config.days < 1:
        message = f"days {config.days}: at least one day has to be made"
        raise ConfigurationError(message)
    return lookback_days(settings, newest, config.days)


def known_tag(project: Project, tag: str) -> str:
    """The tag, when a module claims it.

    Raises:
        UnknownTagError: None does.
    """
    project.catalogue.module_of(tag)
    return tag


def tags_of(project: Project, name: str) -> tuple[str, ...]:
    """The tags of a module.

    Raises:
        ConfigurationError: There is no such module.
    """
    for module in project.catalogue:
        if module.module == name:
            return module.tags
    known = ", ".join(module.module for module in project.catalogue)
    message = f"there is no module {name!r}; there are {known}"
    raise ConfigurationError(message)


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"last_day {text!r} is no date; write it like 2026-11-20"
        raise ConfigurationError(message) from None

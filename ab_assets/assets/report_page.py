"""``flow_report_app/report_page``: the newest report of each tag as HTML files.

What belongs here: that asset. What does not: what a page shows (:mod:`ab_assets.reporting.page`).
"""

from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from ab_assets.analysis.columns import report_table
from ab_assets.assets.describing import (
    PLATFORM_OWNERS,
    REPORT_PAGE,
    RESULTS_GROUP,
    WAREHOUSE_POOL,
    Layer,
    asset_tags,
    pool_of,
    report_user_key,
    table_schema,
)
from ab_assets.assets.descriptions import Description, asset_links
from ab_assets.assets.origin import asset_origin
from ab_assets.deferred import deferred
from ab_assets.modules.catalogue import table_suffix
from ab_assets.partitions import tag_partitions
from ab_assets.project import Project
from ab_assets.reporting.language import LANGUAGES
from ab_assets.resources.warehouse import WarehouseResource
from ab_assets.warehouse.schema import REPORT_TABLE, fixed_table

if TYPE_CHECKING:
    from ab_assets.reporting.page.source import PageSource, read_page_source
    from ab_assets.reporting.page.writing import write_page
else:
    read_page_source = deferred("ab_assets.reporting.page.source:read_page_source")
    write_page = deferred("ab_assets.reporting.page.writing:write_page")

# Changes when a page shows something else of the same report.
_VERSION = "1"
_UNWANTED = "AB_REPORTS_DIR is empty: no page is wanted"


def build_report_page(project: Project) -> dg.AssetsDefinition:
    """The pages, one partition a tag."""

    @dg.asset(
        key=REPORT_PAGE,
        description=_description(project).markdown,
        partitions_def=tag_partitions(project.catalogue.tags),
        deps=[
            dg.AssetDep(report_user_key(module.module), partition_mapping=dg.AllPartitionMapping())
            for module in project.catalogue.modules
        ],
        code_version=_VERSION,
        metadata={"dagster/column_schema": table_schema(fixed_table(REPORT_TABLE))},
        tags=asset_tags(Layer.DASHBOARD, project.catalogue.tags),
        pool=pool_of(project, WAREHOUSE_POOL),
        group_name=RESULTS_GROUP,
        owners=PLATFORM_OWNERS,
        kinds={"html"},
    )
    def report_page(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]  # Dagster reads the bare class
        tag = context.partition_key
        report = report_table(project.catalogue.module_of(tag).module, tag)
        engine = warehouse.open()
        with asset_origin(context), engine.session():
            if not engine.read_provenance(report.qualified, tag):
                description = (
                    f"no report of {tag!r} was ever made; materialise its report_user first"
                )
                raise dg.Failure(description=description, allow_retries=False)
            source = read_page_source(
                engine, project.library, project.catalogue, tag, None, project.settings.zone
            )
        folder = project.settings.reports_dir
        if folder is None:
            return dg.MaterializeResult(metadata={"reason": _UNWANTED})
        return dg.MaterializeResult(metadata=_written(folder, source))

    return report_page


def page_path(folder: Path, tag: str, language: str = "en") -> Path:
    """Where the page of a tag is."""
    ending = ".html" if language == "en" else f".{language}.html"
    return folder / f"{table_suffix(tag)}{ending}"


def _written(folder: Path, source: "PageSource") -> dict[str, dg.MetadataValue | str | int]:
    """Writes the page in each language, after the warehouse's file is let go."""
    metadata: dict[str, dg.MetadataValue | str | int] = {"event_date": str(source.event_date)}
    for language in LANGUAGES:
        path = page_path(folder, source.tag, language)
        size = write_page(source, path, language)
        metadata[f"page, {language}"] = dg.MetadataValue.path(str(path.absolute()))
        metadata[f"bytes, {language}"] = size
    return metadata


def _description(project: Project) -> Description:
    reports = (report_user_key(module.module) for module in project.catalogue)
    return Description(
        "The newest report of each tag as self-contained HTML files, in English and Chinese, in "
        "the folder of `AB_REPORTS_DIR`; none where that is empty. One partition a tag.",
        grain="tag × language: one file",
        when_it_fails=(
            "without a report of the tag there is nothing to show, so make one of "
            f"{asset_links(project.settings, reports)} first; or the folder cannot be written. "
            "Until then the files of the last time stay."
        ),
        look_at=("`docs/read-a-report.md`",),
    )

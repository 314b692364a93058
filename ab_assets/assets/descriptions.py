"""What an asset says of itself on its page: what it holds, its grain, what to do when it fails.

What belongs here: the layout of a description and the links in it. What does not: what is said,
which stands with each asset.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

import dagster as dg

from ab_assets.errors import ConfigurationError
from ab_assets.growthbook.address import api_base
from ab_assets.reporting.formatting import markdown_code, markdown_text
from ab_assets.settings import Settings


@dataclass(frozen=True, slots=True)
class Description:
    """The parts of a description; empty ones are left out.

    Attributes:
        holds: What is in it; the first sentence is what the catalog's list shows.
        grain: What one row is.
        when_it_fails: What the engineer on call does.
        look_at: Where to look further, as Markdown: pages, documents of this repository.
    """

    holds: str
    grain: str = ""
    when_it_fails: str = ""
    look_at: tuple[str, ...] = ()

    @property
    def markdown(self) -> str:
        """The description as the UI renders it.

        Examples:
            >>> print(Description("Holds much.", grain="a day").markdown)
            Holds much.
            <BLANKLINE>
            **One row:** a day
        """
        parts = (
            ("One row", self.grain),
            ("When it fails", self.when_it_fails),
            ("More", ", ".join(self.look_at)),
        )
        return "\n\n".join([self.holds, *(f"**{name}:** {text}" for name, text in parts if text)])


def asset_link(settings: Settings, key: dg.AssetKey) -> str:
    """The page of another asset, below ``AB_DAGSTER_URL`` where it is set.

    Without it the link begins at the root of wherever the UI is.

    Examples:
        >>> asset_link(Settings(dagster_url=None), dg.AssetKey(["source", "events"]))
        '[source/events](/assets/source/events)'
    """
    path = "/".join(quote(part, safe="") for part in key.path)
    base = (settings.dagster_url or "").rstrip("/")
    return f"[{markdown_text(key.to_user_string())}]({base}/assets/{path})"


def asset_links(settings: Settings, keys: Iterable[dg.AssetKey]) -> str:
    """Links to several assets."""
    return ", ".join(asset_link(settings, key) for key in keys)


def growthbook_link(settings: Settings) -> str:
    """Where GrowthBook is asked; the file's name where a saved answer is read, never a path.

    An address that cannot be used is told when it is used, not by a page that fails to load.
    """
    if settings.growthbook_api_url:
        try:
            return f"[GrowthBook's API]({api_base(settings.growthbook_api_url)})"
        except ConfigurationError:
            return ""
    if settings.growthbook_snapshot:
        return f"the saved answer {markdown_code(settings.growthbook_snapshot.name)}"
    return ""

"""The warehouse of the SQL tests serves the checks that read it, too."""

from tests.sql.conftest import bench, library, shared_warehouse

__all__ = ["bench", "library", "shared_warehouse"]

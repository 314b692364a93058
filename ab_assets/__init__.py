"""ab_assets: experiment analytics as a Dagster asset graph."""

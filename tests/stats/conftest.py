"""Properties are tried on the same examples every time, and not against a busy machine's clock."""

from hypothesis import settings

settings.register_profile("statistics", deadline=None, derandomize=True)
settings.load_profile("statistics")

"""Where the people live and what they hold in their hands.

What belongs here: the fixed tables of countries, devices, channels, app releases and the texts
events carry. What does not: chance; who gets which of these is decided in ``people.py`` and
``events.py``.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Country:
    """A country, its share of the users, what an ad is worth there, and its places."""

    code: str | None
    share: float
    ad_value: float
    places: tuple[tuple[str | None, str | None], ...] = ((None, None),)


@dataclass(frozen=True)
class Device:
    """A device model, the system it runs and how slowly it starts the app."""

    platform: str
    model: str
    os_version: str
    share: float
    slowness: float


@dataclass(frozen=True)
class Release:
    """An app version and the day, counted from the company's first day, it came out."""

    version: str
    day: int


COUNTRIES = (
    Country("US", 0.22, 1.9, (("California", "San Francisco"), ("Texas", "Austin"))),
    Country("BR", 0.12, 0.6, (("São Paulo", "São Paulo"), ("Bahia", "Salvador"))),
    Country("IN", 0.11, 0.4, (("Karnataka", "Bengaluru"), ("Maharashtra", "Mumbai"))),
    Country("DE", 0.08, 1.5, (("Bayern", "München"), ("Berlin", "Berlin"))),
    Country("JP", 0.07, 1.4, (("Kantō", "東京"), ("Kansai", "大阪"))),
    Country("ID", 0.06, 0.4, (("Jawa Barat", "Bandung"),)),
    Country("MX", 0.05, 0.6, (("Jalisco", "Guadalajara"),)),
    Country("GB", 0.05, 1.6, (("England", "London"), ("Scotland", "Glasgow"))),
    Country("FR", 0.04, 1.2, (("Île-de-France", "Paris"),)),
    Country("TR", 0.03, 0.5),
    Country("VN", 0.025, 0.4),
    Country("PH", 0.022, 0.4),
    Country("ES", 0.02, 1.0, (("Cataluña", "Barcelona"),)),
    Country("IT", 0.018, 1.0),
    Country("CA", 0.016, 1.7),
    Country("KR", 0.014, 1.3),
    Country("PL", 0.012, 0.8),
    Country("NL", 0.010, 1.4),
    Country("AU", 0.009, 1.7),
    Country("CO", 0.008, 0.5),
    Country("SE", 0.006, 1.4),
    Country("CH", 0.005, 1.8),
    Country(None, 0.025, 0.8),
)

DEVICES = (
    Device("ios", "iPhone 15", "18.1", 0.16, 0.75),
    Device("ios", "iPhone 13", "17.6", 0.15, 0.90),
    Device("ios", "iPhone SE", "16.7", 0.07, 1.20),
    Device("ios", "iPad Air", "17.6", 0.05, 0.95),
    Device("android", "Galaxy S23", "14", 0.14, 0.90),
    Device("android", "Galaxy A14", "13", 0.16, 1.45),
    Device("android", "Redmi Note 12", "13", 0.14, 1.35),
    Device("android", "Pixel 8", "15", 0.05, 0.80),
    Device("web", "Chrome", "128", 0.08, 1.10),
)

CHANNELS: tuple[tuple[str | None, float], ...] = (
    ("organic", 0.44),
    ("google_ads", 0.20),
    ("facebook", 0.14),
    ("tiktok", 0.10),
    ("referral", 0.06),
    (None, 0.06),
)

RELEASES = (
    Release("5.0.2", -60),
    Release("5.1.0", -9),
    Release("5.1.1", 3),
    Release("5.2.0", 12),
)

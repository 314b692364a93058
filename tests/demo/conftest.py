"""One company of full size and one small company for all tests of the demo."""

import pytest

from ab_assets.demo import Company, build_company


@pytest.fixture(scope="package")
def company() -> Company:
    return build_company()


@pytest.fixture(scope="package")
def small() -> Company:
    return build_company(seed=7, users=1_500, days=15)

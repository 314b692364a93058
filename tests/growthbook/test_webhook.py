"""A webhook counts when GrowthBook has signed exactly this body."""

import hashlib
import hmac

import pytest
from pydantic import SecretStr

from ab_assets.growthbook.webhook import is_signed

SECRET = SecretStr("ewhk_0123456789")
BODY = b'{"event":"experiment.updated","data":{}}'
SIGNATURE = hmac.new(b"ewhk_0123456789", BODY, hashlib.sha256).hexdigest()


def test_a_signed_body_counts() -> None:
    assert is_signed(BODY, SIGNATURE, SECRET)
    assert is_signed(BODY, f" {SIGNATURE.upper()}\n", SECRET)


@pytest.mark.parametrize("signature", ["", "é", SIGNATURE[:-1], SIGNATURE + "0", "0" * 64])
def test_any_other_signature_does_not(signature: str) -> None:
    assert not is_signed(BODY, signature, SECRET)


def test_another_body_or_secret_does_not() -> None:
    assert not is_signed(BODY + b"\n", SIGNATURE, SECRET)
    assert not is_signed(BODY, SIGNATURE, SecretStr("other"))

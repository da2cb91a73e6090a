import os

import pytest

from edge.pins import hash_pin, is_pin_hash, verify_pin


def test_a_pin_fits_its_line_only() -> None:
    stored = hash_pin("2468", random_bytes=os.urandom)
    assert stored.startswith("scrypt:14:8:1:")
    assert verify_pin(stored, "2468")
    assert not verify_pin(stored, "2469")
    assert not verify_pin(stored, "")


def test_the_same_pin_makes_another_line_each_time() -> None:
    assert hash_pin("2468", random_bytes=os.urandom) != hash_pin("2468", random_bytes=os.urandom)


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "2468",
        "scrypt:",
        "scrypt:@C01@",
        "scrypt:30:8:1:AAAAAAAAAAAAAAAAAAAAAA==:" + "A" * 43 + "=",  # 256 GiB of memory
        "scrypt:14:8:1:AA==:" + "A" * 43 + "=",
        "scrypt:14:8:1:AAAAAAAAAAAAAAAAAAAAAA==:AA==",
        "scrypt:-1:8:1:AAAAAAAAAAAAAAAAAAAAAA==:" + "A" * 43 + "=",
        "bcrypt:14:8:1:AAAAAAAAAAAAAAAAAAAAAA==:" + "A" * 43 + "=",
    ],
)
def test_a_line_that_is_no_hash_fits_nothing(stored: str) -> None:
    assert not is_pin_hash(stored)
    assert not verify_pin(stored, "2468")

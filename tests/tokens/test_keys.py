"""The text of a token."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from tokens.keys import new_key, read_key


def test_a_key_is_read_back_and_opens_its_own_digest_alone() -> None:
    key, other = new_key(), new_key()

    assert key.text == f"sbt_{key.prefix}_{key.secret}"
    assert len(key.secret) == 43
    assert read_key(key.text) == key
    assert key.digest == hashlib.sha256(key.secret.encode()).hexdigest()
    assert key.opens(key.digest)
    assert not key.opens(other.digest)
    assert not key.opens("")


def test_what_shows_values_does_not_show_the_secret() -> None:
    key = new_key()

    assert key.secret not in f"{key!r} {key} {[key]}"


SPOILT: dict[str, Callable[[str], str]] = {
    "longer": lambda text: f"{text}a",
    "shorter": lambda text: text[:-1],
    "blank after it": lambda text: f"{text} ",
    "line break after it": lambda text: f"{text}\n",
    "other scheme": lambda text: text.replace("sbt_", "sbx_", 1),
    "capital in the prefix": lambda text: f"{text[:4]}A{text[5:]}",
    "Chinese": lambda text: f"{text[:-1]}钥",
    "NUL": lambda text: f"{text[:-1]}\0",
}


@pytest.mark.parametrize("how", SPOILT)
def test_what_is_no_token_is_not_read(how: str) -> None:
    text = new_key().text

    assert read_key(text) is not None
    assert read_key(SPOILT[how](text)) is None

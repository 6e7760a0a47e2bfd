"""The text of a token: ``sbt_<public prefix>_<secret>``. Only a digest of the secret is kept."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
from dataclasses import dataclass

PREFIX_LENGTH = 10
_TEXT = re.compile(r"sbt_([a-z0-9]{10})_([A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True)
class Key:
    """``prefix`` is public and finds the row; ``secret`` has 256 random bits."""

    prefix: str
    secret: str

    def __repr__(self) -> str:
        return f"Key({self.prefix})"  # never the secret: tracebacks and logs show values

    @property
    def text(self) -> str:
        return f"sbt_{self.prefix}_{self.secret}"

    @property
    def digest(self) -> str:
        """Not a slow hash: nobody guesses 256 random bits, and each call is checked."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    def opens(self, digest: str) -> bool:
        """In the same time whether or not it does."""
        return hmac.compare_digest(self.digest, digest)


def new_key() -> Key:
    letters = string.ascii_lowercase + string.digits
    prefix = "".join(secrets.choice(letters) for _ in range(PREFIX_LENGTH))
    return Key(prefix, secrets.token_urlsafe(32))


def read_key(text: str) -> Key | None:
    """None for what cannot be a token."""
    found = _TEXT.fullmatch(text)
    return Key(found[1], found[2]) if found else None

"""Tests: real PostgreSQL and Redis, cheap password hashing, the test-only app for the frame."""

import os

from config.settings.base import *  # noqa: F403
from config.settings.base import API_RATES, CACHES, INSTALLED_APPS, TEMPLATES


class Misspelt(str):
    """A variable that a template names and nobody gives is a fault, not an empty string."""

    __slots__ = ()

    def __mod__(self, variable: object) -> str:
        raise NameError(f"A template names {variable}, which its context does not have.")


SECRET_KEY = "only-for-tests"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter", "tests.support"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_USE_FINDERS = True
DEMONSTRATION = True
# Parallel workers, and sites that tests start, do not count each other's sign-ins.
CACHES["default"]["KEY_PREFIX"] = f"test-{os.getpid()}"
# A site that a test starts is another process: its mail goes where the test can read it.
EMAIL_FILE_PATH = os.environ.get("SCENEBRIDGE_TEST_MAILS", "")
EMAIL_BACKEND = (
    f"django.core.mail.backends.{'filebased' if EMAIL_FILE_PATH else 'locmem'}.EmailBackend"
)
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = Misspelt("%s")  # type: ignore[index]
OUTBOX_RESEND_SECONDS = 1
OUTBOX_MAX_ATTEMPTS = 3
OUTBOX_RETRY_SECONDS = (1, 1)
# What is counted is tested with rates of its own (tests/api/test_throttling.py).
API_RATES = {source: dict.fromkeys(kinds, 1_000_000) for source, kinds in API_RATES.items()}

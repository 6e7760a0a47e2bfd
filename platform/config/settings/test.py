"""Tests: real PostgreSQL and Redis, cheap password hashing, the test-only app for the frame."""

from config.settings.base import *  # noqa: F403
from config.settings.base import INSTALLED_APPS, TEMPLATES

SECRET_KEY = "only-for-tests"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
INSTALLED_APPS = [*INSTALLED_APPS, "tests.support"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_USE_FINDERS = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# A misspelt variable in a template is a fault, not an empty string.
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = ""  # type: ignore[index]
OUTBOX_MAX_ATTEMPTS = 3
OUTBOX_RETRY_SECONDS = (1, 1)

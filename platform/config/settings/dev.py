"""Development and demonstration: embedded servers, static files straight from the source."""

from config.settings.base import *  # noqa: F403
from config.settings.base import SECRET_KEY, env

# The launcher draws a key for each data folder; only commands that serve nobody run without.
SECRET_KEY = SECRET_KEY or "insecure-key-for-commands-that-serve-nobody"
DEBUG = env.bool("SCENEBRIDGE_DEBUG", default=False)
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

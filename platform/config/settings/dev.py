"""Development and demonstration: embedded servers, static files straight from the source."""

import secrets

from config.settings.base import *  # noqa: F403
from config.settings.base import SECRET_KEY, env

# The launcher draws a key for each data folder. Without one, a key for this process alone: a
# forgotten variable never serves anybody under a key that others know.
SECRET_KEY = SECRET_KEY or secrets.token_urlsafe(60)
DEBUG = env.bool("SCENEBRIDGE_DEBUG", default=False)
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
DEMONSTRATION = env.bool("SCENEBRIDGE_DEMONSTRATION", default=True)
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

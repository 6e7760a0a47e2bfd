"""Production: every secret and address from the environment, or no start at all."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *  # noqa: F403
from config.settings.base import (
    BASE_URL,
    DATABASE_OWNER,
    DATABASES,
    SECRET_KEY,
    STORAGES,
    env,
)

for name in (
    "DATABASE_URL",
    "REDIS_URL",
    "SCENEBRIDGE_HOSTS",
    "SCENEBRIDGE_BASE_URL",
    "SCENEBRIDGE_EMAIL_URL",
):
    if not env.str(name, default=""):
        raise ImproperlyConfigured(f"{name} must be set in production.")
# Random characters repeat seldom; what people type, and what stands in examples, does not look so.
_typed = any(word in SECRET_KEY.lower() for word in ("insecure", "change", "secret", "example"))
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 20 or _typed:
    raise ImproperlyConfigured(
        "SCENEBRIDGE_SECRET_KEY must hold at least 50 random characters, such as from: "
        "python -c 'import secrets; print(secrets.token_urlsafe(60))'"
    )
for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
    _given = urlsplit(env.str(name, default=""))
    if _given.password and _given.password in {_given.username, "password", "postgres", "changeme"}:
        raise ImproperlyConfigured(f"{name} must not have a default password.")
if DATABASE_OWNER and DATABASE_OWNER["USER"] == DATABASES["default"]["USER"]:
    raise ImproperlyConfigured(
        "DATABASE_OWNER_URL and DATABASE_URL must name two roles: the site owns no tables."
    )
REFUSE_MIGHTY_ROLE = True  # what DATABASE_URL names is judged at each new connection
if not BASE_URL.startswith("https://"):
    raise ImproperlyConfigured("SCENEBRIDGE_BASE_URL must start with https:// in production.")

STATIC_ROOT = env("SCENEBRIDGE_STATIC_ROOT", default="/srv/scenebridge/static")
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = ["^healthz$"]  # a load balancer asks over plain HTTP
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
# Off only where other sites under the same domain are not ready for HTTPS.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SCENEBRIDGE_HSTS_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = env.bool("SCENEBRIDGE_HSTS_PRELOAD", default=True)
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = [BASE_URL]
# Behind a proxy everybody would share its address, and so the limits on failed sign-ins.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("SCENEBRIDGE_PROXY_COUNT", default=1)
vars().update(env.email_url("SCENEBRIDGE_EMAIL_URL"))

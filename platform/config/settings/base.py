"""Settings common to every installation; ``dev``, ``test`` and ``prod`` build on them.

Everything that differs between installations comes from the environment:
``DATABASE_URL``, ``DATABASE_OWNER_URL``, ``REDIS_URL``, ``SCENEBRIDGE_SECRET_KEY`` and the
``SCENEBRIDGE_*`` below.
"""

import os
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import environ
import structlog
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.contrib.messages import constants as message_levels
from django.utils.translation import gettext_lazy as _

from matching.engine.version import digest_of_sources

env = environ.Env()
ROOT = Path(__file__).resolve().parents[3]

DEBUG = False
SECRET_KEY = env("SCENEBRIDGE_SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("SCENEBRIDGE_HOSTS", default=["127.0.0.1", "localhost"])
BASE_URL = env("SCENEBRIDGE_BASE_URL", default="http://127.0.0.1:8000").rstrip("/")

INSTALLED_APPS = [
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "accounts.apps.ReadOnlyAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_celery_beat",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rules",
    # Before our own: they watch our models being made.
    "pgtrigger",
    "pghistory",
    "common",
    "audit",
    "outbox",
    "lifecycle",
    "accounts",
    "policy",
    "taxonomy",
    "files",
    "organizations",
    "authorities",
    "reviews",
    "tokens",
    "imports",
    "scenarios",
    "capabilities",
    "applications",
    "catalogue",
    "demonstration",
    "matching",
    "notifications",
    "web",
    "api",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "audit.middleware.RequestAddress",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "web.middleware.SessionUse",
    "web.middleware.SecondFactorDoor",
    "django_htmx.middleware.HtmxMiddleware",
    "web.request_log.RequestLog",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context.site",
            ],
            "builtins": ["django.templatetags.i18n", "web.templatetags.scenebridge"],
        },
    }
]

_database = env.db_url("DATABASE_URL", default="postgres://localhost/scenebridge")
DATABASES = {
    "default": {
        **_database,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # A request that cannot be answered in time must not hold locks for ever (THREATS A16).
        "OPTIONS": {
            **_database.get("OPTIONS", {}),
            "options": " ".join(
                [
                    "-c statement_timeout=30s -c lock_timeout=10s",
                    _database.get("OPTIONS", {}).get("options", ""),
                ]
            ),
        },
    }
}
# Who owns the tables: given to ``migrate`` alone, never to the running site.
DATABASE_OWNER = env.db_url("DATABASE_OWNER_URL") if env.str("DATABASE_OWNER_URL", "") else None
# Production does not serve as a role that could rewrite its own records.
REFUSE_MIGHTY_ROLE = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    # Not Django's own beside it: each would hash the password of a failing sign-in.
    "accounts.backends.AccountBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "accounts.validators.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "workspace"
# 平台默认: a link to reset a password stands in logs of proxies too, so it does not live long.
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "web.forms.accounts.SignInForm",
    "signup": "web.forms.accounts.SignUpForm",
    "add_email": "web.forms.accounts.ChangeAddressForm",
    "reauthenticate": "web.forms.accounts.ReauthenticateForm",
    "change_password": "web.forms.accounts.ChangePasswordForm",
    "set_password": "web.forms.accounts.SetPasswordForm",
    "reset_password": "web.forms.accounts.ResetPasswordForm",
    "reset_password_from_key": "web.forms.accounts.ResetPasswordKeyForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_NOTIFICATIONS = True
# One address each; the former one stays until the next is verified.
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# 平台默认: how long a proof of who one is holds for what needs it afresh, in seconds.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[场景桥] "
# "strict": an address that somebody merely typed keeps nobody else from signing up with it.
ACCOUNT_PREVENT_ENUMERATION = "strict"
# 平台默认 (THREATS A20): nobody can close an account to those who come from elsewhere.
ACCOUNT_RATE_LIMITS = {
    # Failures of one address; the key is account and address.
    "login_failed": "10/m/ip,5/5m/key",
    # Of one account, from wherever; beyond, the next line counts for each address too.
    "login_failed_account": "50/h/key",
    "login_failed_strained": "1/5m/key",
    # Requests; the mails are counted below, and left out beyond without a word: first those that
    # one address asks for an account, then all of an account. A link lives as long as they count.
    "reset_password": "20/m/ip",
    "reset_mail_from_address": "5/h/key",
    "reset_mail": "25/h/key",
    # Mails to verify an address, for each address: again after a minute, and a few a day.
    "confirm_email": "1/m/key",
    "unproven_mail": "10/d/key",
}
MFA_ADAPTER = "accounts.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Nobody signs in with an address that is not verified; who changes it keeps the former one.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Clocks of phones are a little off: one code before and after counts too.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "web.forms.accounts.CodeForm",
    "reauthenticate": "web.forms.accounts.CodeAgainForm",
    "activate_totp": "web.forms.accounts.ActivateAppForm",
    "add_webauthn": "web.forms.accounts.AddPasskeyForm",
    "edit_webauthn": "web.forms.accounts.NamePasskeyForm",
    "authenticate_webauthn": "web.forms.accounts.PasskeyForm",
    "login_webauthn": "web.forms.accounts.PasskeySignInForm",
    "reauthenticate_webauthn": "web.forms.accounts.PasskeyAgainForm",
}
# How many proxies in front may be believed about where a request came from.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("SCENEBRIDGE_PROXY_COUNT", default=0)

DEFAULT_FROM_EMAIL = env("SCENEBRIDGE_EMAIL_FROM", default=f"noreply@{urlsplit(BASE_URL).hostname}")
EMAIL_TIMEOUT = 10

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文"))]
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
FORMAT_MODULE_PATH = ["config.formats"]

STATIC_URL = "static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# Tabler's name for what went wrong.
MESSAGE_TAGS = {message_levels.ERROR: "danger"}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "web.views.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # Tabler draws its chevrons and check marks as data: images in the style sheet.
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

REST_FRAMEWORK = {
    # The first one also says how to sign in to whoever has not: 401 with WWW-Authenticate.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    # Deny by default: a public view says so itself.
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttling.ApiThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.JSONBody"],
    "DEFAULT_PAGINATION_CLASS": "api.pagination.PageNumberPagination",
    "DEFAULT_FILTER_BACKENDS": ["api.filters.StrictFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "api.schema.ProblemAutoSchema",
    "EXCEPTION_HANDLER": "api.errors.problem_response",
    "URL_FORMAT_OVERRIDE": None,
}
# 平台默认: calls a minute; ``address`` counts visitors, and wrong tokens apart (``failure``).
API_RATES = {
    "token": {"read": 600, "write": 120},
    "person": {"read": 600, "write": 120},
    "address": {"read": 240, "write": 30, "failure": 30},
}
# 平台默认: an answer is repeated for the same Idempotency-Key this long.
IDEMPOTENCY_KEEP_HOURS = 24
SPECTACULAR_SETTINGS = {
    "TITLE": "SceneBridge 场景桥 API",
    "VERSION": "1",
    "DESCRIPTION": "组织、场景、能力、城市聚焦领域与政策条款的开放接口。\n\n"
    "程序用组织的访问令牌登录：请求头 `Authorization: Bearer sbt_…`，"
    "令牌由组织的负责人在组织页面创建。组织的登记和修改由本人办理，令牌只能读取。"
    "用浏览器会话写入时，须在请求头 `X-CSRFToken` 里带上 Cookie `csrftoken` 的值。\n\n"
    "写入时可带请求头 `Idempotency-Key`：同一个键、同样的内容重发，只执行一次，答复相同。"
    "每分钟的调用次数有上限，超出时回答 429，`Retry-After` 是应等待的秒数。\n\n"
    "每个操作一个地址：`POST {id}/{操作}/`，此刻可用的操作见 `actions`。",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "/static/web/icon.svg",
    "SWAGGER_UI_SETTINGS": {"defaultModelsExpandDepth": -1, "displayRequestDuration": True},
    "ENUM_NAME_OVERRIDES": {
        "DocumentStatus": "policy.enums.DocumentStatus",
        "RuleStatus": "policy.enums.RuleStatus",
        "ConceptStatus": "taxonomy.enums.ConceptStatus",
        "CarrierKind": "taxonomy.enums.CarrierKind",
        "MappingKind": "taxonomy.enums.MappingKind",
        "DistrictKind": "taxonomy.enums.DistrictKind",
        "ScenarioKind": "scenarios.enums.ScenarioKind",
        "ScenarioState": "scenarios.enums.ScenarioState",
        "CallMode": "scenarios.enums.CallMode",
        "Condition": "scenarios.enums.Condition",
        "DemandKind": "scenarios.enums.DemandKind",
        "Strength": "scenarios.enums.Strength",
        "CapabilityState": "capabilities.enums.CapabilityState",
        "ProductKind": "capabilities.enums.ProductKind",
        "ApplicationState": "applications.enums.ApplicationState",
        "CatalogueItemState": "catalogue.enums.ItemState",
        **{
            name: f"organizations.enums.{name}"
            for name in ("Attribute", "Capacity", "IdentifierScheme", "LegalKind", "MemberRole")
        },
        "OrganizationState": "organizations.enums.OrganizationState",
        "EvidenceKind": "organizations.enums.EvidenceKind",
        "EvidenceState": "organizations.enums.EvidenceState",
        "NotificationCategory": "notifications.enums.Category",
        "MatchPartName": "matching.explanations.LABELS",
    },
}

REDIS_URL = env("REDIS_URL", default="redis://localhost:6379/0")
# Celery spells a socket address differently from redis-py.
CELERY_BROKER_URL = (
    REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
    if REDIS_URL.startswith("unix://")
    else REDIS_URL
)
# What processes count together (failed sign-ins), apart from the broker's own keys. When Redis
# is away, signed-in people notice nothing; signing in answers 503.
_redis, _, _options = REDIS_URL.partition("?")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env(
            "SCENEBRIDGE_CACHE_URL",
            default=f"{_redis}?{urlencode({**dict(parse_qsl(_options)), 'db': 15})}",
        ),
        "KEY_PREFIX": "scenebridge",
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
    }
}
CELERY_TASK_DEFAULT_QUEUE = "celery"
# Ranking runs beside everything else: its workers alone load compiled code and the snapshot.
MATCHING_QUEUE = "matching"
# Parts of a full run: one for each process that ranks. More of them know less of each other.
MATCHING_PARTS = env.int("SCENEBRIDGE_MATCHING_PARTS", default=2)
CELERY_TASK_ROUTES = {"matching.*": {"queue": MATCHING_QUEUE}}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A matching worker that compiles its kernels (once a host and engine) must not be taken for dead.
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 300.0
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_TASK_TIME_LIMIT = 600  # below the visibility timeout, else a slow task runs twice
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    # A broker that accepts and never answers must not hold the relay for ever.
    "socket_connect_timeout": 10,
    "socket_timeout": 30,
    "socket_keepalive": True,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = {
    "files.purge": {"task": "files.purge", "schedule": crontab(hour=3, minute=50)},
    # 平台默认: the first minutes of a day in Beijing.
    "organizations.watch_evidence": {
        "task": "organizations.watch_evidence",
        "schedule": crontab(hour=0, minute=5),
    },
    "organizations.discard_files": {
        "task": "organizations.discard_files",
        "schedule": crontab(hour=3, minute=45),
    },
    "accounts.purge": {"task": "accounts.purge", "schedule": crontab(hour=3, minute=40)},
    "outbox.prune": {"task": "outbox.prune", "schedule": crontab(hour=3, minute=30)},
    "tokens.prune_answers": {
        "task": "tokens.prune_answers",
        "schedule": crontab(hour=3, minute=40),
    },
    "audit.purge_history": {"task": "audit.purge_history", "schedule": crontab(hour=4, minute=0)},
    # 平台默认: every night just before midnight.
    "audit.anchor": {"task": "audit.anchor", "schedule": crontab(hour=23, minute=55)},
    # 平台默认: what no message told of (a deadline that passed) leaves the lists within a minute.
    "matching.sweep": {"task": "matching.sweep", "schedule": 60.0},
    # At NOTIFICATION_DIGEST_HOUR, and again in case a beat was missed: one a day goes out.
    "notifications.write_digests": {
        "task": "notifications.write_digests",
        "schedule": crontab(hour="8-23", minute=0),
    },
    "notifications.prune": {
        "task": "notifications.prune",
        "schedule": crontab(hour=3, minute=40),
    },
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

DJANGO_STRUCTLOG_CELERY_ENABLED = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            # Plain tracebacks: the rich ones print local variables, which may be personal data.
            "processor": structlog.dev.ConsoleRenderer(
                colors=False, exception_formatter=structlog.dev.plain_traceback
            ),
            "foreign_pre_chain": [structlog.processors.TimeStamper(fmt="iso")],
        }
    },
    "filters": {"without_addresses": {"()": "web.request_log.WithoutAddresses"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["without_addresses"],
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

# The footer of every page; an installation states its own (UX.md, conventions).
SITE_OPERATOR = env("SCENEBRIDGE_OPERATOR", default="")
SITE_CONTACT = env("SCENEBRIDGE_CONTACT", default="")
SITE_FILING_NUMBERS = env.list("SCENEBRIDGE_FILING_NUMBERS", default=[])

# 平台默认, in days, each from when the record was last of use; the privacy page states them.
RETENTION_DAYS = {
    # Who opened an account and never proved that the address is theirs.
    "unverified_accounts": 30,
    # Devices of ended sessions, for the question whether that was oneself (网络安全法 §21).
    "sessions": 180,
    # That a closed account had agreed to something, while claims may still be made (民法典 §188).
    "consents_of_closed_accounts": 1095,
    # What people were told of; the records themselves have their own history.
    "notifications": 180,
    # Files of documents taken back before anybody checked them; and of those that were checked,
    # declined or ran out, while a decision that rests on them may be questioned (民法典 §188).
    "withdrawn_evidence": 30,
    "ended_evidence": 1095,
    # What a row was that is gone itself, such as a membership, while its decisions may be
    # questioned (民法典 §188). The database keeps to it: a change counts from the next ``migrate``.
    "history_of_removed": 1095,
}

# 平台默认: mails that invite, of one person over all of their organizations and of one
# organization; and how many may wait for an answer before anybody has checked the organization.
INVITATIONS_A_DAY = 20
INVITATIONS_BEFORE_VERIFICATION = 3

SEEDS_DIR = ROOT / "seeds"
# Snapshots and compiled kernels, which all who rank on one host share; both can be made anew.
_home = Path(env("SCENEBRIDGE_HOME", default="") or ROOT / ".run")
_matching_home = Path(env("SCENEBRIDGE_MATCHING_HOME", default="") or _home / "matching")
MATCHING_HOME = _matching_home.expanduser().resolve()
# Uploads; unlike the above they cannot be made anew: back them up with the database.
_files_home = Path(env("SCENEBRIDGE_FILES_HOME", default="") or _home / "files")
FILES_HOME = _files_home.expanduser().resolve()
# 平台默认: of one upload; a licence scanned in colour needs less than half of it.
FILES_MAX_BYTES = 10 * 2**20
# 平台默认: uploads in 24 hours, of one person and of one organization; and what the documents of
# one organization may take together, those taken back but still kept included.
FILES_A_DAY = 60
EVIDENCE_FILES_A_DAY = 20
EVIDENCE_MAX_BYTES = 100 * 2**20
# The head of the audit chain, a file a day: to be copied to where this machine cannot write.
AUDIT_ANCHORS = Path(env("SCENEBRIDGE_AUDIT_ANCHORS", default="") or _home / "anchors")
# Here, where nobody can have imported numba yet: it looks when it is imported.
os.environ.setdefault("NUMBA_CACHE_DIR", str(MATCHING_HOME / "kernels" / digest_of_sources()))
# Whether invented organizations may be loaded beside the policy facts; their sign-ins are printed.
DEMONSTRATION = False

# 平台默认: a delivery that nobody finished is sent again (THREATS F2: recovery within 60 s);
# failing runs before it is set aside for a person, and the pause after each.
OUTBOX_RESEND_SECONDS = 45
OUTBOX_MAX_ATTEMPTS = 8
OUTBOX_RETRY_SECONDS: tuple[int, ...] = (30, 60, 120, 300, 600, 1200, 1800)
# 平台默认: delivered messages are kept this long for questions about what happened.
OUTBOX_KEEP_DAYS = 30

# 平台默认: no clause says how long a product stands under public notice before it is listed
# (首购目录); calendar days, first and last included.
CATALOGUE_NOTICE_DAYS = 7

# 平台默认: mail to one person. The digest goes out at this hour of Beijing and shows so many
# notices; after so many mails in a day, the rest waits for it.
NOTIFICATION_DIGEST_HOUR = 8
NOTIFICATION_DIGEST_CAP = 20
NOTIFICATION_MAIL_CAP = 20

"""All settings of Numberdesk. The only reader of the environment; see `.env.example`.

Accounts, budgets and secrets of providers are rows in the database, not settings.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from portal.embedded import paths, secrets
from portal.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent


def strict_bool(value: Any) -> bool:
    """Return the truth value of a setting; a misspelt one is refused instead of taken for False."""
    word = str(value).strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off", ""}:
        return False
    raise ImproperlyConfigured(f"“{value}” is neither true nor false. Write true or false.")


env = environ.FileAwareEnv()
if (BASE_DIR / ".env").is_file():
    env.read_env(str(BASE_DIR / ".env"))

DEBUG: bool = env("DEBUG", cast=strict_bool, default=False)
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
IS_EMBEDDED = not env.str("DATABASE_URL", default="")

# --- Secrets: from the environment; on a first look without one, made once and kept under var/.
_kept = {} if env.str("SECRET_KEY", default="") else secrets.load_or_create(VAR_DIR)
SECRET_KEY: str = env.str("SECRET_KEY", default="") or _kept["SECRET_KEY"]
SALT_KEY: list[str] = env.list("SALT_KEY", default=[]) or [_kept.get("SALT_KEY", "")]
if SALT_KEY == [""]:
    raise ImproperlyConfigured(
        "SALT_KEY is missing. It protects the provider credentials: set it beside SECRET_KEY."
    )

ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL: str = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
SANDBOX_URL: str = env.str("SANDBOX_URL", default="http://127.0.0.1:8081").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "pgtrigger",
    "portal.apps.PortalConfig",
    "inventory.apps.InventoryConfig",
    "e911.apps.E911Config",
    "porting.apps.PortingConfig",
    "messaging.apps.MessagingConfig",
    "tollfree.apps.TollfreeConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.middleware.SeenSessionsMiddleware",
    "portal.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "portal.middleware.SecondFactorMiddleware",
    "portal.middleware.TimeZoneMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context_processors.shell",
            ],
            "builtins": ["portal.templatetags.portal"],
        },
    }
]

# --- Database: PostgreSQL only. The embedded server under var/ unless DATABASE_URL names another.
DATABASES = {
    "default": env.db_url_config(env.str("DATABASE_URL", default="") or paths.database_url(VAR_DIR))
}
DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Compiling a query takes PostgreSQL longer than any of ours runs.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- People
AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "portal.access.RoleBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:home"
ACCOUNT_ADAPTER = "portal.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Numberdesk] "
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": None}  # lock-out is axes' work
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Numberdesk"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or SITE_URL.startswith("http://")
USERSESSIONS_TRACK_ACTIVITY = True
STAFF_SECOND_FACTOR_REQUIRED: bool = env(
    "STAFF_SECOND_FACTOR_REQUIRED", cast=strict_bool, default=False
)
AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", default=5)
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "account/locked_out.html"
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "portal.adapters.axes_username"
AXES_HTTP_RESPONSE_CODE = 429
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
# How many proxies stand before the site: from which place of X-Forwarded-For an address is taken.
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
AXES_IPWARE_PROXY_COUNT = TRUSTED_PROXY_COUNT or None
AXES_IPWARE_META_PRECEDENCE_ORDER = (
    ["HTTP_X_FORWARDED_FOR", "REMOTE_ADDR"] if TRUSTED_PROXY_COUNT else ["REMOTE_ADDR"]
)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14

# --- Transport security: on as soon as the site is served over https
IS_HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_SSL_REDIRECT: bool = env("SECURE_SSL_REDIRECT", cast=strict_bool, default=IS_HTTPS)
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Celery: carries ids only; the ledger in PostgreSQL is the truth (docs/adr/0002)
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="") or paths.broker_url(VAR_DIR)
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
if CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 3600,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_timeout": 30,
        "socket_keepalive": not CELERY_BROKER_URL.startswith("redis+socket"),
    }
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sweep-ledger": {"task": "portal.tasks.sweep_ledger", "schedule": 5.0},
    "housekeeping": {"task": "portal.tasks.keep_house", "schedule": 86_400.0},
    "keep-uploads": {"task": "portal.tasks.keep_uploads", "schedule": 30.0},
    "read-accounts": {"task": "portal.tasks.read_accounts", "schedule": 300.0},
    "expire-approvals": {"task": "portal.tasks.expire_approvals", "schedule": 300.0},
    "prune-ledger": {"task": "portal.tasks.prune_ledger", "schedule": 3600.0},
    "sync-accounts": {"task": "inventory.tasks.sync_due_accounts", "schedule": 60.0},
    "expire-holds": {"task": "inventory.tasks.expire_holds", "schedule": 30.0},
    "e911-catch-up": {"task": "e911.tasks.catch_up", "schedule": 20.0},
    "e911-lists": {"task": "e911.tasks.sync_due_accounts", "schedule": 300.0},
    "e911-lost": {"task": "e911.tasks.look_at_lost", "schedule": 300.0},
    "e911-rebuild": {"task": "e911.tasks.rebuild", "schedule": 86_400.0},
    "count-stock": {"task": "inventory.tasks.count_stock", "schedule": 900.0},
    "move-lifecycle": {"task": "inventory.tasks.move_lifecycle", "schedule": 3600.0},
    "poll-ports": {"task": "porting.tasks.poll_due", "schedule": 60.0},
    "follow-arrivals": {"task": "porting.tasks.follow_arrivals", "schedule": 30.0},
    "port-clocks": {"task": "porting.tasks.keep_clocks", "schedule": 1800.0},
    "send-port-mails": {"task": "porting.tasks.send_mails", "schedule": 20.0},
}

# --- The ledger
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=60)
JOB_REDELIVER_SECONDS = env.int("JOB_REDELIVER_SECONDS", default=15)
JOB_MAX_ATTEMPTS = env.int("JOB_MAX_ATTEMPTS", default=6)
EXCHANGE_KEEP_DAYS = env.int("EXCHANGE_KEEP_DAYS", default=90)
JOB_KEEP_DAYS = env.int("JOB_KEEP_DAYS", default=400)
SYNC_INTERVAL_MINUTES = env.int("SYNC_INTERVAL_MINUTES", default=60)
FEATURE_LISTS_MINUTES = env.int("FEATURE_LISTS_MINUTES", default=360)

# --- The lifecycle of numbers (docs/lifecycles.md)
AGING_DAYS = env.int("AGING_DAYS", default=45)
RELEASE_HOLD_DAYS = env.int("RELEASE_HOLD_DAYS", default=30)
REPORT_COMPANY_ID = env.str("REPORT_COMPANY_ID", default="")

# --- E911: how long a check of an address counts, how often full lists are read, how long a 933 test
E911_CHECK_HOURS = env.int("E911_CHECK_HOURS", default=24)
E911_SYNC_HOURS = env.int("E911_SYNC_HOURS", default=24)
E911_TEST_DAYS = env.int("E911_TEST_DAYS", default=365)

# --- A second person approves (docs/adr/0010-second-person.md)
APPROVAL_ABOVE = env.int("APPROVAL_ABOVE", default=25)
APPROVAL_DAYS = env.int("APPROVAL_DAYS", default=3)

# --- Lookups that a provider charges for: how many a day, and numbers in one job
LOOKUP_DAY_LIMIT = env.int("LOOKUP_DAY_LIMIT", default=10_000)
LOOKUP_JOB_LIMIT = env.int("LOOKUP_JOB_LIMIT", default=5000)

# --- Porting (docs/lifecycles.md): what a number costs, in US dollars, and the clocks of carriers
PORT_PRICE_PER_NUMBER = Decimal(env.str("PORT_PRICE_PER_NUMBER", default="6.00"))
PORT_CALLS_PER_MINUTE = env.int("PORT_CALLS_PER_MINUTE", default=60)  # of each provider account
PORT_FREEZE_HOURS = env.int("PORT_FREEZE_HOURS", default=24)
PORT_SILENCE_DAYS = env.int("PORT_SILENCE_DAYS", default=14)
PORT_LETTER_MAX_DAYS = env.int("PORT_LETTER_MAX_DAYS", default=30)
PORT_BILL_MAX_DAYS = env.int("PORT_BILL_MAX_DAYS", default=90)
PORT_DRAFT_KEEP_DAYS = env.int("PORT_DRAFT_KEEP_DAYS", default=90)
PORT_DOCUMENT_MAX_MB = env.int("PORT_DOCUMENT_MAX_MB", default=10)
PORT_CHECK_LIMIT = env.int("PORT_CHECK_LIMIT", default=10_000)  # numbers of one pre-flight
PORT_DOCUMENT_DIR = Path(env.str("PORT_DOCUMENT_DIR", default=str(VAR_DIR / "documents")))

# --- Uploads: docs/csv.md
UPLOAD_MAX_BYTES = 20_000_000
UPLOAD_MAX_ROWS = 100_000
UPLOAD_KEEP_DAYS = env.int("UPLOAD_KEEP_DAYS", default=90)

# --- Mail
if env.str("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = env.str("MAIL_DIR", default=str(VAR_DIR / "mail"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Numberdesk <numberdesk@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Pages
LANGUAGE_CODE = "en-us"
TIME_ZONE = env.str("TIME_ZONE", default="America/New_York")
USE_TZ = True
USE_I18N = False
USE_THOUSAND_SEPARATOR = True
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# With `manage.py collectstatic` files get hashed names and compressed copies; without it (a first
# look) they are served from where they are.
IS_COLLECTED = not IS_EMBEDDED and (
    (STATIC_ROOT / "staticfiles.json").is_file() or "collectstatic" in sys.argv[1:2]
)
WHITENOISE_USE_FINDERS = not IS_COLLECTED
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
DEMO_LOGINS_SHOWN: bool = env("DEMO_LOGINS_SHOWN", cast=strict_bool, default=IS_EMBEDDED)

# --- Logs: JSON in production, readable on a terminal
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_FORMAT = env.str("LOG_FORMAT", default="console" if sys.stderr.isatty() else "json")
LOGGING = logging_config(level=LOG_LEVEL, style=LOG_FORMAT)
DJANGO_STRUCTLOG_CELERY_ENABLED = False

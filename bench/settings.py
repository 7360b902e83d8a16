"""Settings of the benchmark: those of the site, on a database and broker keys of their own."""

import os

from portal.settings import *  # noqa: F403
from portal.settings import CELERY_BROKER_URL, DATABASES, INSTALLED_APPS, MIDDLEWARE

# The database that is there already, from which ours is made and dropped.
SERVER_DATABASE = DATABASES["default"]["NAME"]
DATABASES["default"]["NAME"] = os.environ.get("BENCH_DATABASE", "numberdesk_bench")

INSTALLED_APPS = [*INSTALLED_APPS, "bench.apps.BenchConfig"]
MIDDLEWARE = ["bench.counting.CountingMiddleware", *MIDDLEWARE]
ROOT_URLCONF = "bench.urls"
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
DEMO_LOGINS_SHOWN = False
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

# Plain HTTP on this machine, whatever the site itself is served over.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
SECURE_PROXY_SSL_HEADER = None

# As `make run` serves them: no step that gathers files before.
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# Never the keys of a site that runs on the same broker: its workers would take our jobs.
IS_BROKER_SHAREABLE = CELERY_BROKER_URL.startswith("redis")
if IS_BROKER_SHAREABLE:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        **CELERY_BROKER_TRANSPORT_OPTIONS,  # noqa: F405
        "global_keyprefix": f"{DATABASES['default']['NAME']}:",
    }

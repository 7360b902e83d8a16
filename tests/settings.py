"""Settings of the test suite: those of the site, quicker and louder."""

import os

os.environ.setdefault("SECRET_KEY", "tests-only-secret-key-of-no-other-use")
os.environ.setdefault("SALT_KEY", "tests-only-salt")

from portal.settings import *  # noqa: F403

ALLOWED_HOSTS = ["*"]
DEMO_LOGINS_SHOWN = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = os.environ.get("TESTS_REAL_BROKER", "") != "1"
CELERY_TASK_EAGER_PROPAGATES = True
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405

"""Django's settings, all from the environment (docs/configuration.md)."""

from pathlib import Path
from typing import Any

import django_htmx
from csp.constants import NONE, SELF
from django.utils.functional import SimpleLazyObject

from config import databases, environment, methods
from local.servers import broker, postgres

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"  # as in pyproject.toml

# The folder of everything that this installation keeps: embedded servers' data, keys.
STATE = Path(environment.text("STATE", str(BASE_DIR / "var"))).resolve()

DEBUG = environment.flag("DEBUG")
# Made when it is first used, so that commands that need no key write none.
SECRET_KEY = environment.text("SECRET_KEY") or SimpleLazyObject(lambda: environment.secret_key(STATE))
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS")

# What the pages say of those who run the site.
SITE_NAME = environment.text("SITE_NAME", "Inference Records")
OPERATOR = environment.text("OPERATOR")
CONTACT = environment.text("CONTACT")
DATA_LICENCE = environment.text("DATA_LICENCE")
SOURCE_URL = environment.web_address("SOURCE_URL")
SITE_URL = environment.web_address("SITE_URL").rstrip("/")  # in mail, where no request says it
NOINDEX = environment.flag("NOINDEX", default=True)
SEARCH_DELETED = environment.flag("SEARCH_DELETED", default=True)

INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "indexer",
    "explorer",
    "explorer.desk",
    "explorer.accounts",
    "explorer.challenges",
]
MIDDLEWARE = [
    # Headers come first, so that what the others refuse has them too.
    "explorer.api.cors.open_to_all",
    "csp.middleware.CSPMiddleware",
    "config.middleware.headers",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # As they are sent: compressed, and with what tells whether a reader has them already.
    "config.kept_answers.Kept",
    # Pages hold no secret that a compressed length could tell; Django pads them besides.
    "django.middleware.gzip.GZipMiddleware",
    "config.middleware.Unchanged",
    "config.middleware.requests",
    "config.middleware.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.middleware.Persons",
    "allauth.account.middleware.AccountMiddleware",
    "config.middleware.Outage",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False

# Security. Behind a proxy that ends TLS, HTTPS=1.
HTTPS = environment.flag("HTTPS")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
# A proxy or an orchestrator asks for these in plain HTTP.
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
# Whether subdomains keep to HTTPS too is not for one site among them to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_AGE = None  # it ends with the browser's session
# What knows a person lies below this path: no other page is sent these cookies, and all others can be cached.
CSRF_COOKIE_PATH = SESSION_COOKIE_PATH = methods.PERSONAL
CSRF_FAILURE_VIEW = "config.refusals.forbidden"
# Who is signed in, for two weeks at most. Accounts, sessions and codes are explorer/accounts'; what allauth
# has of that besides is off.
AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["explorer.accounts.backends.OfSession"]
SESSION_ENGINE = "explorer.accounts.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 60 * 60  # seconds
LOGIN_URL = "/my/sign-in"
LOGIN_REDIRECT_URL = "/my/account"
ACCOUNT_ADAPTER = "explorer.accounts.adapter.Adapter"
ACCOUNT_EMAIL_VERIFICATION = "none"  # whoever entered a code has shown it
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = "handle"
# Passkeys beside the code, each shown by whoever has it: a finger, a face or a number of his device.
MFA_ADAPTER = "explorer.accounts.adapter.PasskeyAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "recovery_codes"]
MFA_RECOVERY_CODE_DIGITS = 10
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# How many proxies in front are ours: so many of the last addresses in X-Forwarded-For are to be believed.
NUM_PROXIES = environment.number("NUM_PROXIES")
KEPT_ANSWERS = environment.number("KEPT_ANSWERS", default=16)
# What may be sent, and where, is in config/methods.py, which is asked first: this is the most anywhere.
DATA_UPLOAD_MAX_MEMORY_SIZE = max(methods.LARGEST.values())
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "explorer.pages.frame.context.site",
            ],
            "builtins": [
                "explorer.pages.rendering.address_tags",
                "explorer.pages.rendering.tags",
                "explorer.pages.rendering.name_tags",
                "explorer.pages.rendering.text_tags",
                "explorer.pages.rendering.edit_tags",
                "explorer.pages.rendering.row_tags",
                "explorer.pages.rendering.challenge_tags",
            ],
        },
    }
]

# Only what pages use is served, nothing of what apps bring for pages of their own.
STATIC_URL = "/static/"
STATIC_ROOT = STATE / "static"
STATICFILES_DIRS = [BASE_DIR / "static", Path(django_htmx.__file__).parent / "static"]
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
# What people send as files: out of what is served, and in a folder that can be a volume of its own, or with
# another of Django's storages, such as those of django-storages.
MEDIA_ROOT = Path(environment.text("FILES", str(STATE / "evidence"))).resolve()
_FILES_BACKEND = environment.text("FILES_BACKEND")
STORAGES = {
    "default": {
        "BACKEND": _FILES_BACKEND or "django.core.files.storage.FileSystemStorage",
        "OPTIONS": environment.members("FILES_OPTIONS")
        if _FILES_BACKEND
        else {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {"BACKEND": "config.static.Storage"},
}
# Where `collectstatic` never ran, files are served from where they lie.
WHITENOISE_USE_FINDERS = DEBUG or not (STATIC_ROOT / "staticfiles.json").exists()
WHITENOISE_ALLOW_ALL_ORIGINS = False

DATABASE_URL = environment.text("DATABASE_URL")
READER_DATABASE_URL = environment.text("READER_DATABASE_URL")
DESK_DATABASE_URL = environment.text("DESK_DATABASE_URL")
WORKER_DATABASE_URL = environment.text("WORKER_DATABASE_URL")
# Whether PostgreSQL is the one under STATE, which commands start and stop themselves.
DATABASE_IS_EMBEDDED = not (DATABASE_URL or READER_DATABASE_URL)
# The web server, whose module config/wsgi.py says so, comes as a role that can only read, and to the desk as
# one that can only write what is sent.
DATABASE_ROLE = environment.choice("DATABASE_ROLE", ("owner", "reader"))
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **environment.address(
            DATABASE_ROLE, owner=DATABASE_URL, reader=READER_DATABASE_URL, embedded=postgres.address(STATE)
        ),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    },
    # The same database, of which this alias sees the schema of the same name alone.
    databases.DESK: {
        **environment.desk_address(
            DATABASE_ROLE,
            owner=DATABASE_URL,
            reader=READER_DATABASE_URL,
            web=DESK_DATABASE_URL,
            embedded=postgres.address(STATE),
        ),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    },
}
DATABASE_ROUTERS = ["config.databases.Router"]
DESK_RIGHTS = databases.DESK_RIGHTS
PURGED_TABLES = databases.WITH_WORDS_OF_PERSONS
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Mail. Without EMAIL_HOST or REPORTS_TO none is sent.
EMAIL_HOST = environment.text("EMAIL_HOST")
EMAIL_PORT = environment.number("EMAIL_PORT", default=25)
EMAIL_HOST_USER = environment.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = environment.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = environment.flag("EMAIL_USE_TLS")
EMAIL_USE_SSL = environment.flag("EMAIL_USE_SSL")
EMAIL_TIMEOUT = 5  # seconds
# Where there is no server, mail that must reach a person is a file here, for whoever has this machine.
EMAIL_FILE_PATH = "" if EMAIL_HOST else str(STATE / "mail")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", "webmaster@localhost")
REPORTS_TO = environment.words("REPORTS_TO")

# Whether people can sign in and file challenges. On a server that needs a name and a way to answer for it;
# `local` is what `make run` has.
_CHALLENGES = environment.choice("CHALLENGES", ("0", "1", "local"))
_NEEDED = {"OPERATOR": OPERATOR, "CONTACT": CONTACT, "EMAIL_HOST": EMAIL_HOST}
CHALLENGES_LACK = [name for name, given in _NEEDED.items() if not given] if _CHALLENGES == "1" else []
CHALLENGES = _CHALLENGES != "0" and not CHALLENGES_LACK
CHALLENGES_ARE_LOCAL = _CHALLENGES == "local"

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
    # The query of an address holds what is asked for, and nothing of how.
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": SITE_NAME,
    "DESCRIPTION": "Inference records of a chain: what was said, changed and removed, and how far all of "
    "it is proved.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["explorer.api.examples.add"],
}

# Tasks are short, repeatable and hold no state: PostgreSQL does. A task whose worker dies runs again once
# the visibility timeout is over, so that must be longer than the longest task.
TASK_SECONDS = 600
CELERY_BROKER_URL = environment.text("CELERY_BROKER_URL") or broker.url(STATE)
BROKER_IS_EMBEDDED = not environment.text("CELERY_BROKER_URL")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": TASK_SECONDS + 120,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT = TASK_SECONDS
CELERY_TASK_TIME_LIMIT = TASK_SECONDS + 60
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = 2
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1_000
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 512 * 1024  # KiB, after which another process takes its place
CELERY_TIMEZONE = "UTC"
# The schedule and the queues are in config/celery.py.

LOG_LEVELS = ("WARNING", "DEBUG", "INFO", "ERROR", "CRITICAL")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"routine": {"()": "config.routine.WithoutRoutine"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        # What visitors and robots ask for in vain is no trouble of the operator's.
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "CRITICAL"},
        # A line for each question to a node buries the others.
        "httpx": {"level": "WARNING"},
        "celery.beat": {"filters": ["routine"]},
        "celery.worker.strategy": {"filters": ["routine"]},
        "celery.app.trace": {"filters": ["routine"]},
    },
    "root": {"handlers": ["stderr"], "level": environment.choice("LOG_LEVEL", LOG_LEVELS)},
}

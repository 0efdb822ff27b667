"""Settings that are true everywhere."""

import tomllib
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF

from sihao import env

BASE_DIR = Path(__file__).resolve().parents[2]
DATA_DIR = Path(env.text("SIHAO_DATA", str(BASE_DIR / "var")))

DEBUG = False
ALLOWED_HOSTS: list[str] = env.listing("SIHAO_HOSTS")
ROOT_URLCONF = "sihao.urls"
WSGI_APPLICATION = "sihao.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "crispy_forms",
    "csp",
    "axes",
    "sihao.ui",
    "sihao.audit",
    "sihao.accounts",
    "sihao.jobs",
    "scoring",
    "declarations",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "sihao.accounts.middleware.CurrentSeat",
    "sihao.ui.busy.Busy",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "sihao.accounts.context.shell",
            ],
            "builtins": ["sihao.ui.templatetags.ui"],
        },
    }
]

# Both databases, always: SQLite is the embedded default, PostgreSQL comes by address.
DATABASES = {"default": env.database(env.text("DATABASE_URL", ""), DATA_DIR / "sihao.sqlite3")}

# People and passwords
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "sihao.accounts.backends.SeatedBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "declarations:worklist"
LOGOUT_REDIRECT_URL = "public:home"
# The link by which a new account gets its password: printed, handed over or mailed.
ACTIVATION_DAYS = env.whole("SIHAO_ACTIVATION_DAYS", 7)
PASSWORD_RESET_TIMEOUT = ACTIVATION_DAYS * 24 * 3600
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "accounts/locked_out.html"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "sihao.accounts.addresses.client_address"
# How many proxies stand in front, each appending to X-Forwarded-For; without any the header is believed by nobody.
TRUSTED_PROXIES = env.whole("SIHAO_PROXIES", int(env.flag("SIHAO_BEHIND_PROXY")))

# Language and time: one language, one zone
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = None

# Files
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGE_ROOT = Path(env.text("SIHAO_STORAGE", str(DATA_DIR / "files")))
MEDIA_ROOT = STORAGE_ROOT
EVIDENCE_MAX_BYTES = env.whole("SIHAO_EVIDENCE_MAX_MB", 20) * 1024 * 1024
EVIDENCE_MAX_FILES = env.whole("SIHAO_EVIDENCE_MAX_FILES", 300)
EVIDENCE_CHUNK_BYTES = 1024 * 1024
EVIDENCE_MAX_OPEN = env.whole("SIHAO_EVIDENCE_MAX_OPEN", 20)
# What one form may bring in all; uploads in pieces have no such limit.
UPLOAD_MAX_BYTES = env.whole("SIHAO_UPLOAD_MAX_MB", 100) * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = EVIDENCE_MAX_FILES
FILE_UPLOAD_HANDLERS = ["sihao.ui.uploads.LimitedUploads"]
FILE_UPLOAD_PERMISSIONS = 0o640

# Forms
CRISPY_ALLOWED_TEMPLATE_PACKS = ["forms"]
CRISPY_TEMPLATE_PACK = "forms"

# A page may load its own style, script and pictures, and nothing else.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"

# Work that outlives a request
JOBS_CELERY = "sihao.celery.app"
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", "memory://embedded")
# A request does not wait for the broker: one short try, then the sweeper. Workers reconnect for ever by themselves.
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, float] = {"max_retries": 0}
if CELERY_BROKER_URL.startswith("memory:"):
    CELERY_BROKER_TRANSPORT_OPTIONS |= {"polling_interval": 0.2}
elif CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS |= {"socket_connect_timeout": 1, "socket_timeout": 30, "visibility_timeout": 3600}
CELERY_BEAT_SCHEDULE = {"sweep": {"task": "sihao.jobs.tasks.sweep", "schedule": 30.0}}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True

# The log goes to standard error: time, level, place, message; no form values, no names, no addresses of people.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("SIHAO_LOG_LEVEL", "WARNING")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # A refused sign-in stands in the trail; the library's own lines would repeat names and addresses.
        "axes": {"level": "CRITICAL"},
    },
}

# Mail
EMAIL_HOST = env.text("SIHAO_SMTP_HOST", "")
EMAIL_PORT = env.whole("SIHAO_SMTP_PORT", 25)
EMAIL_HOST_USER = env.text("SIHAO_SMTP_USER", "")
EMAIL_HOST_PASSWORD = env.text("SIHAO_SMTP_PASSWORD", "")
EMAIL_USE_TLS = env.flag("SIHAO_SMTP_TLS")
EMAIL_TIMEOUT = 20
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend" if EMAIL_HOST else "django.core.mail.backends.dummy.EmailBackend"
)
DEFAULT_FROM_EMAIL = env.text("SIHAO_MAIL_FROM", "sihao@localhost")
# Where the links in mails lead.
SITE_URL = env.text("SIHAO_URL", "http://127.0.0.1:8000").rstrip("/")

# Before lists go up, before the agenda and before the publication the data concerned are looked at.
INTEGRITY_GATES = True

# The clock and what the pages say about themselves
CLOCK_SHIFT = timedelta(0)
REHEARSAL = False
SITE_NAME = tomllib.loads((BASE_DIR / "fixtures" / "house.toml").read_text("utf-8"))["site_name"]

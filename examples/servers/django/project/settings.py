"""Settings: who decides, and that nothing is open unless a view says so."""

SECRET_KEY = "of an example: yours comes from the environment"
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "project.urls"
INSTALLED_APPS = ["rest_framework"]
USE_TZ = True

TOKENWARD = {"DECIDER": "project.tokens.authority", "REALM": "organization:acme"}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tokenward.rest_framework.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["tokenward.rest_framework.LiveToken"],
    "EXCEPTION_HANDLER": "tokenward.rest_framework.exception_handler",
    "UNAUTHENTICATED_USER": None,  # there are no users of Django's here
}

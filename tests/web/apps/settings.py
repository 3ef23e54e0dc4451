"""The settings of Django, for the whole process. They are there before anything that reads them when it is imported."""

import django
from django.conf import settings

if not settings.configured:
    settings.configure(
        SECRET_KEY="of a test",
        ALLOWED_HOSTS=["127.0.0.1"],
        INSTALLED_APPS=["rest_framework"],
        ROOT_URLCONF=(),
        USE_TZ=True,
        REST_FRAMEWORK={"UNAUTHENTICATED_USER": None},
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    )
    django.setup()

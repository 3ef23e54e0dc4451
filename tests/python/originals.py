"""Keys made by the real Django libraries in a database of their own, and what that exports. Run as a program: JSON."""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import timedelta
from typing import Any


def main() -> None:
    """Make keys, and write them with the exports of their tables to standard output."""
    import django  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415

    settings.configure(
        SECRET_KEY="of a test",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "rest_framework",
            "rest_framework_api_key",
            "knox",
        ],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=True,
    )
    django.setup()
    from django.contrib.auth.hashers import make_password  # noqa: PLC0415
    from django.contrib.auth.models import User  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415
    from knox.models import AuthToken  # noqa: PLC0415
    from rest_framework_api_key.models import APIKey  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    user = User.objects.create(username="ana")
    _, knox = AuthToken.objects.create(user)
    _, lasting = AuthToken.objects.create(user, expiry=None)
    _, over = AuthToken.objects.create(user, expiry=timedelta(seconds=-5))
    _, plain = APIKey.objects.create_key(name="Billing Service")
    _, revoked = APIKey.objects.create_key(name="gone", revoked=True)
    old, slow = APIKey.objects.create_key(name="Nightly/Report", expiry_date=timezone.now() + timedelta(days=3))
    old.hashed_key = make_password(slow)  # what the library stored before its version 3
    old.save()
    tables = {"knox_authtoken": "knox", "rest_framework_api_key_apikey": "rest_framework_api_key"}
    made = {
        "tokens": {"knox": knox, "lasting": lasting, "over": over, "plain": plain, "revoked": revoked, "slow": slow},
        "csv": {table: table_csv(table) for table in tables},
        "dump": {table: dump(app) for table, app in tables.items()},
    }
    json.dump(made, sys.stdout)


def table_csv(table: str) -> str:
    """Give a table as `psql --csv` does."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow([column[0] for column in cursor.description])
        writer.writerows(cursor.fetchall())
    return text.getvalue()


def dump(app: str) -> Any:
    """Give a table as `manage.py dumpdata` does."""
    from django.core.management import call_command  # noqa: PLC0415

    text = io.StringIO()
    call_command("dumpdata", app, stdout=text)
    return text.getvalue()


if __name__ == "__main__":
    main()

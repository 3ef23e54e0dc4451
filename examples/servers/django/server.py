"""Django with REST framework over a SQLite store, served by waitress."""

import os

import waitress
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

if __name__ == "__main__":
    server = waitress.create_server(get_wsgi_application(), host="127.0.0.1", port=int(os.environ.get("PORT", "3000")))
    print(f"http://127.0.0.1:{server.effective_port}", flush=True)
    server.run()

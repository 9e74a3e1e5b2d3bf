"""The WSGI application that a web server loads. Its process comes to the database as a reader."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DATABASE_ROLE"] = "reader"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

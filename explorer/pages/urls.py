"""The addresses of the pages: each module of ``views`` ends with its own, and is found here by itself."""

from importlib import import_module
from pkgutil import iter_modules

from django.conf import settings
from django.urls import URLPattern, URLResolver

from explorer.pages import views

_GALLERY = "gallery"  # for who builds pages

urlpatterns: list[URLPattern | URLResolver] = []
for _each in iter_modules(views.__path__):
    if _each.name != _GALLERY or settings.DEBUG:
        urlpatterns += import_module(f"{views.__name__}.{_each.name}").urlpatterns

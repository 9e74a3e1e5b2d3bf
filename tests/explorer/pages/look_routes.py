"""The routes of a site in development."""

from django.urls import include, path

from explorer.pages import looks

urlpatterns = [
    path("look/", looks.look, name="look"),
    path("look/<int:status>", looks.error, name="look-error"),
    path("", include("config.urls")),
]

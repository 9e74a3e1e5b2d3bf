"""The routes of a site in development."""

from django.urls import include, path

from explorer.pages.views import gallery

urlpatterns = [
    path("look/", gallery.look, name="look"),
    path("look/<int:status>", gallery.error, name="look-error"),
    path("", include("config.urls")),
]

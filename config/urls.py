"""The site's routes."""

from django.urls import include, path
from django.views.generic import RedirectView

from config import health, refusals

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    # What can be sent to an address comes before what reads it, and reads it too.
    path("api/v1/", include("explorer.challenges.api.urls")),
    path("api/v1/", include("explorer.api.urls")),
    path("api/v1", RedirectView.as_view(pattern_name="api:contents", permanent=True)),
    path("api/", RedirectView.as_view(pattern_name="api", permanent=True)),
    path("my/", include("explorer.accounts.urls")),
    path("my/", include("explorer.challenges.urls")),
    path("", include("explorer.pages.urls")),
]

handler400 = refusals.bad_request
handler403 = refusals.forbidden
handler404 = refusals.not_found
handler500 = refusals.broken

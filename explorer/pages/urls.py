"""The addresses of the pages: each module of views ends with its own."""

from django.conf import settings

from explorer.pages.views import (
    blocks,
    configurations,
    facets,
    find,
    home,
    ledger,
    legal,
    presence,
    prompts,
    records,
    reference,
    status,
    theme,
    transactions,
)

urlpatterns = [
    *home.urlpatterns,
    *records.urlpatterns,
    *facets.urlpatterns,
    *prompts.urlpatterns,
    *blocks.urlpatterns,
    *transactions.urlpatterns,
    *configurations.urlpatterns,
    *ledger.urlpatterns,
    *presence.urlpatterns,
    *status.urlpatterns,
    *find.urlpatterns,
    *theme.urlpatterns,
    *reference.urlpatterns,
    *legal.urlpatterns,
]

if settings.DEBUG:
    from explorer.pages.views import gallery

    urlpatterns += gallery.urlpatterns

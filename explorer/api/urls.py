"""The API's addresses, beside those of the pages: each module of endpoints ends with its own."""

from explorer.api import (
    challenges,
    checks,
    compare,
    find,
    ledger_lists,
    presence,
    prompts,
    record_lists,
    schema,
    site_words,
    views,
)

app_name = "api"
urlpatterns = [
    *schema.urlpatterns,
    *record_lists.urlpatterns,
    *ledger_lists.urlpatterns,
    *prompts.urlpatterns,
    *presence.urlpatterns,
    *compare.urlpatterns,
    *checks.urlpatterns,
    *find.urlpatterns,
    *challenges.urlpatterns,
    *site_words.urlpatterns,
    *views.urlpatterns,
]

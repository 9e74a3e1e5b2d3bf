"""The API's addresses, beside those of the pages: each module of endpoints ends with its own."""

from explorer.api import record_lists, schema, views

app_name = "api"
urlpatterns = [*schema.urlpatterns, *record_lists.urlpatterns, *views.urlpatterns]

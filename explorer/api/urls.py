"""The API's routes, beside those of the pages."""

from django.urls import path
from django.views.generic import RedirectView

from explorer.api import schema, views

app_name = "api"
urlpatterns = [
    path("", schema.ContentsEndpoint.as_view(), name="contents"),
    path("schema/", schema.SchemaEndpoint.as_view(), name="schema"),
    path("schema", RedirectView.as_view(pattern_name="api:schema", permanent=True)),
    path("problems", views.ProblemsEndpoint.as_view(), name="problems"),
    path("problems/<str:name>", views.ProblemEndpoint.as_view(), name="problem"),
    path("status", views.StatusEndpoint.as_view(), name="status"),
    path("find", views.FindEndpoint.as_view(), name="find"),
    path("chains", views.ChainsEndpoint.as_view(), name="chains"),
    path("chains/<str:brid>", views.ChainEndpoint.as_view(), name="chain"),
    path("chains/<str:brid>/records", views.RecordsEndpoint.as_view(), name="records"),
    path("chains/<str:brid>/records/<str:prompt_id>", views.RecordEndpoint.as_view(), name="record"),
    path("chains/<str:brid>/blocks", views.BlocksEndpoint.as_view(), name="blocks"),
    path("chains/<str:brid>/blocks/<str:block>", views.BlockEndpoint.as_view(), name="block"),
    path("chains/<str:brid>/transactions/<str:rid>", views.TransactionEndpoint.as_view(), name="transaction"),
    path("chains/<str:brid>/configurations", views.ConfigurationsEndpoint.as_view(), name="configurations"),
    path(
        "chains/<str:brid>/configurations/<str:height>",
        views.ConfigurationEndpoint.as_view(),
        name="configuration",
    ),
]

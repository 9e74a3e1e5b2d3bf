"""The addresses of the pages."""

from django.conf import settings
from django.urls import path, register_converter

from explorer.pages.frame import converters
from explorer.pages.views import (
    blocks,
    configurations,
    find,
    home,
    legal,
    records,
    reference,
    status,
    theme,
    transactions,
)

register_converter(converters.Rid, "rid")
register_converter(converters.Number, "number")

_CHAIN = "chains/<rid:brid>"

urlpatterns = [
    path("", home.home, name="home"),
    path(_CHAIN, home.chain, name="chain"),
    path(f"{_CHAIN}/records", records.listed, name="records"),
    path(f"{_CHAIN}/records/<number:prompt_id>", records.record, name="record"),
    path(
        f"{_CHAIN}/records/<number:prompt_id>/raw/<number:number>/<str:part>", records.raw, name="record-raw"
    ),
    path(f"{_CHAIN}/blocks", blocks.listed, name="blocks"),
    path(f"{_CHAIN}/blocks/<rid:rid>", blocks.with_rid, name="block-with-rid"),
    path(f"{_CHAIN}/blocks/<number:height>", blocks.at_height, name="block"),
    path(f"{_CHAIN}/blocks/<number:height>/raw/<str:part>", blocks.raw, name="block-raw"),
    path(f"{_CHAIN}/transactions/<rid:rid>", transactions.transaction, name="transaction"),
    path(f"{_CHAIN}/transactions/<rid:rid>/raw", transactions.raw, name="transaction-raw"),
    path(f"{_CHAIN}/configurations", configurations.listed, name="configurations"),
    path(f"{_CHAIN}/configurations/<number:height>", configurations.in_force, name="configuration"),
    path(f"{_CHAIN}/configurations/<number:height>/raw", configurations.raw, name="configuration-raw"),
    path("status", status.status, name="status"),
    path("find", find.find, name="find"),
    path("theme", theme.choose, name="theme"),
    path("api", reference.reference, name="api"),
    path("checks", legal.words, {"name": "checks"}, name="checks"),
    path("privacy", legal.words, {"name": "privacy"}, name="privacy"),
    path("terms", legal.words, {"name": "terms"}, name="terms"),
    path("contact", legal.words, {"name": "contact"}, name="contact"),
    path("data-licence", legal.words, {"name": "data_licence"}, name="data-licence"),
    path("robots.txt", legal.robots, name="robots"),
    path("favicon.svg", legal.favicon, name="favicon"),
]

if settings.DEBUG:
    from explorer.pages.views import gallery

    urlpatterns += [
        path("look/", gallery.look, name="look"),
        path("look/<int:status>", gallery.error, name="look-error"),
    ]

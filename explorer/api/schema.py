"""The API's description of itself (OpenAPI 3.1), and its table of contents."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.urls import path
from django.views.generic import RedirectView
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer, OpenApiYamlRenderer2
from rest_framework.request import Request
from rest_framework.response import Response

from explorer.api.describing import described
from explorer.api.endpoint import Endpoint
from explorer.api.rendering import JsonRenderer
from explorer.api.serializers.contents import Contents

SECONDS = 300


@cache
def document() -> Mapping[str, Any]:
    """The schema. It is made once: nothing in it depends on who asks."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    found: Mapping[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found


@described(
    "get_contents",
    tag="schema",
    summary="What there is",
    about="The addresses of this API, each with what it gives.",
    answer=Contents,
)
class ContentsEndpoint(Endpoint):
    seconds = SECONDS

    def get(self, request: Request) -> Response:
        addresses = [
            {"path": path, "method": method.upper(), "summary": operation["summary"]}
            for path, operations in document()["paths"].items()
            for method, operation in operations.items()
        ]
        return Response({"title": document()["info"]["title"], "addresses": addresses})


@described(
    "get_schema",
    tag="schema",
    summary="The schema of this API",
    about="OpenAPI 3.1: JSON, or YAML for `Accept: application/yaml`.",
    answer={"type": "object", "additionalProperties": True},
    media=[
        each.media_type
        for each in (JsonRenderer, OpenApiJsonRenderer, OpenApiYamlRenderer2, OpenApiYamlRenderer)
    ],
)
class SchemaEndpoint(Endpoint):
    renderer_classes = (JsonRenderer, OpenApiJsonRenderer, OpenApiYamlRenderer2, OpenApiYamlRenderer)
    seconds = SECONDS

    def get(self, request: Request) -> Response:
        return Response(document())


urlpatterns = [
    path("", ContentsEndpoint.as_view(), name="contents"),
    path("schema/", SchemaEndpoint.as_view(), name="schema"),
    path("api", RedirectView.as_view(pattern_name="api:schema", permanent=True)),  # of which /api tells
    path("schema", RedirectView.as_view(pattern_name="api:schema", permanent=True)),
]

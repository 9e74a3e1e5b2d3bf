"""The addresses of the API to which something can be sent, below ``/api/v1/``: see ``config.methods``."""

from django.urls import path

from explorer.challenges.api.filing import FilingEndpoint
from explorer.challenges.api.taking_part import EvidenceEndpoint, JoinEndpoint, WithdrawalEndpoint

urlpatterns = [
    path("challenges", FilingEndpoint.as_view(), name="api-challenges"),
    path("challenges/<str:number>/evidence", EvidenceEndpoint.as_view(), name="api-challenge-evidence"),
    path("challenges/<str:number>/join", JoinEndpoint.as_view(), name="api-challenge-join"),
    path("challenges/<str:number>/withdrawal", WithdrawalEndpoint.as_view(), name="api-challenge-withdrawal"),
]

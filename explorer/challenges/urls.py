"""The addresses below ``/my/``. What may be sent to them is listed in ``config.methods``."""

from django.urls import path

from explorer.challenges import filing_views, own_views, party_views, views
from explorer.pages.frame import routes  # noqa: F401  (kinds of variable parts)

urlpatterns = [
    path("report", views.report, name="report"),
    path("report/sent/<uuid:report_id>", views.sent, name="report-sent"),
    path("challenges", own_views.mine, name="my-challenges"),
    path("challenges/new", filing_views.begin, name="challenge-begin"),
    path("challenges/<uuid:draft_id>/ground", filing_views.ground, name="challenge-ground"),
    path("challenges/<uuid:draft_id>/evidence", filing_views.evidence, name="challenge-evidence"),
    path("challenges/<uuid:draft_id>/check", filing_views.check, name="challenge-check"),
    path("challenges/<uuid:draft_id>/filed", filing_views.filed, name="challenge-filed"),
    path("challenges/<challenge:number>/own", own_views.own, name="challenge-own"),
    path("challenges/<challenge:number>/join", party_views.join, name="challenge-join"),
    path("challenges/<challenge:number>/evidence", party_views.evidence, name="challenge-add-evidence"),
    path("challenges/<challenge:number>/answer", party_views.answer, name="challenge-answer"),
    path("challenges/<challenge:number>/appeal", party_views.appeal, name="challenge-appeal"),
    path("challenges/<challenge:number>/respond", party_views.respond, name="challenge-respond"),
    path("challenges/<challenge:number>/extend", party_views.extend, name="challenge-extend"),
    path("challenges/<challenge:number>/withdraw", party_views.withdraw, name="challenge-withdraw"),
]

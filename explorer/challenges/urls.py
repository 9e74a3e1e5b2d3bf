"""The addresses below ``/my/``. What may be sent to them is listed in ``config.methods``."""

from django.urls import path

from explorer.challenges import views

urlpatterns = [
    path("report", views.report, name="report"),
    path("report/sent/<uuid:report_id>", views.sent, name="report-sent"),
]

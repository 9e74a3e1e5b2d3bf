"""The addresses of accounts below ``/my/``: all of them. Of allauth's own pages none has another.

What may be sent to them is listed in ``config.methods``.
"""

from django.urls import path

from explorer.accounts.views import account, signing_in

urlpatterns = [
    path("account", account.account, name="account"),
    path("sign-in", signing_in.sign_in, name="sign-in"),
    path("sign-in", signing_in.sign_in, name="account_login"),  # as allauth calls it
    path("sign-in/code", signing_in.code, name="sign-in-code"),
    path("sign-out", signing_in.sign_out, name="sign-out"),
]

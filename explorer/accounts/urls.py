"""The addresses of accounts below ``/my/``: all of them. Of allauth's own pages none has another.

What may be sent to them is listed in ``config.methods``.
"""

from django.urls import path

from explorer.accounts.views import account, keys, signing_in

urlpatterns = [
    path("account", account.account, name="account"),
    path("account/delete", account.delete, name="account-delete"),
    path("account/export", account.export, name="account-export"),
    path("account/keys", keys.make, name="account-keys"),
    path("account/keys/revoke", keys.revoke, name="account-keys-revoke"),
    path("account/sessions", account.end_sessions, name="account-sessions"),
    path("sign-in", signing_in.sign_in, name="sign-in"),
    path("sign-in", signing_in.sign_in, name="account_login"),  # as allauth calls it
    path("sign-in/code", signing_in.code, name="sign-in-code"),
    path("sign-out", signing_in.sign_out, name="sign-out"),
]

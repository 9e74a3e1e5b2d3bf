"""The addresses of accounts below ``/my/``: all of them. Of allauth's own pages none has another.

What may be sent to them is listed in ``config.methods``.
"""

from django.urls import path

from explorer.accounts.views import account, address, keys, passkeys, recovery, signing_in

urlpatterns = [
    path("account", account.account, name="account"),
    path("account/delete", account.delete, name="account-delete"),
    path("account/export", account.export, name="account-export"),
    path("account/keys", keys.make, name="account-keys"),
    path("account/keys/revoke", keys.revoke, name="account-keys-revoke"),
    path("account/mail", address.change, name="account-mail"),
    path("account/mail/code", address.code, name="account-mail-code"),
    path("account/passkeys", passkeys.passkeys, name="account-passkeys"),
    path("account/passkeys/codes", recovery.make, name="account-recovery-codes"),
    path("account/passkeys/remove", passkeys.remove, name="account-passkeys-remove"),
    path("account/notices", account.notices, name="account-notices"),
    path("account/sessions", account.end_sessions, name="account-sessions"),
    path("account/sessions/end", account.end_session, name="account-sessions-end"),
    path("sign-in", signing_in.sign_in, name="sign-in"),
    path("sign-in", signing_in.sign_in, name="account_login"),  # as allauth calls it
    path("sign-in/code", signing_in.code, name="sign-in-code"),
    path("sign-in/passkey", passkeys.show, name="sign-in-passkey"),
    path("sign-in/recovery", recovery.enter, name="sign-in-recovery"),
    path("sign-in/passkey", passkeys.show, name="mfa_authenticate"),  # as allauth calls it
    path("sign-out", signing_in.sign_out, name="sign-out"),
]

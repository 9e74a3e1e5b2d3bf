"""Persons, as far as the site must know them: an account is a pseudonym, an e-mail address and a role.

Nobody is asked for a name or a password. Whoever asks for it is sent a code, and who enters that in the same
browser is signed in; where the address has no account yet, one is opened. Everything that knows a person lies
below ``/my/``, and so do the cookies. Others refer to an account by ``settings.AUTH_USER_MODEL`` and show its
`handle`; the address is shown to nobody but its owner.
"""

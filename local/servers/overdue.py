"""What the web server's users do for too long is ended from outside, where they cannot lift the limit."""

from typing import Any

from psycopg import Connection

from local.servers.roles import MARK

LONGEST = 30.0
"""Seconds that a transaction of theirs lasts at most. A page is one, of a few queries of 2 s at most each."""

_END = """
    SELECT pg_terminate_backend(a.pid)
    FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
      AND shobj_description(r.oid, 'pg_authid') = %(mark)s AND pg_has_role(r.oid, 'USAGE')
      AND a.xact_start < clock_timestamp() - make_interval(secs => %(longest)s)
"""


def end(connection: Connection[Any], *, longest: float = LONGEST) -> int:
    """Have those sessions of the web server's users in this database ended whose transaction lasts longer;
    how many they are. The connection is that of a role to which they are left (`roles.limit`).
    """
    return len(connection.execute(_END, {"mark": MARK, "longest": longest}).fetchall())

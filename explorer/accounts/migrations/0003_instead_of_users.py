"""Take away the tables of Django's own users and sessions, which accounts replace.

An installation from before there were accounts has them. Nobody could sign in there, and the web server could
not touch them, so there is nothing in them to keep. A new installation never makes them.
"""

from django.db import migrations

TABLES = ("auth_user_groups", "auth_user_user_permissions", "auth_user", "django_session")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_no_statistics"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunSQL(f"DROP TABLE IF EXISTS {', '.join(TABLES)}", migrations.RunSQL.noop)]

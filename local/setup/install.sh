#!/bin/sh
# Finds a Python that will do and lets it make or renew the environment: install.sh run|dev
will_do='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'
for python in python3 python3.13 python3.12 python3.11; do
    if "$python" -c "$will_do" 2>/dev/null; then
        exec "$python" "$(dirname "$0")/install.py" "$@"
    fi
done
echo "Python 3.11, 3.12 or 3.13 is needed, and none is installed here." \
    "On Debian 12 or newer: apt-get install python3 python3-venv" >&2
exit 1

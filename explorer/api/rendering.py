"""JSON as this API writes it: UTF-8, compact, and readable by every parser whatever the texts hold.

A NUL and other control characters are escapes. A lone surrogate, which is half a character that UTF-8 has no
form for, is given as U+FFFD. Numbers are whole: a float is a mistake of ours.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer

_LONE = re.compile("[\ud800-\udfff]")


class JsonRenderer(BaseRenderer):
    """application/json."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The bytes of an answer; none where there is no data."""
        return b"" if data is None else as_json(data)


def as_json(data: Any) -> bytes:
    """The data as JSON."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _LONE.sub("\ufffd", text).encode()

"""What workers do for the web, by the names under which it is asked for: nothing else can be asked for.

Each application of ours may have a module ``handlers`` with such a mapping, called HANDLERS.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module

from django.apps import apps
from django.utils.module_loading import module_has_submodule

_OURS = "explorer."


@cache
def handlers() -> Mapping[str, Callable[..., None]]:
    """Those of all applications. A name is one handler's."""
    found: dict[str, Callable[..., None]] = {}
    for app in apps.get_app_configs():
        if app.name.startswith(_OURS) and app.module and module_has_submodule(app.module, "handlers"):
            of_app = getattr(import_module(f"{app.name}.handlers"), "HANDLERS", {})
            assert found.keys().isdisjoint(of_app), app.name
            found |= of_app
    return found

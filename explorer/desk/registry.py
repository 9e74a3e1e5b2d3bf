"""What each application of ours adds to something that all of them have a part in."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from django.apps import apps
from django.utils.module_loading import module_has_submodule

_OURS = "explorer."


def of_applications(module: str, attribute: str) -> Iterator[Any]:
    """That attribute of each application's module of that name, where it has one."""
    for app in apps.get_app_configs():
        if app.name.startswith(_OURS) and app.module and module_has_submodule(app.module, module):
            yield getattr(import_module(f"{app.name}.{module}"), attribute)

"""SparseDFF: transfer one demonstrated dexterous grasp to new objects and scenes.

    import sparsedff

    reference = sparsedff.load_capture("monkey_original")
    test = sparsedff.load_capture("monkey_test")
    result = sparsedff.transfer(reference, test, sparsedff.load_pose("monkey"))
    result.save()

The names of `__all__` are stable: they change only with a new major version, and the change is announced in
CHANGELOG.md. A name is imported when it is first used, so `import sparsedff` costs nothing.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sparsedff.api.captures import load_capture, make_capture, save_capture
    from sparsedff.api.evaluation import evaluate
    from sparsedff.api.features import distil, make_field
    from sparsedff.api.poses import load_pose, save_pose
    from sparsedff.api.settings import load_config
    from sparsedff.api.transfers import Demonstration, Transfer, demonstrate, transfer
    from sparsedff.capture.model import Capture, View
    from sparsedff.config.config import Config
    from sparsedff.distill.cloud import FeatureCloud
    from sparsedff.errors import SparseDFFError
    from sparsedff.field import FeatureField
    from sparsedff.hands.contact import LinkContact
    from sparsedff.hands.pose import HandPose

__version__ = "0.2.0"

__all__ = [
    "load_capture",
    "make_capture",
    "save_capture",
    "load_pose",
    "save_pose",
    "load_config",
    "distil",
    "make_field",
    "transfer",
    "demonstrate",
    "evaluate",
    "Capture",
    "Config",
    "Demonstration",
    "FeatureCloud",
    "FeatureField",
    "HandPose",
    "LinkContact",
    "SparseDFFError",
    "Transfer",
    "View",
]

_MODULES = {
    "sparsedff.api.captures": ("load_capture", "make_capture", "save_capture"),
    "sparsedff.api.evaluation": ("evaluate",),
    "sparsedff.api.features": ("distil", "make_field"),
    "sparsedff.api.poses": ("load_pose", "save_pose"),
    "sparsedff.api.settings": ("load_config",),
    "sparsedff.api.transfers": ("Demonstration", "Transfer", "demonstrate", "transfer"),
    "sparsedff.capture.model": ("Capture", "View"),
    "sparsedff.config.config": ("Config",),
    "sparsedff.distill.cloud": ("FeatureCloud",),
    "sparsedff.errors": ("SparseDFFError",),
    "sparsedff.field": ("FeatureField",),
    "sparsedff.hands.contact": ("LinkContact",),
    "sparsedff.hands.pose": ("HandPose",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'sparsedff' has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """This package, in which `transfer` and `evaluate` are functions although rooms have these names too.

    Importing sparsedff.transfer.settings would bind the room to the name `transfer`. No import statement needs that:
    `from sparsedff.transfer.settings import ...` finds the room by itself.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _MODULE_OF and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package

"""Packages that only a part of the toolkit needs, and the extra of the package that brings each."""

from __future__ import annotations

import importlib.util

from sparsedff.errors import MissingPackageError

EXTRAS = {
    "studio": ("viser", "msgspec", "websockets"),
    "evaluate": ("coacd", "threadpoolctl"),
    "models": ("transformers",),
    "learn": ("tensorboard",),
    "ray": ("ray",),
    "import": ("rosbags", "OpenEXR"),
}
"""Modules by extra, named as they are imported."""

_EXTRA_OF = {module: extra for extra, modules in EXTRAS.items() for module in modules}


def is_extra(module: str) -> bool:
    """Whether an extra brings a module."""
    return module.partition(".")[0] in _EXTRA_OF


def missing(module: str) -> MissingPackageError:
    """The error that says which extra brings a module of the table."""
    package = module.partition(".")[0]
    return MissingPackageError(
        f"this needs the package {package}, which is not installed; pip install 'sparsedff[{_EXTRA_OF[package]}]'"
    )


def require(extra: str) -> None:
    """Refuse to begin where a package of an extra is not installed.

    Raises:
        MissingPackageError: names the package and the extra.
    """
    for module in EXTRAS[extra]:
        if importlib.util.find_spec(module) is None:
            raise missing(module)

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
    "bags": ("rosbags",),
}
"""Modules by extra, named as they are imported."""

_EXTRA_OF = {module: extra for extra, modules in EXTRAS.items() for module in modules}


def missing(module: str) -> MissingPackageError | None:
    """The error that says which extra brings a module; None for a module that no extra brings."""
    extra = _EXTRA_OF.get(module.split(".")[0])
    if extra is None:
        return None
    return MissingPackageError(
        f"this needs the package {module.split('.')[0]}, which is not installed; pip install 'sparsedff[{extra}]'"
    )


def require(extra: str) -> None:
    """Refuse to begin where a package of an extra is not installed.

    Raises:
        MissingPackageError: names the package and the extra.
    """
    for module in EXTRAS[extra]:
        if importlib.util.find_spec(module) is None:
            error = missing(module)
            assert error is not None
            raise error

"""Which file of settings a name means."""

from __future__ import annotations

from pathlib import Path

from sparsedff.common.packaged import FOLDER, packaged

DEFAULT = "configs/config.yaml"
"""The user's own where there is one, else the package's, which holds all settings with their defaults."""


def presets() -> tuple[str, ...]:
    """Names of the package's files of settings."""
    return tuple(sorted(path.stem for path in (FOLDER / "configs").glob("*.yaml") if path.name != Path(DEFAULT).name))


def settings_file(name_or_path: Path | str) -> Path:
    """The file that a path or the name of a preset means; it need not exist."""
    if str(name_or_path) in presets() and not Path(name_or_path).is_file():
        return packaged(f"configs/{name_or_path}.yaml")
    return packaged(name_or_path)

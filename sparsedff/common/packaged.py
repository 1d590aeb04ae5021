"""Files that come with the package: settings, the authors' rig, the sample's pose. They serve in any folder."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "packaged"
"""Laid out as the repository, which has links to it: configs/, data/sample/."""


def packaged(path: Path | str) -> Path:
    """The file or folder of this path: the user's own where there is one, else the package's, else as it was given."""
    own = Path(path)
    if own.is_absolute() or own.exists() or not (FOLDER / own).exists():
        return own
    return FOLDER / own

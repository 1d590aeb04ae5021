"""The end effectors of the package: a YAML file in specs/ and a name here. Others are named by their files' paths."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from sparsedff.errors import ConfigError
from sparsedff.hands.spec import EndEffector
from sparsedff.hands.spec_file import read_spec

FOLDER = Path(__file__).resolve().parent / "specs"

SHADOW_HAND, PARALLEL_GRIPPER = "shadow_hand", "parallel_gripper"
SHIPPED = (SHADOW_HAND, PARALLEL_GRIPPER, "allegro", "leap")
"""Names of specs/NAME.yaml, in the order in which they are shown."""

MODES = {"hand": SHADOW_HAND, "gripper": PARALLEL_GRIPPER}
"""What the release's `mode` means where no end effector is named."""


def end_effector(name: str) -> EndEffector:
    """The end effector of a name in SHIPPED, or of a YAML file's path; read once a process.

    Raises:
        ConfigError: there is no such name, and no such file.
        HandError: the file is not usable.
    """
    return _read(_file(name))


def _file(name: str) -> Path:
    if name in SHIPPED:
        return FOLDER / f"{name}.yaml"
    if Path(name).suffix not in (".yaml", ".yml"):
        raise ConfigError(
            f"end_effector: no {name!r}; there are {', '.join(SHIPPED)}, or the path of a .yaml (docs/hands.md)"
        )
    return Path(name)


@lru_cache(maxsize=16)
def _read(path: Path) -> EndEffector:
    return read_spec(path)

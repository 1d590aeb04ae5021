"""What the demo needs: no torchvision, no open3d, no transformers, no camera driver, no display."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
CODE = """
import importlib, sys

class Absent:
    '''Makes packages that a bare machine lacks impossible to import.'''

    names = {"torchvision", "open3d", "transformers", "viser", "pyk4a", "pyglet", "pyrender", "tkinter", "pytorch3d"}

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in self.names:
            raise ImportError(f"{name} must not be needed here")
        return None

sys.meta_path.insert(0, Absent())
importlib.import_module(sys.argv[1])
"""


@pytest.mark.parametrize("module", ["sparsedff.cli.main", "sparsedff.config.config", "sparsedff.pipeline"])
def test_the_demos_modules_import_on_a_bare_machine(module: str) -> None:
    path = REPOSITORY / Path(*module.split(".")).with_suffix(".py")
    assert path.exists(), f"{path} is gone; name the demo's modules here"
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [sys.executable, "-c", CODE, module],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr

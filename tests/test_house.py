"""The order of the house: a room imports those before it, never those after (README, Where is what)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "sparsedff"

# No room before `config` can read the configuration: that is for the pipeline and what uses it.
ORDER = (
    *("errors", "schema", "atomic", "progress", "clock", "geometry"),
    *("capture", "calibration"),
    *("distill", "refine", "field", "field_rank"),
    *("hands", "physics", "transfer", "synthetic", "saved_run", "visualize"),
    *("overrides", "config_models", "config_refine", "config_calibration", "config_camera", "config_check", "config"),
    *("command", "capturing"),
    *("models", "inputs", "scenes", "runs", "training", "calibrate", "pipeline", "live", "checkup"),
    *("evaluate", "studio", "downloads", "cli_vis", "cli_refine", "cli_calibrate", "cli_check", "cli"),
)
CAMERA_MACHINE = (
    "errors",
    "schema",
    "atomic",
    "progress",
    "geometry",
    "capture",
    "calibration",
    "command",
    "capturing",
)
NOT_ON_THE_CAMERA_MACHINE = {"torch", "transformers", "mujoco", "pytorch_kinematics"}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            # `from sparsedff import errors` names a room too
            yield from (f"{node.module}.{name.name}" for name in node.names)


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def modules() -> list[Path]:
    return [path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or not path.stem.startswith("__")]


def test_every_room_has_its_place() -> None:
    assert {room_of(path) for path in modules()} <= set(ORDER)


def test_rooms_import_only_those_before_them() -> None:
    wrong = []
    for path in modules():
        here = ORDER.index(room_of(path))
        for name in imports(path):
            parts = name.split(".")
            if parts[0] == "sparsedff" and len(parts) > 1 and parts[1] in ORDER and ORDER.index(parts[1]) > here:
                wrong.append(f"{path.relative_to(PACKAGE)} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_the_camera_machine_needs_no_torch() -> None:
    for path in modules():
        if room_of(path) in CAMERA_MACHINE:
            found = {name.split(".")[0] for name in imports(path)} & NOT_ON_THE_CAMERA_MACHINE
            assert not found, f"{path}: imports {found}"


def test_the_order_would_notice() -> None:
    assert ORDER.index("pipeline") > ORDER.index("config") > ORDER.index("transfer") > ORDER.index("capture")
    assert "sparsedff.pipeline.run" in set(imports(PACKAGE / "cli.py"))

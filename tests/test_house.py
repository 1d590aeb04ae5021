"""The plan of the house: which rooms there are, in which order they import each other, and how large a file may be."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "sparsedff"

# A room imports those before it, never those after. Rooms of one line are neighbours that do not know each other.
FLOORS = (
    ("errors",),
    ("common",),
    ("files",),
    ("geometry",),
    ("sweep",),
    ("field", "capture"),
    ("hands", "bop"),
    ("calibration", "distill", "physics"),
    ("refine", "transfer", "synthetic", "downloads", "importing"),
    ("runs", "judge"),
    ("visualize",),
    ("quality",),
    ("config",),
    ("prepare",),
    ("finished",),
    ("pipeline",),
    ("jobs", "evaluate", "learn"),
    ("api",),
    ("studio",),
    ("cli",),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
GROUND_FLOOR = {"__init__.py", "errors.py", "geometry.py", "sweep.py", "field.py", "finished.py", "pipeline.py"}
MOST_LINES = 200

TESTS = Path(__file__).parent

CAMERA_MACHINE = ("cli/capture.py", "cli/stills.py", "cli/calibrate.py", "cli/check.py")
"""Verbs that run where torch is not installed: nothing that they import on the way may need it."""
NOT_ON_THE_CAMERA_MACHINE = {"torch", "transformers", "mujoco", "pytorch_kinematics"}


def files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in files()}


def imports(path: Path) -> Iterator[str]:
    """Every module that a file names in an import, wherever in the file it stands."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            for name in node.names:  # `from package import module` names a module too
                full = f"{node.module}.{name.name}"
                yield full if full in MODULES else node.module


def imports_when_loaded(path: Path) -> Iterator[str]:
    """The modules that a file imports when it is imported itself: those outside functions and TYPE_CHECKING."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                full = f"{node.module}.{name.name}"
                yield full if full in MODULES else node.module


def test_the_ground_floor_holds_what_the_plan_says() -> None:
    assert {path.name for path in PACKAGE.glob("*.py")} == GROUND_FLOOR
    rooms = {name.split(".")[1] for name in MODULES if name != "sparsedff"}
    assert rooms == set(FLOOR_OF)


def test_rooms_import_only_those_below_them() -> None:
    wrong = []
    for module, path in MODULES.items():
        if module == "sparsedff":
            continue
        here = module.split(".")[1]
        for name in imports(path):
            parts = name.split(".")
            if parts[0] != "sparsedff" or len(parts) < 2 or parts[1] == here:
                continue
            if FLOOR_OF[parts[1]] >= FLOOR_OF[here]:
                wrong.append(f"{path.relative_to(PACKAGE)} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_no_two_files_need_each_other() -> None:
    graph = {module: {name for name in imports(path) if name in MODULES} - {module} for module, path in MODULES.items()}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"files import each other: {' <- '.join(error.args[1])}")


def test_files_hold_one_idea() -> None:
    long = {path.relative_to(PACKAGE).as_posix(): len(path.read_text().splitlines()) for path in files()}
    assert not {name: lines for name, lines in long.items() if lines >= MOST_LINES}


def test_no_test_imports_another() -> None:
    """What tests share lies in tests/support. Programs that a test runs as text are held to it too."""
    wrong = []
    for path in sorted(TESTS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                names = re.findall(r"^\s*(?:from|import) (tests\.[\w.]+)", node.value, re.MULTILINE)
            else:
                names = [*named_by(node)]
            wrong += [f"{path.relative_to(TESTS)} imports {name}" for name in names if is_a_tests_own(name)]
    assert not wrong, "\n".join(wrong)


def named_by(node: ast.AST) -> Iterator[str]:
    """Every name that an import statement could mean as a module; relative ones count as tests'."""
    if isinstance(node, ast.Import):
        yield from (name.name for name in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = ".".join(["tests"] * bool(node.level) + [node.module or ""])
        yield from (f"{module}.{name.name}" for name in node.names)


def is_a_tests_own(name: str) -> bool:
    """Whether a name of an import is, or lies in, a test module or a conftest."""
    parts = name.split(".")
    return parts[0] == "tests" and any(part.startswith("test_") or part == "conftest" for part in parts)


@pytest.mark.parametrize("verb", CAMERA_MACHINE)
def test_the_camera_machine_needs_no_torch(verb: str) -> None:
    """Followed through every import on the way; `check` alone imports, when it runs, what segments."""
    todo, seen = [name_of(PACKAGE / verb)], set()
    if verb != "cli/check.py":
        todo += [name for name in imports(PACKAGE / verb) if name in MODULES and ".config." not in name]
    while todo:
        module = todo.pop()
        if module in seen:
            continue
        seen.add(module)
        found = {name.split(".")[0] for name in imports_when_loaded(MODULES[module])} & NOT_ON_THE_CAMERA_MACHINE
        assert not found, f"{verb} needs {module}, which imports {found}"
        todo += [name for name in imports_when_loaded(MODULES[module]) if name in MODULES]


def test_a_breach_would_be_noticed() -> None:
    assert FLOOR_OF["pipeline"] > FLOOR_OF["config"] > FLOOR_OF["transfer"] > FLOOR_OF["capture"]
    assert "sparsedff.pipeline" in set(imports(PACKAGE / "cli" / "transfer.py"))
    assert "torch" in set(imports_when_loaded(PACKAGE / "field.py"))
    code = "from . import conftest; from tests.runs.test_read import copy; import tests.support.paths, conftest"
    names = [name for node in ast.parse(code).body for name in named_by(node)]
    assert [is_a_tests_own(name) for name in names] == [True, True, False, False]

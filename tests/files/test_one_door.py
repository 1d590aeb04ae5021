"""Every file that somebody else may have written is read by the readers of sparsedff/files."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "sparsedff"
DOORS = {
    *("np.load", "numpy.load", "np.fromfile", "np.loadtxt", "np.genfromtxt", "torch.load", "pickle.load"),
    *("pickle.loads", "json.load", "csv.reader", "csv.DictReader", "zipfile.ZipFile", "safe_open", "load_file"),
    *("yaml.load", "yaml.safe_load", "OmegaConf.load", "yaml.full_load", "yaml.unsafe_load"),
}
OTHERS = {
    "capture/files/entries.py": {"yaml.load"},  # text whose bounds read_yaml has checked
    "config/overrides.py": {"OmegaConf.load"},  # the same
    "downloads/unpack.py": {"zipfile.ZipFile"},  # an archive of any size, unpacked to disk with bounds of its own
    "evaluate/results.py": {"csv.reader"},  # one line at a time, since a torn one must not take others along
}


def called(path: Path) -> set[str]:
    """Calls by the names under which they stand, and json.loads of what was read in the same expression."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            found |= {name} & DOORS
            if name == "json.loads" and "read_" in ast.unparse(node):
                found.add("json.loads(read)")
    return found


def test_no_other_file_opens_these_doors() -> None:
    found = {path.relative_to(PACKAGE).as_posix(): called(path) for path in PACKAGE.rglob("*.py")}
    outside = {name: calls for name, calls in found.items() if calls and not name.startswith("files/")}
    assert outside == OTHERS

"""Files made to exhaust whoever reads them are refused in one line; sound ones come back as they are."""

from __future__ import annotations

import json
import os
import pickle
import resource
import stat
import subprocess
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from sparsedff.errors import CaptureError
from sparsedff.files.json_file import read_json, read_object
from sparsedff.files.npy import read_npy
from sparsedff.files.npz import read_npz
from sparsedff.files.table import read_table
from sparsedff.files.tensors import read_tensors
from sparsedff.files.yaml_text import check_bounds, read_yaml
from tests.support.paths import REPOSITORY

REMEDY = "fetch it again"


def yaml_of(path: Path) -> Any:
    return read_yaml(path, CaptureError, REMEDY, yaml.safe_load)


READERS: dict[str, Callable[[Path], Any]] = {
    "npy": lambda path: read_npy(path, CaptureError, REMEDY),
    "npz": lambda path: read_npz(path, CaptureError, REMEDY),
    "json": lambda path: read_json(path, CaptureError, REMEDY),
    "yaml": yaml_of,
    "csv": lambda path: read_table(path, CaptureError, REMEDY),
    "pth": lambda path: read_tensors(path, CaptureError, REMEDY),
}


def npy_header(shape: str, kind: str = "<f8") -> bytes:
    head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    head += b" " * (63 - (10 + len(head)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head


def zipped(path: Path, entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> None:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


def bomb_npz(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("a.npy", "w") as file,
    ):
        file.write(npy_header("(70_000_000,)".replace("_", "")))
        for _ in range(560):
            file.write(bytes(1_000_000))


def repeated(path: Path) -> None:
    torch.save({"a": torch.zeros(1).expand(1_400_000_000)}, path)


def compressed(path: Path) -> None:
    torch.save({"a": torch.zeros(1000)}, path)
    with zipfile.ZipFile(path) as archive:
        entries = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    zipped(path, entries)


class _Asks:
    """Pickles as a call."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


def asking(function: Any, *arguments: Any, legacy: bool = False) -> Callable[[Path], None]:
    return lambda path: torch.save({"a": _Asks(function, *arguments)}, path, _use_new_zipfile_serialization=not legacy)


def nested(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value, value]
    return value


ALIASES = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
)

FAULTS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "npy of 12.8 GB in 200 bytes": ("npy", lambda path: path.write_bytes(npy_header("(40000, 40000)") + bytes(80))),
    "npy of no bytes each": (
        "npy",
        lambda path: path.write_bytes(npy_header("(10**9,)".replace("10**9", "9" * 18), "<U0")),
    ),
    "npy of negative length": ("npy", lambda path: path.write_bytes(npy_header("(-4, -4)") + bytes(128))),
    "npy of 60 brackets": ("npy", lambda path: path.write_bytes(npy_header("(" * 9000))),
    "npz of 560 MB in 2 MB": ("npz", bomb_npz),
    "npz that announces more": ("npz", lambda path: zipped(path, {"a.npy": npy_header("(40000, 40000)") + bytes(80)})),
    "npz of other files": ("npz", lambda path: zipped(path, {"a.txt": b"x"})),
    "npz of another method": (
        "npz",
        lambda path: zipped(path, {"a.npy": npy_header("(1,)") + bytes(8)}, zipfile.ZIP_LZMA),
    ),
    "npz with one name twice": ("npz", lambda path: zipped(path, {"a.npy": npy_header("()") + bytes(8), "a": b""})),
    "json of 60,000 brackets": ("json", lambda path: path.write_text("[" * 60_000)),
    "json of other bytes": ("json", lambda path: path.write_bytes(b"\xff\xfe{")),
    "json of a long number": ("json", lambda path: path.write_text("9" * 5000)),
    "yaml of aliases": ("yaml", lambda path: path.write_text(ALIASES)),
    "yaml that holds itself": ("yaml", lambda path: path.write_text("a: &a [*a]")),
    "yaml of merges": ("yaml", lambda path: path.write_text(ALIASES.replace("[", "{<<: [").replace("]", "]}"))),
    "yaml of 60,000 brackets": ("yaml", lambda path: path.write_text("[" * 60_000)),
    "yaml of 60,000 dashes": ("yaml", lambda path: path.write_text("- " * 60_000)),
    "yaml of a tab": ("yaml", lambda path: path.write_text("a:\n\t- b")),
    "csv of a long cell": ("csv", lambda path: path.write_text('a,"' + "b" * 200_000)),
    "csv of other bytes": ("csv", lambda path: path.write_bytes(b"\xff\xfe,")),
    "pth that repeats one number": ("pth", repeated),
    "pth of compressed entries": ("pth", compressed),
    "pth of a long bytearray": ("pth", asking(bytearray, 5_600_000_000)),
    "pth of a long bytearray, old layout": ("pth", asking(bytearray, 5_600_000_000, legacy=True)),
    "pth of code": ("pth", asking(os.system, "echo executed >&2")),
    "pth of code, old layout": ("pth", asking(os.system, "echo executed >&2", legacy=True)),
    "pth of a plain pickle": (
        "pth",
        lambda path: path.write_bytes(pickle.dumps(_Asks(os.system, "echo executed >&2"))),
    ),
    "pth of 60 levels": ("pth", lambda path: torch.save(nested(60), path)),
    "pth of a sparse tensor": ("pth", lambda path: torch.save({"a": torch.eye(3).to_sparse()}, path)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_made_to_harm_is_refused_in_one_line(
    tmp_path: Path, fault: str, capfd: pytest.CaptureFixture[str]
) -> None:
    kind, make = FAULTS[fault]
    path = tmp_path / f"a.{kind}"
    make(path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(CaptureError) as caught:
        READERS[kind](path)
    said = str(caught.value)
    assert said.startswith(f"{path}: ") and said.endswith(REMEDY) and "\n" not in said and len(said) < 500
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000, "kilobytes"
    assert "executed" not in capfd.readouterr().err


@pytest.mark.parametrize("kind", READERS)
def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path, kind: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("pipe", "folder", "link", "a\0b", "n" * 300, "/dev/zero"):
        with pytest.raises(CaptureError, match=REMEDY):
            READERS[kind](tmp_path / name)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_file_beyond_its_bound_is_not_read(tmp_path: Path) -> None:
    for kind in ("json", "yaml", "csv", "npy"):
        with (tmp_path / f"a.{kind}").open("wb") as file:
            file.truncate(20 << 30)  # holes take no disk
        with pytest.raises(CaptureError, match=r"bytes, .* at most"):
            READERS[kind](tmp_path / f"a.{kind}")


def test_sound_files_come_back(tmp_path: Path) -> None:
    arrays = {"a": np.arange(6).reshape(2, 3).T, "b": np.float32(3), "c": np.zeros((0, 3)), "ä/b": np.ones(3, bool)}
    for save in (np.savez, np.savez_compressed):
        with (tmp_path / "a.npz").open("wb") as file:
            save(file, **arrays)
        found = read_npz(tmp_path / "a.npz", CaptureError, REMEDY)
        assert found.keys() == arrays.keys()
        for name, array in arrays.items():
            np.testing.assert_array_equal(found[name], array)
            assert found[name].dtype == np.asarray(array).dtype and found[name].flags.writeable
    assert read_npz(tmp_path / "a.npz", CaptureError, REMEDY, only=("a", "z")).keys() == {"a"}
    shared = torch.arange(12.0)
    state = OrderedDict(a=shared, b=shared[2:5], n=[1, 2.5, "x", None, {"k": (True, 1)}])
    for new in (True, False):
        torch.save(state, tmp_path / "a.pth", _use_new_zipfile_serialization=new)
        back = read_tensors(tmp_path / "a.pth", CaptureError, REMEDY)
        assert torch.equal(back["a"], shared) and torch.equal(back["b"], shared[2:5]) and back["n"] == state["n"]
    kinds = [
        torch.ones(3, dtype=kind)
        for kind in (torch.uint16, torch.bfloat16, torch.float16, torch.bool, torch.float8_e4m3fn)
    ]
    torch.save(
        {"kinds": kinds, "parameter": torch.nn.Parameter(torch.ones(2)), "size": torch.Size([1])}, tmp_path / "a.pth"
    )
    back = read_tensors(tmp_path / "a.pth", CaptureError, REMEDY)["kinds"]
    assert all(torch.equal(one.float(), other.float()) for one, other in zip(back, kinds, strict=True))
    (tmp_path / "a.yaml").write_text("base: &b {x: 1}\nother: *b\nmore: {<<: *b, y: 2}\n")
    assert yaml_of(tmp_path / "a.yaml") == {"base": {"x": 1}, "other": {"x": 1}, "more": {"x": 1, "y": 2}}
    (tmp_path / "a.csv").write_text('\ufeffa, b\n\n1,"x, y"\n', encoding="utf-8")
    assert READERS["csv"](tmp_path / "a.csv") == [["a", "b"], ["1", "x, y"]]
    (tmp_path / "a.json").write_text(json.dumps([1]))
    with pytest.raises(CaptureError, match="must hold an object of JSON"):
        read_object(tmp_path / "a.json", CaptureError, REMEDY)


def test_the_packaged_settings_are_well_within_the_bounds() -> None:
    for path in REPOSITORY.joinpath("configs").rglob("*.yaml"):
        check_bounds(path.read_text() * 8 if path.name != "config.yaml" else path.read_text())


@pytest.mark.parametrize(
    "words",
    ["seed=" + "[" * 60_000, "x=" + "{" * 60_000, "[" * 60_000 + "=1", "data2=" + "${" * 30_000, "a" + ".a" * 60_000],
)
def test_brackets_on_the_command_line_end_in_one_line(words: str) -> None:
    """Not in a segmentation fault: one that OmegaConf's parser met ended the process without a word."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, words], cwd=REPOSITORY, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2, done.stderr[-300:]
    assert done.stderr.startswith("error: ") and len(done.stderr.splitlines()) == 1


PROGRAM = """
import sys
from sparsedff.common.console import print_lines
from sparsedff.config.overrides import read_values
from sparsedff.config.config import Config
from pathlib import Path
sys.exit(print_lines(str(read_values(Path("configs/config.yaml"), [word], Config)) for word in sys.argv[1:]))
"""

"""The one reader of .npy files: what is whole comes back as it is, all else is one line with file and remedy."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sparsedff.errors import CaptureError
from sparsedff.files.npy import read_npy


@settings(max_examples=50, deadline=None)
@given(arrays.arrays(st.sampled_from([np.uint8, np.int64, np.float32, np.float64]), arrays.array_shapes(min_side=0)))
def test_what_was_saved_is_read(tmp_path_factory: pytest.TempPathFactory, array: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("npy") / "a.npy"
    np.save(path, array)
    found = read_npy(path, CaptureError, "save it again")
    np.testing.assert_array_equal(found, array)
    assert found.dtype == array.dtype and found.shape == array.shape


def cut(path: Path) -> None:
    np.save(path, np.zeros((4, 3)))
    path.write_bytes(path.read_bytes()[:-5])


def giant(path: Path) -> None:
    np.save(path, np.zeros((4, 3)))
    path.write_bytes(path.read_bytes().replace(b"(4, 3)", b"(999999999, 999999999)")[:200])


def archive(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, a=np.zeros((4, 3)))


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "no such file"),
    "a folder": (Path.mkdir, "not a readable .npy (Is a directory)"),
    "empty": (Path.touch, "it is no .npy file (empty"),
    "text": (lambda path: path.write_text("1 2 3"), "it is no .npy file"),
    "archive": (archive, "it is no .npy file (empty, cut off, pickled, an archive of arrays"),
    "pickle": (lambda path: path.write_bytes(pickle.dumps(np.zeros(3))), "it is no .npy file"),
    "objects": (lambda path: np.save(path, np.array([{}])), "it holds pickled objects, which are never loaded"),
    "cut": (cut, "it is truncated or damaged"),
    "giant": (giant, "it is truncated or damaged"),
    "header": (lambda path: path.write_bytes(b"\x93NUMPY\x01\x00v\x00{'descr': "), "it is truncated or damaged"),
    "words": (lambda path: np.save(path, np.full((4, 3), "a")), "numbers of shape (n, 3) or (3), got (4, 3) <U1"),
    "complex": (lambda path: np.save(path, np.ones((4, 3)) * 1j), "got (4, 3) complex128"),
    "booleans": (lambda path: np.save(path, np.ones((4, 3), bool)), "got (4, 3) bool"),
    "other width": (lambda path: np.save(path, np.ones((4, 2))), "got (4, 2) float64"),
    "no rows": (lambda path: np.save(path, np.ones((0, 3))), "got (0, 3) float64"),
    "other rank": (lambda path: np.save(path, np.ones((1, 4, 3))), "got (1, 4, 3) float64"),
    "a number": (lambda path: np.save(path, np.float64(3)), "got () float64"),
    "NaN": (lambda path: np.save(path, np.full((4, 3), np.nan)), "contains NaN or infinity"),
    "infinity": (lambda path: np.save(path, np.array([0, 1, np.inf])), "contains NaN or infinity"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_file_is_one_line_with_file_and_remedy(tmp_path: Path, fault: str) -> None:
    make, message = FAULTS[fault]
    path = tmp_path / "a.npy"
    make(path)
    with pytest.raises(CaptureError) as caught:
        read_npy(path, CaptureError, "save it again", shapes=[(None, 3), (3,)], finite=True)
    said = str(caught.value)
    assert said.startswith(f"{path}: ") and message in said and said.endswith("; save it again") and "\n" not in said


def test_exact_types_and_words_of_the_callers_own(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.zeros((4, 3), np.int8))
    assert read_npy(path, CaptureError, "x", kinds=["int8"]).dtype == np.int8
    with pytest.raises(CaptureError, match=r"a.npy: depth must be bytes, got \(4, 3\) int8; capture again"):
        read_npy(path, CaptureError, "capture again", kinds=["uint8"], rule="depth must be bytes")
    path.unlink()
    with pytest.raises(CaptureError, match=r"a.npy: is missing; make a run$"):
        read_npy(path, CaptureError, "x", missing="is missing; make a run")

"""The short form of `make test-trust`: some inputs of every kind, some kills, and readers held to arbitrary bytes."""

from __future__ import annotations

import contextlib
import json
import os
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sparsedff.capture.files.entries import read_document
from sparsedff.errors import CaptureError, SparseDFFError
from sparsedff.files.json_file import read_json
from sparsedff.files.npy import read_npy
from sparsedff.files.npz import read_npz
from sparsedff.files.table import read_table
from sparsedff.files.tensors import read_tensors
from tests.fuzz import campaign as campaign_module
from tests.fuzz.campaign import campaign, inputs
from tests.fuzz.kills import kill
from tests.fuzz.mutations import damage
from tests.fuzz.targets import TARGETS, Target
from tests.fuzz.trial import attempt

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=8), inside, max_size=4),
    max_leaves=12,
)


def test_damaged_files_of_every_kind_are_read_or_refused_in_one_line() -> None:
    outcomes = campaign(inputs(12 * len(TARGETS), first=10**6))
    assert len(outcomes) == 12 * len(TARGETS)
    assert [outcome for outcome in outcomes if outcome.failed] == []
    assert {outcome.verdict for outcome in outcomes} == {"read", "refused"}


def test_sound_files_of_every_kind_are_read(tmp_path: Path) -> None:
    """Else a reader that refuses everything would pass."""
    for name, target in TARGETS.items():
        if name != "ground truth":  # of the sample, where it has been made
            (tmp_path / name).mkdir()
            target.make(tmp_path / name)
            target.read(tmp_path / name)


def test_killed_writers_leave_nothing_damaged_and_no_litter(tmp_path: Path) -> None:
    faults, _ = kill(tmp_path, 10, seed=1)
    assert faults == []


def test_damage_is_decided_by_the_seed(tmp_path: Path) -> None:
    found = []
    for name in ("a", "b"):
        path = tmp_path / name
        path.write_bytes(b'{"a": [1, 2, 3]}' * 9)
        damage(path, random.Random(4))
        found.append(path.read_bytes() if path.is_file() else None)
    assert found[0] == found[1]


def test_faults_would_be_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def make(folder: Path) -> None:
        (folder / "a").write_bytes(b"x" * 100)

    def wrong(_: Path) -> None:
        raise SparseDFFError("the bare root")

    def two_lines(_: Path) -> None:
        raise CaptureError("a\nb")

    reads: dict[str, Any] = {
        "IndexError": lambda _: [][1],
        "no line": wrong,
        "no line for": two_lines,
        "the process ended with 6": lambda _: os._exit(6),
        "silent": lambda _: time.sleep(30),
    }
    for verdict, read in reads.items():
        if verdict == "silent":  # only here: elsewhere a busy machine may take its time
            monkeypatch.setattr(campaign_module, "PATIENCE_S", 0.5)
        monkeypatch.setitem(TARGETS, "x", Target(make, read))  # type: ignore[arg-type]
        (outcome,) = campaign([("x", 3)])
        assert outcome.failed and outcome.verdict.startswith(verdict)
    assert not attempt("poses", 1, tmp_path).failed


@QUICK
@given(content=st.binary(max_size=300), head=st.sampled_from([b"", b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"\x80\x02"]))
def test_arbitrary_bytes(tmp_path: Path, content: bytes, head: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(head + content)
    for read in (read_npy, read_npz, read_json, read_table, read_tensors):
        with contextlib.suppress(CaptureError):
            read(path, CaptureError, "x")  # type: ignore[operator]


@QUICK
@given(
    shape=st.lists(st.integers(-2, 2**40), max_size=4).map(tuple),
    kind=st.sampled_from(["<f8", "|O", "<U0", "|V0", "<M8[s]", "|S9", "(3,)<f4", "nonsense", ">c16"]),
    order=st.sampled_from([True, False, None]),
    content=st.binary(max_size=200),
)
def test_arbitrary_headers_of_arrays(tmp_path: Path, shape: Any, kind: str, order: Any, content: bytes) -> None:
    path = tmp_path / "a.npy"
    head = repr({"descr": kind, "fortran_order": order, "shape": shape}).encode()
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + content)
    with contextlib.suppress(CaptureError):
        found = read_npy(path, CaptureError, "x", kinds="fiubcSUVMm")
        assert found.shape == shape and np.asarray(found).nbytes <= len(content)


@QUICK
@given(document=JSON)
def test_arbitrary_documents(tmp_path: Path, document: Any) -> None:
    for name in ("a.json", "a.yaml"):
        path = tmp_path / name
        path.write_text(json.dumps(document))
        with contextlib.suppress(SparseDFFError):
            assert isinstance(read_document(path), dict)

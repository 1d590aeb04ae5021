"""Models of strangers: a folder runs no code, a name on the hub stays what it was, a replaced file is hashed anew."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from sparsedff.distill.weights.hub import download_folder, load_folder
from sparsedff.downloads.items import MIRROR, Item, source_of
from sparsedff.errors import DownloadError, WeightsError
from sparsedff.files import sha256
from tests.support.checkpoints import hub_folder

COMMIT = "0123456789" * 4
CODE = """
from pathlib import Path
Path(__file__).with_name("executed").touch()
Path({marker!r}).touch()
from transformers import PretrainedConfig, PreTrainedModel
class EvilConfig(PretrainedConfig):
    model_type = "evil"
class EvilModel(PreTrainedModel):
    config_class = EvilConfig
"""


@pytest.mark.parametrize("kind", ["evil", "dinov2"])
def test_a_folder_runs_no_code_even_where_somebody_says_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    folder = hub_folder(tmp_path / "model", "dinov2")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": kind, "auto_map": {"AutoConfig": "evil.EvilConfig", "AutoModel": "evil.EvilModel"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "evil.py").write_text(CODE.format(marker=str(tmp_path / "executed")))
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n" * 100))  # yes | sparsedff ...
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    if kind == "evil":
        with pytest.raises(WeightsError, match=r"model: cannot be loaded \(.*\); fetch it anew") as caught:
            load_folder(folder)
        assert "\n" not in str(caught.value)
    else:
        assert type(load_folder(folder)).__module__.startswith("transformers.models.dinov2")
    assert not list(tmp_path.rglob("executed")) and sys.stdin.readline() == "y\n", "nobody was asked"


class Hub:
    """Stands for huggingface_hub.snapshot_download: takes down what it is asked for."""

    def __init__(self, folder: Path, fetched: bool) -> None:
        self.folder, self.fetched, self.asked = folder, fetched, []  # type: ignore[var-annotated]

    def __call__(self, name: str, **settings: Any) -> str:
        self.asked.append((name, settings.get("revision"), settings.get("local_files_only", False)))
        if settings.get("local_files_only") and not self.fetched:
            raise FileNotFoundError(name)
        self.fetched = True
        return str(self.folder)


def test_what_was_fetched_first_stays_and_a_commit_is_asked_for_by_its_digits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hub = Hub(hub_folder(tmp_path / COMMIT, "dinov2"), fetched=False)
    monkeypatch.setattr("huggingface_hub.snapshot_download", hub)
    assert download_folder("owner/name") == hub.folder
    assert f"hub:owner/name@{COMMIT} names just this content" in caplog.text
    assert hub.asked == [("owner/name", None, True), ("owner/name", None, False)]
    hub.asked.clear()
    assert download_folder("owner/name") == hub.folder
    assert hub.asked == [("owner/name", None, True)], "no look at what the owner has made of it since"
    hub.asked.clear()
    assert download_folder(f"owner/name@{COMMIT}") == hub.folder
    assert hub.asked == [("owner/name", COMMIT, True)]
    for revision in ("main", "v1", COMMIT[:7], "", "../x"):
        with pytest.raises(WeightsError, match="after @ stands a commit of 40 digits"):
            download_folder(f"owner/name@{revision}")


def test_a_folder_that_came_in_part_is_fetched_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub(hub_folder(tmp_path / COMMIT, "dinov2"), fetched=True)
    index = {"weight_map": {"a": "model.safetensors", "b": "model-2.safetensors"}}
    (hub.folder / "model.safetensors.index.json").write_text(json.dumps(index))
    monkeypatch.setattr("huggingface_hub.snapshot_download", hub)
    download_folder("owner/name")
    assert [local for _, _, local in hub.asked] == [True, False]


def test_a_file_replaced_by_one_of_the_same_size_and_time_is_hashed_anew(tmp_path: Path) -> None:
    path, other = tmp_path / "w.pth", tmp_path / "other.pth"
    path.write_bytes(bytes(17 << 20))
    first = sha256.sha256_of_file(path, WeightsError, "")
    status = path.stat()
    other.write_bytes(b"1" * (17 << 20))
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(path)
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    assert sha256.sha256_of_file(path, WeightsError, "") == hashlib.sha256(b"1" * (17 << 20)).hexdigest() != first
    with path.open("r+b") as file:  # in place, as rsync --inplace --times does
        file.write(b"2")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert sha256.sha256_of_file(path, WeightsError, "") == hashlib.sha256(b"2" + b"1" * ((17 << 20) - 1)).hexdigest()
    assert sha256._note(path).is_file()


def test_what_has_no_hash_is_not_taken_over_http(tmp_path: Path) -> None:
    plain, known = Item("a.zip", "https://x"), Item("w.pth", "https://x", 3, "0" * 64)
    with pytest.raises(DownloadError, match="no published hash, so it is not taken over http"):
        source_of(plain, {MIRROR: "http://mirror.lab"})
    assert source_of(known, {MIRROR: "http://mirror.lab"}) == "http://mirror.lab/w.pth"
    for safe in ("https://mirror.lab", "http://127.0.0.1:8000", "http://localhost"):
        assert source_of(plain, {MIRROR: safe}) == f"{safe}/a.zip"

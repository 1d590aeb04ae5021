"""Archives: whole or not at all, nothing outside, no links, no flood; captures and poses find their place."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from sparsedff.capture.files.capture_folder import save_capture
from sparsedff.capture.files.lookup import find_capture
from sparsedff.downloads import __main__ as command
from sparsedff.downloads.captures import install
from sparsedff.downloads.items import MIRROR
from sparsedff.downloads.unpack import unpack
from sparsedff.errors import DownloadError
from tests.support.captures import make_capture
from tests.support.paths import REPOSITORY


def zipped(path: Path, entries: dict[str, bytes], kinds: dict[str, int] | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = ((kinds or {}).get(name, stat.S_IFREG) | 0o644) << 16
            file.writestr(info, content)
    return path


def refused(archive: Path, folder: Path, **bounds: int) -> str:
    with pytest.raises(DownloadError) as caught:
        unpack(archive, folder, **bounds)
    assert not folder.exists() and "\n" not in str(caught.value)
    assert not [path for path in folder.parent.iterdir() if ".partial" in path.name]
    return str(caught.value)


def test_sound_archives(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"img/": b"", "img/a.npy": b"1", "img/b/c.txt": b"22", "d": b""})
    unpack(archive, tmp_path / "out")
    found = {str(p.relative_to(tmp_path / "out")): p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert found == {"img/a.npy": b"1", "img/b/c.txt": b"22", "d": b""}


@pytest.mark.parametrize(
    "name", ["../evil", "/evil", "a/../../evil", "a\\..\\evil", "C:/evil", "..", "./../evil", "//evil"]
)
def test_paths_that_lead_out(tmp_path: Path, name: str) -> None:
    archive = zipped(tmp_path / "a.zip", {"good": b"1", name: b"2"})
    assert "leads outside the target folder" in refused(archive, tmp_path / "out")
    assert not (tmp_path / "evil").exists() and not Path("/evil").exists()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_devices(tmp_path: Path, kind: int) -> None:
    archive = zipped(tmp_path / "a.zip", {"link": b"/etc/passwd", "link/x": b"1"}, {"link": kind})
    assert "'link' is a link or a device" in refused(archive, tmp_path / "out")


def test_floods(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "bomb.zip", {f"{i}": bytes(1 << 20) for i in range(4)})
    assert bomb.stat().st_size < 1 << 16
    assert "unpacks to more than 3,000,000 bytes" in refused(bomb, tmp_path / "out", max_bytes=3_000_000)
    many = zipped(tmp_path / "many.zip", {f"{i}": b"" for i in range(30)})
    assert "holds 30 files, more than 20" in refused(many, tmp_path / "out", max_files=20)


def test_a_flood_that_lies_about_its_size(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"x": bytes(100_000)})
    content = archive.read_bytes()
    archive.write_bytes(content.replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    refused(archive, tmp_path / "out", max_bytes=1000)


def test_damaged_archives(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"x": np.random.default_rng(0).bytes(5000), "y": b"1"})
    whole = archive.read_bytes()
    for name, content in (
        ("empty", b""),
        ("text", b"<html>quota</html>"),
        ("truncated", whole[:-30]),
        ("flipped", whole[:300] + bytes([whole[300] ^ 1]) + whole[301:]),
    ):
        path = tmp_path / f"{name}.zip"
        path.write_bytes(content)
        assert "is no sound .zip archive" in refused(path, tmp_path / "out"), name
    twice = tmp_path / "twice.zip"
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(twice, "w") as file:
        file.writestr("x", b"1")
        file.writestr("x", b"2")
    assert "'x' is in it twice" in refused(twice, tmp_path / "out")


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    """Archives as the authors may have packed them, in a mirror folder."""
    mirror, content = tmp_path / "mirror", tmp_path / "content"
    mirror.mkdir()
    save_capture(make_capture(2), content / "img" / "20231010_monkey_original")
    np.save(content / "img" / "ref_pose_monkey.npy", np.zeros((1, 31)))
    files = {str(path.relative_to(content)): path.read_bytes() for path in content.rglob("*") if path.is_file()}
    zipped(mirror / "img_data.zip", files)
    zipped(mirror / "pth_data.zip", {"pth/glayer_key0.pth": b"weights"})
    return mirror


def test_captures_and_poses_find_their_place(
    archives: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    assert command.main(["captures", "--folder", str(data)], {MIRROR: str(archives)}) == 0
    assert find_capture("20231010_monkey_original", [data / "captures"]).is_dir()
    assert (data / "poses" / "ref_pose_monkey.npy").is_file()
    network = data / "authors" / "pth_data" / "pth" / "glayer_key0.pth"
    assert network.read_bytes() == b"weights"
    said = capsys.readouterr().out
    assert "capture " in said and f"network {network}, for model_path={network}" in said
    assert command.main(["captures", "--folder", str(data), "--only", "img"], {MIRROR: str(archives)}) == 0
    assert "unpacked before" in capsys.readouterr().out


def test_what_is_there_is_not_replaced(archives: Path, tmp_path: Path) -> None:
    mine = tmp_path / "poses" / "ref_pose_monkey.npy"
    mine.parent.mkdir()
    mine.write_bytes(b"mine")
    lines = install(archives / "img_data.zip", tmp_path / "out", tmp_path / "captures", tmp_path / "poses")
    assert mine.read_bytes() == b"mine" and any("left there because" in line for line in lines)
    zipped(tmp_path / "other.zip", {"readme": b"1"})
    lines = install(tmp_path / "other.zip", tmp_path / "out2", tmp_path / "captures", tmp_path / "poses")
    assert "no capture, pose or network was recognised" in lines[0]


@pytest.mark.parametrize("script", ["pth_download.sh", "download.sh"])
def test_the_scripts_answer(script: str, tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "PYTHON": sys.executable, MIRROR: str(tmp_path)}
    run = ["bash", str(REPOSITORY / script)]
    done = subprocess.run([*run, "--help"], capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=60)
    assert done.returncode == 0 and "--only" in done.stdout
    only = ["--only", "dinov2" if script == "pth_download.sh" else "img", "--folder", str(tmp_path / "to")]
    done = subprocess.run([*run, *only], capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=60)
    assert done.returncode == 2 and done.stderr.startswith(f"error: {MIRROR}={tmp_path}: there is no ")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.zip")
    assert "it is a pipe or a device" in refused(tmp_path / "a.zip", tmp_path / "out")
    assert "no such file" in refused(tmp_path / "none.zip", tmp_path / "out")

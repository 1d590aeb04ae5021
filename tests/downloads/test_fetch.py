"""Downloads against a server that is slow, breaks off, lies and stalls; mirrors; a full disk; no network."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sparsedff.downloads import __main__ as command
from sparsedff.downloads import disk, stream
from sparsedff.downloads.fetch import fetch
from sparsedff.downloads.items import CAPTURES, MIRROR, WEIGHTS, Item, source_of
from sparsedff.downloads.webpage import confirmed_url
from sparsedff.errors import DownloadError
from tests.support.server import Behaviour, serve

CONTENT = np.random.default_rng(0).integers(0, 256, 300_000, dtype=np.uint8).tobytes()
SHA256 = hashlib.sha256(CONTENT).hexdigest()
FAST: dict[str, Any] = {"wait_s": 0.01, "timeout_s": 2.0, "chunk": 10_000}


def item(address: str, **changes: Any) -> Item:
    return Item(**{"file": "w.pth", "url": f"{address}/w.pth", "size": len(CONTENT), "sha256": SHA256} | changes)


def bring(behaviour: Behaviour, folder: Path, **changes: Any) -> Path:
    settings = {key: changes.pop(key) for key in list(changes) if key in ("timeout_s", "attempts")}
    with serve(behaviour) as address:
        return fetch(item(address, **changes), folder, {}, **(FAST | settings))


def refused(behaviour: Behaviour, folder: Path, **changes: Any) -> str:
    with pytest.raises(DownloadError) as caught:
        bring(behaviour, folder, **changes)
    assert "\n" not in str(caught.value) and not (folder / "w.pth").exists()
    return str(caught.value)


def ranges(behaviour: Behaviour) -> list[str | None]:
    return [asked for _, asked in behaviour.requests]


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name not in ("w.pth", ".w.pth.sha256"))


def test_a_sound_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    b = Behaviour(CONTENT)
    path = bring(b, tmp_path / "deep" / "folder")
    assert path.read_bytes() == CONTENT and ranges(b) == [None] and left_over(path.parent) == []
    assert capsys.readouterr().err == "", "a progress bar is for terminals"
    with serve(b) as address:
        fetch(item(address), path.parent, {}, **FAST)
    assert len(b.requests) == 1  # it is there and right: nothing is asked


def test_a_slow_server(tmp_path: Path) -> None:
    assert bring(Behaviour(CONTENT, drip_s=0.05), tmp_path).read_bytes() == CONTENT


def test_broken_connections_are_resumed(tmp_path: Path) -> None:
    b = Behaviour(CONTENT, break_after=[100_000, 50_000, 0, 60_000])
    assert bring(b, tmp_path).read_bytes() == CONTENT
    assert ranges(b) == [None, "bytes=100000-", "bytes=150000-", "bytes=150000-", "bytes=210000-"]
    assert left_over(tmp_path) == []


def test_a_stalled_server_is_left_and_resumed(tmp_path: Path) -> None:
    b = Behaviour(CONTENT, stall_after=120_000)
    assert bring(b, tmp_path, timeout_s=0.4).read_bytes() == CONTENT
    assert ranges(b)[0] is None and ranges(b)[1] is not None


def test_a_server_without_ranges_starts_anew(tmp_path: Path) -> None:
    b = Behaviour(CONTENT, ranges=False, break_after=[100_000])
    assert bring(b, tmp_path).read_bytes() == CONTENT and len(b.requests) == 2


def test_a_server_that_continues_elsewhere_starts_anew(tmp_path: Path) -> None:
    b = Behaviour(CONTENT, wrong_range=True, break_after=[100_000])
    assert bring(b, tmp_path).read_bytes() == CONTENT
    assert ranges(b) == [None, "bytes=100000-", None]


def test_giving_up_keeps_what_came_and_the_next_run_goes_on(tmp_path: Path) -> None:
    b = Behaviour(CONTENT, break_after=[100_000] + [0] * 20)
    message = refused(b, tmp_path, attempts=3)
    assert "broke off after 100,000 of 300,000 bytes" in message and "run the same command to go on" in message
    assert left_over(tmp_path) == [".w.pth.part"]
    again = Behaviour(CONTENT)
    assert bring(again, tmp_path).read_bytes() == CONTENT and ranges(again) == ["bytes=100000-"]


def test_another_size_is_refused_before_the_body(tmp_path: Path) -> None:
    message = refused(Behaviour(CONTENT[:-5]), tmp_path)
    assert "has 299,995 bytes instead of 300,000" in message and left_over(tmp_path) == []


def test_a_size_that_is_a_lie(tmp_path: Path) -> None:
    longer = Behaviour(CONTENT + b"more", chunked=True)
    assert "sends more than the 300,000 bytes" in refused(longer, tmp_path) and left_over(tmp_path) == []
    shorter = Behaviour(CONTENT[:20_000], announce=len(CONTENT))
    assert "broke off after 20,000 of 300,000 bytes" in refused(shorter, tmp_path, attempts=2)


def test_a_wrong_hash_never_gets_the_name(tmp_path: Path) -> None:
    b = Behaviour(CONTENT[:-1] + b"?")
    assert "is not the official w.pth (SHA-256 differs)" in refused(b, tmp_path)
    assert left_over(tmp_path) == []
    assert bring(Behaviour(CONTENT), tmp_path).read_bytes() == CONTENT


def test_a_part_of_another_file_ends_as_a_wrong_hash_and_then_anew(tmp_path: Path) -> None:
    (tmp_path / ".w.pth.part").write_bytes(b"x" * 1000)
    assert "SHA-256 differs" in refused(Behaviour(CONTENT), tmp_path)
    (tmp_path / ".w.pth.part").write_bytes(b"x" * (len(CONTENT) + 1))  # longer than the file can be
    assert bring(Behaviour(CONTENT), tmp_path).read_bytes() == CONTENT


def test_a_wrong_file_is_replaced_only_by_the_right_one(tmp_path: Path) -> None:
    (tmp_path / "w.pth").write_bytes(b"truncated")
    with pytest.raises(DownloadError):
        bring(Behaviour(CONTENT, statuses=[404]), tmp_path)
    assert (tmp_path / "w.pth").read_bytes() == b"truncated"
    assert bring(Behaviour(CONTENT), tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("status", [403, 404])
def test_refusals_of_the_server_are_final(tmp_path: Path, status: int) -> None:
    b = Behaviour(CONTENT, statuses=[status] * 9)
    assert f"the server answers {status}" in refused(b, tmp_path) and len(b.requests) == 1


def test_a_busy_server_is_asked_again(tmp_path: Path) -> None:
    b = Behaviour(CONTENT, statuses=[503, 429])
    assert bring(b, tmp_path).read_bytes() == CONTENT and len(b.requests) == 3


def test_no_network_is_one_line_that_names_the_mirror(tmp_path: Path) -> None:
    for url in ("http://127.0.0.1:9/w.pth", "http://name.invalid/w.pth"):
        with pytest.raises(DownloadError) as caught:
            fetch(item("", url=url), tmp_path, {}, wait_s=0.01, attempts=2, timeout_s=2)
        message = str(caught.value)
        assert message.startswith(f"{url}: no connection (") and MIRROR in message and "\n" not in message
        assert "HTTPConnectionPool" not in message and left_over(tmp_path) == []


def test_a_full_disk_is_said_before_anything_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: usage(0, 0, disk.MARGIN + 299_999))
    b = Behaviour(CONTENT)
    assert "needs 300,000 bytes of disk" in refused(b, tmp_path) and b.requests == []
    b = Behaviour(CONTENT)  # of unknown size: known once the server says it
    assert "needs 300,000 bytes of disk" in refused(b, tmp_path, size=None, sha256=None) and len(b.requests) == 1


def test_two_processes_do_not_write_one_file(tmp_path: Path) -> None:
    with (tmp_path / ".w.pth.part").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert "another process is fetching it" in refused(Behaviour(CONTENT), tmp_path)
    assert bring(Behaviour(CONTENT), tmp_path).read_bytes() == CONTENT


def test_an_interrupt_keeps_what_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(stream, "time", SimpleNamespace(sleep=interrupt))
    with pytest.raises(KeyboardInterrupt):
        bring(Behaviour(CONTENT, break_after=[100_000]), tmp_path)
    assert (tmp_path / ".w.pth.part").stat().st_size == 100_000


def test_mirrors(tmp_path: Path) -> None:
    mirror, folder = tmp_path / "mirror", tmp_path / "weights"
    mirror.mkdir()
    official = item("https://unreachable.invalid")
    with pytest.raises(DownloadError, match=f"{MIRROR}={mirror}: there is no {mirror}/w.pth"):
        fetch(official, folder, {MIRROR: str(mirror)})
    (mirror / "w.pth").write_bytes(CONTENT[:-1])
    with pytest.raises(DownloadError, match="has 299,999 bytes instead of 300,000"):
        fetch(official, folder, {MIRROR: str(mirror)})
    (mirror / "w.pth").write_bytes(CONTENT[:-1] + b"?")
    with pytest.raises(DownloadError, match="SHA-256 differs"):
        fetch(official, folder, {MIRROR: str(mirror)})
    assert not (folder / "w.pth").exists()
    (mirror / "w.pth").write_bytes(CONTENT)
    assert fetch(official, folder, {MIRROR: str(mirror)}).read_bytes() == CONTENT
    assert (mirror / "w.pth").read_bytes() == CONTENT
    b = Behaviour(CONTENT)
    with serve(b) as address:
        assert fetch(official, tmp_path / "other", {MIRROR: f"{address}/lab/"}, **FAST).read_bytes() == CONTENT
    assert b.requests == [("/lab/w.pth", None)]
    assert source_of(official, {MIRROR: "  "}) == official.url


def test_unknown_sizes_are_clean_retries(tmp_path: Path) -> None:
    (tmp_path / ".w.pth.part").write_bytes(b"of some other file")
    b = Behaviour(CONTENT, break_after=[100_000])
    assert bring(b, tmp_path, size=None, sha256=None).read_bytes() == CONTENT
    assert ranges(b) == [None, "bytes=100000-"]
    assert bring(Behaviour(b""), tmp_path, size=None, sha256=None).read_bytes() == CONTENT  # by hand or before


PAGE = """<html><form id="download-form" action="{action}" method="get"><input type="submit" value="Download anyway"/>
<input type="hidden" name="id" value="17fi"><input type="hidden" name="confirm" value="t">
<input type="hidden" name="uuid" value="ab-1"></form></html>"""


def test_drives_question_is_answered_once(tmp_path: Path) -> None:
    b = Behaviour(CONTENT, page=PAGE.format(action="/download"))
    assert bring(b, tmp_path, size=None, sha256=None, by_hand=True).read_bytes() == CONTENT
    assert b.requests[1][0] == "/download?id=17fi&confirm=t&uuid=ab-1"


@pytest.mark.parametrize("page", ["<html>Quota exceeded</html>", PAGE.replace("uuid", "x").format(action="/download")])
def test_other_web_pages_say_what_to_do(tmp_path: Path, page: str) -> None:
    message = refused(Behaviour(CONTENT, page=page), tmp_path, size=None, sha256=None, by_hand=True)
    assert "answers with a web page" in message and f"save the file as {tmp_path / 'w.pth'}" in message


def test_only_googles_own_forms_are_followed() -> None:
    url = "https://drive.usercontent.google.com/download?id=1"
    assert confirmed_url(PAGE.format(action="https://evil.example/x"), url) is None
    assert confirmed_url(PAGE.format(action="https://notgoogle.com/x"), url) is None
    assert confirmed_url(PAGE.format(action="https://drive.google.com/x"), url) is not None
    assert confirmed_url("", url) is None


def test_what_is_offered_can_be_checked() -> None:
    assert all(i.size and i.sha256 and len(i.sha256) == 64 for i in WEIGHTS.values())
    assert WEIGHTS["sam"].url == "https://dl.fbaipublicfiles.com/segment_anything/sam_vit_h_4b8939.pth"
    assert WEIGHTS["dinov2"].url == "https://dl.fbaipublicfiles.com/dinov2/dinov2_vitb14/dinov2_vitb14_pretrain.pth"
    assert "17fiub4POzxQMZho5qnAFkE97dlH8kTRf" in CAPTURES["img"].url


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "w.pth").write_bytes(CONTENT)
    monkeypatch.setattr(command, "WEIGHTS", {"dinov2": item(""), "sam": item("", file="s.pth")})
    arguments = ["weights", "--folder", str(tmp_path / "weights")]
    environment = {MIRROR: str(mirror)}
    assert command.main([*arguments, "--only", "dinov2"], environment) == 0
    assert "w.pth is there, size and SHA-256 as published" in capsys.readouterr().out
    assert command.main(arguments, environment) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith(f"error: {MIRROR}=") and "s.pth" in error
    monkeypatch.setattr(command, "fetch", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    assert command.main(arguments, environment) == 130
    if os.geteuid() != 0:
        return
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.undo()
    assert command.main(["weights", "--folder", str(tmp_path / "file" / "x")], environment) == 2

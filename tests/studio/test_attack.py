"""The studio under attack: pages of other origins, names that point here, wrong tokens, large and crafted messages."""

from __future__ import annotations

import http.client
import math
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
import viser
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from sparsedff.errors import ConfigError, StudioError
from sparsedff.studio import server as server_module
from sparsedff.studio.app import Studio
from sparsedff.studio.guard import Guard
from sparsedff.studio.incoming import MOST_BYTES, is_allowed
from sparsedff.studio.source import open_run

PROTOCOL = f"viser-v{viser.__version__}"
EVIL = "http://evil.example"


@pytest.fixture(scope="module")
def studio(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    opened = open_run(small_run)
    poses = tmp_path_factory.mktemp("poses")
    studio = Studio(replace(opened, config=replace(opened.config, pose_paths=(str(poses),))), port=8371)
    yield studio
    studio.stop()


def host_of(studio: Studio) -> str:
    return urlsplit(studio.address).netloc


def opened(studio: Studio, path: str | None = None, origin: str | None = None) -> ClientConnection:
    path = studio.guard.token if path is None else path
    return connect(f"ws://{host_of(studio)}/{path}", origin=origin, subprotocols=[PROTOCOL], max_size=None)  # type: ignore[arg-type,list-item]


def status(studio: Studio, path: str, **headers: str) -> int:
    """The answer to a plain request."""
    connection = http.client.HTTPConnection(host_of(studio), timeout=10)
    connection.putrequest("GET", path, skip_host=True)
    for name, value in {"Host": host_of(studio), **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    return answer.status


def refused(attempt: Callable[[], Any]) -> None:
    with pytest.raises(InvalidStatus) as caught:
        attempt().close()
    assert caught.value.response.status_code == 403


def test_its_own_page_gets_in(studio: Studio) -> None:
    path = f"/{studio.guard.token}"
    for headers in ({}, {"Origin": f"http://{host_of(studio)}"}, {"Host": "localhost:9000"}):
        assert status(studio, path, **headers) == status(studio, f"{path}/", **headers) == 200
    for origin in (None, f"http://{host_of(studio)}"):
        with opened(studio, origin=origin) as connection:
            assert connection.recv(timeout=10)


def test_a_page_of_another_origin_reads_nothing(studio: Studio) -> None:
    others = (EVIL, "null", "", "http://localhost.evil.example", f"http://evil.example@{host_of(studio)}", "file://")
    for origin in (*others, f"{EVIL}//{host_of(studio)}", "http://127.0.0.1:1"):
        refused(lambda origin=origin: opened(studio, origin=origin))
        assert status(studio, f"/{studio.guard.token}", Origin=origin) == 403


def test_a_name_that_points_here_reads_nothing(studio: Studio) -> None:
    """DNS rebinding: the attacker's page is served under a name that has come to mean 127.0.0.1."""
    port = host_of(studio).split(":")[1]
    for host in (
        f"evil.example:{port}",
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "",
        "[",
        "@",
    ):
        assert status(studio, f"/{studio.guard.token}", Host=host, Origin=f"http://{host}") == 403
    with socket.create_connection(("127.0.0.1", int(port)), timeout=10) as raw:
        lines = (f"GET /{studio.guard.token} HTTP/1.1", f"Host: evil.example:{port}", f"Origin: {EVIL}:{port}")
        upgrade = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
        key = ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", f"Sec-WebSocket-Protocol: {PROTOCOL}", "", "")
        raw.sendall("\r\n".join([*lines, *upgrade, *key]).encode())
        assert raw.recv(100).startswith(b"HTTP/1.1 403")


def test_without_the_token_nothing_is_read(studio: Studio) -> None:
    token = studio.guard.token
    for path in (
        "",
        "index.html",
        token[:-1],
        token[:-1] + "!",
        token.swapcase(),
        f"x/{token}",
        "%2e%2e",
        f"../{token}",
    ):
        refused(lambda path=path: opened(studio, path))
        assert status(studio, f"/{path}") == 403
    assert len(token) >= 32 and Guard("x").token != Guard("x").token
    assert status(studio, f"/{token}/../../../etc/passwd") == 404


def test_the_address_is_not_told_to_others(studio: Studio) -> None:
    connection = http.client.HTTPConnection(host_of(studio), timeout=10)
    connection.request("GET", f"/{studio.guard.token}")
    answer = connection.getresponse()
    assert answer.headers["Referrer-Policy"] == "no-referrer" and answer.headers["X-Frame-Options"] == "DENY"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_addresses_of_other_hosts_hold_the_token(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    for host, shown in (("0.0.0.0", "127.0.0.1"), ("192.0.2.1", "192.0.2.1"), ("::1", "[::1]")):
        monkeypatch.setattr(studio.server, "get_host", lambda host=host: host)
        address = urlsplit(studio.address)
        assert address.netloc.startswith(f"{shown}:") and address.path == f"/{studio.guard.token}"


def test_a_viser_that_the_guard_does_not_know_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails closed: without the hook there is no studio."""

    class Other:
        def __init__(self, **_: Any) -> None:
            self.stopped = False

        def stop(self) -> None:
            stopped.append(True)

    stopped: list[bool] = []
    monkeypatch.setattr(server_module.viser, "ViserServer", Other)
    with pytest.raises(StudioError, match="cannot be guarded"):
        server_module.open_server(Guard("127.0.0.1"), 8379, "x")
    assert stopped


def of_name(studio: Studio) -> str:
    """The identity by which a page names the field of the pose's name."""
    return studio.author.name._impl.uuid


def say(connection: ClientConnection, **message: Any) -> None:
    connection.send(msgspec.msgpack.encode(message))


def greet(connection: ClientConnection) -> None:
    """A page is one of viser's clients once it has said where its camera is."""
    where = {name: [0.0, -1.0, 0.5] for name in ("position", "look_at", "up_direction")}
    shape = {"fov": 0.6, "near": 0.01, "far": 1000.0, "image_height": 800, "image_width": 1280}
    say(connection, type="ViewerCameraMessage", wxyz=[1.0, 0.0, 0.0, 0.0], **where, **shape)


def soon(done: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not done() and time.monotonic() < end:
        time.sleep(0.02)
    return done()


def test_a_message_cannot_take_the_buttons_apart(studio: Studio) -> None:
    """`update_cb=[]` once made Save a button that does nothing, for everybody and until the studio was restarted."""
    save = studio.author._saved
    with opened(studio) as connection:
        greet(connection)
        handles = studio.server.gui._gui_input_handle_from_uuid
        for uuid, handle in handles.items():
            before = len(handle._impl.update_cb)
            for updates in (
                {"update_cb": []},
                {"value": 1, "update_cb": []},
                {"removed": True},
                {},
                {"is_button": False},
            ):
                say(connection, type="GuiUpdateMessage", uuid=uuid, updates=updates)
            assert before == len(handle._impl.update_cb)
        (button,) = (uuid for uuid, handle in handles.items() if getattr(handle, "label", "") == "Save pose")
        say(connection, type="GuiUpdateMessage", uuid=of_name(studio), updates={"value": "after_the_attack"})
        assert soon(lambda: studio.author.name.value == "after_the_attack")
        say(connection, type="GuiUpdateMessage", uuid=button, updates={"value": True})
        assert soon(lambda: "ref_pose_after_the_attack.npy" in save.content)
        assert all(not handle._impl.removed for handle in handles.values())


@pytest.mark.parametrize("size", [MOST_BYTES + 1, 40_000_000])
def test_a_large_message_closes_the_connection(studio: Studio, size: int) -> None:
    before = studio.author.name.value
    with opened(studio) as connection, pytest.raises(ConnectionClosedError):
        say(connection, type="GuiUpdateMessage", uuid=of_name(studio), updates={"value": "n" * size})
        while True:
            connection.recv(timeout=20)
    assert studio.author.name.value == before


def test_long_names_and_strange_values_are_passed_over(studio: Studio, capfd: pytest.CaptureFixture[str]) -> None:
    before = studio.author.name.value
    nested: Any = 1
    for _ in range(50):
        nested = [nested]
    with opened(studio) as connection:
        greet(connection)
        for value in ("n" * 1001, math.nan, math.inf, 1e300, nested, b"x", [1] * 100, {"a": [1] * 100}):
            say(connection, type="GuiUpdateMessage", uuid=of_name(studio), updates={"value": value})
        connection.send("text")
        connection.send(b"\xc1")
        connection.send(b"\x91" * 60_000)
        for kind in (
            "ShareUrlRequest",
            "FileTransferStartUpload",
            "GetRenderResponseMessage",
            "ResetGuiMessage",
            "x",
            3,
        ):
            say(connection, type=kind, uuid=of_name(studio))
        say(connection, type="GuiUpdateMessage", uuid=of_name(studio), updates={"value": "still_here"})
        assert soon(lambda: studio.author.name.value == "still_here")
    studio.author.name.value = before
    assert "Traceback" not in capfd.readouterr().err


def test_values_that_no_control_has_break_nothing(studio: Studio, capfd: pytest.CaptureFixture[str]) -> None:
    pose = studio.author.editor.pose
    with opened(studio) as connection:
        greet(connection)
        for uuid, handle in list(studio.server.gui._gui_input_handle_from_uuid.items()):
            if getattr(handle, "label", "") in ("Save pose", "Transfer", "Cancel", "Play", "Name", "Replace"):
                continue
            words = isinstance(handle._impl.value, str)
            kept = handle._impl.value
            for value in ("pose", "__init__", "..") if words else (-1e6, 1e6):
                say(connection, type="GuiUpdateMessage", uuid=uuid, updates={"value": value})
            say(connection, type="GuiUpdateMessage", uuid=uuid, updates={"value": kept})
        palm = {"name": "/reference/palm", "position": [9e5, -9e5, 0.0]}
        say(connection, type="TransformControlsUpdateMessage", wxyz=[0.0, 0.0, 0.0, 0.0], **palm)
        time.sleep(2)
    studio.author.editor = type(studio.author.editor)(pose, studio.author._hand)
    assert "Traceback" not in capfd.readouterr().err


def test_no_path_outside_the_data_folders(studio: Studio, tmp_path: Path) -> None:
    config = studio.source.config
    panel, before = studio.transfer, studio.transfer._test.value
    for name in ("/etc", "../elsewhere", "data/../../etc", str(tmp_path), "/proc/self/root", "a\0b/c", "x/" * 400):
        panel._test.value = name
        with pytest.raises(ConfigError, match=r"test capture: .* is not in"):
            panel.settings(tmp_path / "pose.npy")
    for name in ("a_name", str(config.data1), f"{config.capture_paths[0]}/one"):
        panel._test.value = name
        assert panel.settings(tmp_path / "pose.npy").data2 == name
    panel._test.value = before
    saved = set(Path(config.pose_paths[-1]).iterdir())
    name = studio.author.name.value
    for bad in ("../x", "/tmp/x", "a/b", "a" * 81, "", "a\n", "x\0", ".."):
        studio.author.name.value = bad
        assert studio.author.save() is None and "Not saved" in studio.author._saved.content
    studio.author.name.value = name
    assert set(Path(config.pose_paths[-1]).iterdir()) == saved


def test_what_a_page_of_ours_says_passes() -> None:
    camera = {name: [0.1, 2, -3.5] for name in ("position", "look_at", "up_direction")}
    shape = {"fov": 0.6, "near": 0.01, "far": 1000.0, "image_height": 800, "image_width": 1280}
    ray = {"ray_origin": [0.0, 1.0, 2.0], "ray_direction": [0.0, 0.0, 1.0], "modifier": None}
    messages: list[dict[str, Any]] = [
        {"type": "ViewerCameraMessage", "wxyz": [1.0, 0, 0, 0], **camera, **shape},
        {"type": "GuiUpdateMessage", "uuid": "x", "updates": {"value": 1.5}},
        {"type": "ScenePointerMessage", "event_type": "click", "screen_pos": [[0.5, 0.5]], **ray},
        {"type": "TransformControlsDragStartMessage", "name": "/reference/palm"},
        {"type": "TransformControlsUpdateMessage", "name": "/a", "wxyz": [0.5] * 4, "position": [0.0, 0.1, 0.2]},
    ]
    assert all(is_allowed(msgspec.msgpack.encode(message)) for message in messages)

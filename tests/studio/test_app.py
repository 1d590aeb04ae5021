"""The page's server: where it listens, and panels that work without a browser."""

from __future__ import annotations

import gzip
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sparsedff.errors import ConfigError
from sparsedff.studio.app import Studio
from sparsedff.studio.source import Source, open_run
from tests.support.paths import REPOSITORY


@pytest.fixture(scope="module")
def source(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Source:
    opened = open_run(small_run)
    poses = tmp_path_factory.mktemp("poses")
    return replace(opened, config=replace(opened.config, pose_paths=(str(poses),)))


@pytest.fixture(scope="module")
def studio(source: Source) -> Iterator[Studio]:
    studio = Studio(source, port=8351)
    yield studio
    studio.stop()


def test_the_page_is_served_here_and_its_document_names_no_other_host(studio: Studio) -> None:
    with urllib.request.urlopen(studio.address) as answer:
        text = answer.read().decode()
    assert "<script" in text and 'src="http' not in text and 'href="http' not in text
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)} - {"127.0.0.1", "::1"}
    for other in addresses:
        with pytest.raises(OSError), socket.create_connection((other, studio.server.get_port()), timeout=2):
            pass


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_the_page_has_our_title(studio: Studio, encoding: str) -> None:
    request = urllib.request.Request(studio.address, headers={"Accept-Encoding": encoding})
    with urllib.request.urlopen(request) as answer:
        body = answer.read()
        assert answer.headers["Content-Encoding"] == encoding and int(answer.headers["Content-Length"]) == len(body)
    page = gzip.decompress(body) if encoding == "gzip" else body
    assert b"<title>SparseDFF studio</title>" in page and b"<title>Viser" not in page


def test_a_saved_pose_can_be_transferred_and_transferred_again(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Save, Transfer, Transfer: the file that the page itself wrote is no obstacle; one of somebody else's is."""
    begun: list[object] = []
    monkeypatch.setattr(studio.transfer.job, "start", begun.append)
    studio.author.name.value = "again"
    assert studio.author.save() is not None
    for count in (1, 2):
        studio.transfer.start()
        assert len(begun) == count
    assert studio.author.save() is None, "the button itself still protects what is there"
    studio.author.name.value = "theirs"
    (Path(studio.source.config.pose_paths[-1]) / "ref_pose_theirs.npy").write_bytes(b"")
    studio.transfer.start()
    assert len(begun) == 2


def test_other_clouds_are_not_grey(studio: Studio, small_run: Path) -> None:
    """A comparison with a point of clouds that are gone gives way to colours."""
    studio.look.choose(0, 3)
    assert studio.look._mode.value == "similarity"
    studio.look.open(studio.source, studio.scene)
    assert studio.look._mode.value == "RGB"


def test_a_taken_port_gives_the_next_and_an_address_of_another_machine_is_refused(
    studio: Studio, source: Source
) -> None:
    second = Studio(source, port=studio.server.get_port())
    try:
        assert second.server.get_port() != studio.server.get_port()
    finally:
        second.stop()
    for host in ("192.0.2.1", "no.such.host.invalid"):
        with pytest.raises(ConfigError, match=f"--host: cannot listen on {re.escape(host)}"):
            Studio(source, host=host, port=8361)
    for port in (0, 70000):
        with pytest.raises(ConfigError, match=f"--port: {port} is no port"):
            Studio(source, port=port)


def test_the_page_cannot_be_handed_to_a_server_elsewhere(studio: Studio) -> None:
    assert studio.server.request_share_url() is None


def test_a_transfers_settings_are_those_on_the_page(studio: Studio, tmp_path: Path) -> None:
    panel = studio.transfer
    panel._steps.value, panel._seed.value = 20, 7
    config = panel.settings(tmp_path / "ref_pose_x.npy")
    assert config.alignment.opt_iterations == 20 and config.seed == 7
    assert config.hand_ref_pose_name == str(tmp_path / "ref_pose_x.npy") and config.hand_ref_pose_convention == "mjcf"
    assert config.data1 == studio.source.config.data1 and config.alignment.drop_at == (3,)


def test_a_transfer_that_cannot_begin_says_why(studio: Studio) -> None:
    studio.author.name.value = "../elsewhere"
    studio.transfer.start()
    assert "Not begun" in studio.transfer._text.content and "letters, digits" in studio.author._saved.content
    studio.author.name.value = "no_capture"
    studio.transfer._test.value = "no_such_capture"
    studio.transfer.start()
    studio.transfer.job.join(60)
    assert "no_such_capture" in studio.transfer._text.content and "Failed" in studio.transfer._text.content
    studio.author.name.value, studio.transfer._test.value = "no_test_capture", "  "
    studio.transfer.start()
    assert "Not begun" in studio.transfer._text.content and "test capture" in studio.transfer._text.content
    studio.transfer._test.value = str(studio.source.config.data2)


def test_playing_to_any_frame_poses_the_hand_there(studio: Studio) -> None:
    for frame in (0, 2, 10**6):
        studio.play.show(frame)
        shown = studio.play._playback.frame(int(studio.play._slider.value)).best
        np.testing.assert_allclose(studio.play._frame_node.position, shown.translation, atol=1e-6)


def test_the_command_ends_in_one_line_where_there_is_nothing_to_open() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sparsedff.cli", "studio", "nothing_of_this_name"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
    )
    # On a fresh clone the sample is made first, with a bar.
    *_, last = done.stderr.replace("\r", "\n").splitlines()
    assert done.returncode == 2 and last.startswith("error: ") and "Traceback" not in done.stderr

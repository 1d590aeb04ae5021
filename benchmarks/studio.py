"""How fast the studio answers, at the size of a run.

    python -m benchmarks.studio [RUN] [--moves 200]

Handler: the work for one move by itself. Socket: from a joint's move sent, as a page sends it, to the new readouts
received. Page: from a key pressed on a slider to the new readouts on the page, in a Chromium that draws without a
graphics card and takes all cores for that; left out where playwright or Chromium are missing.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from types import SimpleNamespace

import msgspec
import numpy as np
import zstandard
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from sparsedff.config.config import Config
from sparsedff.studio.app import Studio
from sparsedff.studio.source import open_source
from sparsedff.visualize.chromium import open_chromium, what_is_missing

# Resolves when the text of the readouts' table has changed after a key, with the milliseconds in between.
_WATCH = """() => new Promise(done => {
    const text = () => document.querySelector('table').innerText, before = text();
    let begin = 0;
    addEventListener('keydown', () => { begin = performance.now(); }, {once: true, capture: true});
    const observer = new MutationObserver(() => {
        if (begin && text() != before) { observer.disconnect(); done(performance.now() - begin); }
    });
    observer.observe(document.body, {subtree: true, childList: true, characterData: true});
})"""


_CAMERA = {
    "wxyz": (1.0, 0.0, 0.0, 0.0),
    "position": (0.0, -1.0, 1.0),
    "fov": 0.6,
    "near": 0.01,
    "far": 100.0,
    "image_height": 800,
    "image_width": 1280,
    "look_at": (0.0, 0.0, 0.0),
    "up_direction": (0.0, 0.0, 1.0),
}


def times(work: Callable[[int], object], count: int) -> np.ndarray:
    """Milliseconds (count,) of each call."""
    taken = []
    for index in range(count):
        begin = time.perf_counter()
        work(index)
        taken.append(1000 * (time.perf_counter() - begin))
    return np.array(taken)


def row(name: str, taken: np.ndarray) -> str:
    return f"{name:<44}{np.median(taken):8.1f}{np.quantile(taken, 0.95):8.1f}{taken.max():8.1f}"


def in_handlers(studio: Studio, moves: int) -> list[str]:
    """Rows of what handlers take."""
    author, frames = studio.author, studio.play

    def slide(index: int) -> None:
        event = SimpleNamespace(client_id=0, target=SimpleNamespace(value=float(20 + index % 40)))
        author._slid(event, "FFJ2")

    points = len(studio.source.clouds[0])
    rows = [row("handler: a joint's slider moves", times(slide, moves))]
    rows.append(row("handler: a point is picked", times(lambda i: studio.look.choose(0, 37 * i % points), 30)))
    last = int(frames._slider.max)
    rows.append(row("handler: a frame of the playback", times(lambda i: frames.show(7 * i % last), 30)))
    return rows


def through_the_socket(studio: Studio, moves: int) -> list[str]:
    """A row of what a page waits for, without what it takes to draw."""
    slider, readouts = studio.author._sliders["FFJ2"]._impl.uuid, studio.author._readouts._impl.uuid.encode()
    unpack = zstandard.ZstdDecompressor().decompress
    address = studio.address.replace("http", "ws")
    protocol = Subprotocol(f"viser-v{version('viser')}")
    with connect(address, subprotocols=[protocol], max_size=None, compression=None) as socket:
        taken = []
        # The server listens to a page once it knows its camera.
        socket.send(msgspec.msgpack.encode({"type": "ViewerCameraMessage", **_CAMERA}))
        with suppress(TimeoutError):  # all that a page is sent when it opens
            while True:
                socket.recv(timeout=1)
        for index in range(moves):
            move = {"type": "GuiUpdateMessage", "uuid": slider, "updates": {"value": float(20 + index % 40)}}
            begin = time.perf_counter()
            socket.send(msgspec.msgpack.encode(move))
            while True:
                packet = socket.recv(timeout=10)
                assert isinstance(packet, bytes)
                if readouts in unpack(packet[16 : 16 + int.from_bytes(packet[8:16], "little")]):
                    break
            taken.append(1000 * (time.perf_counter() - begin))
            time.sleep(0.02)
        return [row("socket: a joint's slider moves, to readouts", np.array(taken))]


def on_the_page(studio: Studio, moves: int) -> list[str]:
    """A row of what the way through the browser takes."""
    with open_chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(studio.address)
        page.get_by_text("SparseDFF studio").wait_for(timeout=60_000)
        page.get_by_role("tab", name="Author").click()
        page.wait_for_timeout(3000)
        taken = []
        for index in range(moves):
            page.get_by_role("slider").nth(1).focus()
            page.evaluate(f"() => {{ window.waited = ({_WATCH})(); }}")
            page.keyboard.press("ArrowRight" if index % 20 < 10 else "ArrowLeft")
            taken.append(page.evaluate("() => window.waited"))
            page.wait_for_timeout(250)  # the page passes on at most so many moves a second
        return [row("page: key on a slider to new readouts", np.array(taken))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="?", help="folder of a run (default: the newest)")
    parser.add_argument("--moves", type=int, default=200)
    options = parser.parse_args()
    studio = Studio(open_source(options.run, Config()), port=8400)
    clouds = " and ".join(str(len(cloud)) for cloud in studio.source.clouds)
    print(f"clouds of {clouds} points{'':<14}median     95 %   worst  [ms]", flush=True)
    for line in in_handlers(studio, options.moves):
        print(line, flush=True)
    for line in through_the_socket(studio, options.moves):
        print(line, flush=True)
    missing = what_is_missing()
    for line in [f"page: left out, {missing}"] if missing else on_the_page(studio, min(40, options.moves)):
        print(line, flush=True)
    studio.stop()


if __name__ == "__main__":
    main()

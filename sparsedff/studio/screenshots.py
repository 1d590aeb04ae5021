"""Pictures of the studio and of each plot for the documentation: `python -m sparsedff.studio.screenshots [--run RUN]`.

The command needs Chromium and playwright (`pip install 'sparsedff[browser]'`), and no graphics card.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from sparsedff.common.atomic import write_file
from sparsedff.common.console import print_lines
from sparsedff.config.config import Config
from sparsedff.errors import StudioError
from sparsedff.runs.read import load_run
from sparsedff.studio.app import Studio
from sparsedff.studio.source import open_source
from sparsedff.visualize.chromium import open_chromium
from sparsedff.visualize.pictures.registry import PICTURES
from sparsedff.visualize.pictures.run_picture import PictureOptions
from sparsedff.visualize.similarity import find_similarity

MOST_BYTES = 150_000
_SIZE = {"width": 1280, "height": 760}
_SETTLE_MS = 4000  # a frame without a graphics card takes a while
_POINT = 496


def take(run: str | None, folder: Path) -> list[Path]:
    """Make all pictures of a run, the newest if none is named, and return their paths.

    Raises:
        MissingPackageError: there is no Chromium or no playwright.
        StudioError: there is no run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source = open_source(run, Config())
    if source.run is None:
        raise StudioError("screenshots need a run; make one with `python scripts/unified_optimize.py`")
    written = _plots(source.run.folder, folder)
    with tempfile.TemporaryDirectory() as scratch, open_chromium() as browser:
        settings = replace(source.config, pose_paths=(scratch,), output_path=scratch)
        studio = Studio(replace(source, config=settings), port=8500)
        try:
            page = browser.new_page(viewport=_SIZE)
            page.goto(studio.address)
            page.get_by_text("SparseDFF studio").wait_for(timeout=60_000)
            page.wait_for_timeout(_SETTLE_MS)
            page.get_by_role("alert").get_by_role("button").click()  # that there is no graphics card
            written += _tabs(studio, page, folder)
        finally:
            studio.stop()
    return written


def _plots(run: Path, folder: Path) -> list[Path]:
    """The three pictures of vis_features.py, small."""
    with tempfile.TemporaryDirectory() as scratch:
        saved, plain = load_run(run), PictureOptions(find_similarity("l2"))
        wanted = {
            "vis_volume": ("3Dsim_volume", plain),
            "vis_result": ("result_vis", replace(plain, with_hand=True, pca=True)),
            "vis_similarity": ("3D_similarity", replace(plain, point=min(_POINT, len(saved.clouds[0]) - 1))),
        }
        written = []
        for name, (mode, options) in wanted.items():
            files = PICTURES.load(mode)(saved, options, Path(scratch))
            image = next(path for path in files if path.suffix == ".png")
            written.append(_save(Image.open(image), folder / f"{name}.jpg", 1100))
        return written


def _tabs(studio: Studio, page: Any, folder: Path) -> list[Path]:
    """Each tab in use."""
    written = []

    def shoot(name: str) -> None:
        page.wait_for_timeout(_SETTLE_MS)
        picture = Image.open(io.BytesIO(page.screenshot(timeout=120_000)))
        written.append(_save(picture, folder / f"studio_{name}.jpg", _SIZE["width"]))

    studio.show_hands(False)
    eye = studio.server.initial_camera.position
    studio.look.choose(
        0, int(np.linalg.norm(studio.source.clouds[0].points - eye, axis=1).argmin())
    )  # one that is seen
    shoot("look")
    studio.show_hands(True)
    studio.look.color("RGB")
    page.get_by_role("tab", name="Author").click()
    shoot("author")
    page.get_by_role("tab", name="Play back").click()
    studio.play.show(12)
    shoot("play_back")
    page.get_by_role("tab", name="Transfer").click()
    studio.look.color("features (PCA)")
    studio.play.show(10**6)
    studio.transfer.start()
    while studio.transfer.job.running and studio.transfer.share("optimise") < 0.4:
        page.wait_for_timeout(100)
    shoot("transfer")
    studio.transfer.job.cancel()
    studio.transfer.job.join()
    return written


def _save(picture: Image.Image, path: Path, width: int) -> Path:
    """A JPEG of at most MOST_BYTES, `width` wide."""
    small = picture.convert("RGB")
    small.thumbnail((width, width), Image.Resampling.LANCZOS)
    for quality in (88, 80, 70, 60, 45):
        encoded = io.BytesIO()
        small.save(encoded, "JPEG", quality=quality, optimize=True, progressive=True)
        if encoded.tell() <= MOST_BYTES:
            break
    write_file(path, encoded.getvalue())
    return path


def main() -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Make the documentation's pictures of the studio and the plots again.")
    parser.add_argument("--run", metavar="RUN", help="folder of a run (default: the newest)")
    parser.add_argument("--output", type=Path, default=Path("docs"), metavar="DIR", help="default: %(default)s")
    options = parser.parse_args()
    return print_lines(_take_and_tell(options))


def _take_and_tell(options: argparse.Namespace) -> Iterator[str]:
    for path in take(options.run, options.output):
        yield f"written: {path} ({path.stat().st_size // 1000} kB)"


if __name__ == "__main__":
    sys.exit(main())

"""Seconds and peak memory of the full-size foundation models on the packaged sample: `python -m benchmarks.foundation`.

The weights are random, in the official layout: time and memory do not depend on their values.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import torch

from sparsedff.capture.files.capture_folder import load_capture
from sparsedff.config.config import Config, load_config
from sparsedff.distill.distil import object_view, segment_views
from sparsedff.distill.weights.files import DINOV2_FILES, SAM_FILES
from sparsedff.prepare.distiller import make_distiller
from sparsedff.synthetic.sample import ensure_sample
from tests.support import plain_sam, plain_vit

SAMPLE = Path("data/sample")
MODELS = ("dinov2_vitb14", "sam vit_h")


def make_weights(model: str, folder: Path) -> None:
    """Write random weights under the official file's name, if they are not there."""
    if model.startswith("dinov2"):
        file, layout = DINOV2_FILES[model].file, plain_vit.layout(768, 12, grid=37)
    else:
        file, layout = SAM_FILES["vit_h"].file, plain_sam.layout(plain_sam.Sizes(1280, 16, 32, (7, 15, 23, 31)))
    if not (folder / file).exists():
        folder.mkdir(parents=True, exist_ok=True)
        draws = {name: torch.randn(shape) * spread + mean for name, (shape, spread, mean) in layout.items()}
        torch.save(draws, folder / file)


def measure(model: str, folder: Path, precision: str) -> str:
    """One row of the table: first pass with loading, second pass without, peak memory of the process."""
    masks = "sam" if model.startswith("sam") else "physics"
    backbone = "handcrafted" if masks == "sam" else model
    overrides = [f"features.weights_path={folder}", f"img_preprocess=[{masks},{masks}]", f"backbone={backbone}"]
    config: Config = load_config("configs/config.yaml", [*overrides, f"features.precision={precision}"])
    distiller = make_distiller(config)
    segmenter, workspace = distiller.segmenters[0], config.distil.workspace
    capture = load_capture(SAMPLE / "monkey_original", Path(config.extrinsics_path))
    if masks == "physics":
        segmented = segment_views(capture, segmenter, workspace)
        views = [object_view(one.view, one.mask, config.distil.scale) for one in segmented]
    seconds, busy = [], []
    for _ in range(2):
        begin, begin_busy = time.perf_counter(), time.process_time()
        if masks == "physics":
            shapes = {tuple(m.shape) for m in distiller.backbone.extract(views)}
        else:
            shapes = {(int(segmenter.mask(view, workspace).sum()),) for view in capture.views}
        seconds.append(time.perf_counter() - begin)
        busy.append(time.process_time() - begin_busy)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    times = f"{seconds[0]:.1f} ({busy[0]:.1f}) | {seconds[1]:.1f} ({busy[1]:.1f})"
    return f"| {model} | {precision} | {torch.get_num_threads()} | {times} | {peak:.1f} | {sorted(shapes)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=Path("/tmp/sparsedff-random-weights"))
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--model", choices=MODELS, help="measure this one in this process; its weights must be there")
    options = parser.parse_args()
    # The files have another size than the official ones by a few bytes of names: the check is not what is measured.
    for table in (DINOV2_FILES, SAM_FILES):
        for name, official in table.items():
            table[name] = type(official)(official.file, official.url)
    ensure_sample(SAMPLE)
    if options.model:
        torch.set_num_threads(len(os.sched_getaffinity(0)))
        print(measure(options.model, options.weights, options.precision))
        return
    print(
        "| model | precision | threads | four views, with loading [s] (CPU) | again [s] (CPU) | peak [GiB] | maps |",
        flush=True,
    )
    for model in MODELS:  # weights in a process of their own, so that making them does not count
        code = f"from benchmarks.foundation import *; make_weights({model!r}, Path({str(options.weights)!r}))"
        subprocess.run([sys.executable, "-c", code], check=True)
        again = ["--model", model, "--weights", str(options.weights), "--precision", options.precision]
        subprocess.run([sys.executable, "-m", "benchmarks.foundation", *again], check=True)


if __name__ == "__main__":
    main()

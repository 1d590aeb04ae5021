"""Pictures of a training: the loss over its steps, and the cloud's features before and after, view by view."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from sparsedff.common.atomic import write_file
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.spread import typical_l1
from sparsedff.refine.network import Probe
from sparsedff.refine.refiner import refined_features
from sparsedff.refine.scene import TrainingScene
from sparsedff.refine.state import TrainingProgress
from sparsedff.refine.training_set import TrainingSet
from sparsedff.visualize.drawing import Drawing, Points
from sparsedff.visualize.overlay import font
from sparsedff.visualize.palette import BLUE, GREEN, INK, VERMILION, hex_code
from sparsedff.visualize.pca import pca_colors
from sparsedff.visualize.raytrace.render import BACKGROUND, render
from sparsedff.visualize.raytrace.viewpoint import frame_points

_MOST_VIEWS = 6  # columns of a picture
_ELEVATION = 0.45  # of the eye over each view [rad]


def draw_loss(path: Path, title: str, progress: TrainingProgress, training_set: TrainingSet) -> None:
    """Write a PNG with the loss of every step and its running mean above, and the held-out measures below.

    Raises:
        OSError: the folder cannot be written to.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 6), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True)
    steps, losses = np.arange(1, len(progress.losses) + 1), np.array(progress.losses)
    width = max(1, len(losses) // 40)
    top.plot(steps, losses, color=hex_code(BLUE), alpha=0.3, linewidth=0.8, label="each step")
    if len(losses) > 2 * width:
        mean = np.convolve(losses, np.full(width, 1 / width), mode="valid")
        top.plot(steps[width - 1 :], mean, color=hex_code(BLUE), linewidth=1.8, label=f"mean of {width} steps")
    if losses.min() > 0 and losses.max() > 10 * losses.min():
        top.set_yscale("log")
    top.set_ylabel("loss")
    top.set_title(title)
    at, hits, ratios = np.array(progress.looks).T
    before = training_set.consistency(None, "validation")
    for values, start, color, name in (
        (100 * hits, 100 * before.hits, hex_code(VERMILION), "nearest feature in another view on the same spot [%]"),
        (100 * ratios, 100 * before.ratio, hex_code(GREEN), "feature distance of true over random pairs [%]"),
    ):
        bottom.plot(at, values, color=color, marker="o", markersize=3, label=name)
        bottom.axhline(start, color=color, linestyle=":", linewidth=1)
    bottom.axvline(progress.best_step, color="#555555", linewidth=1, label=f"network kept: step {progress.best_step}")
    bottom.plot([], [], color="#555555", linestyle=":", label="features as they entered")
    bottom.set_ylim(0, 100)
    bottom.set_ylabel("held-out regions (validation)")
    bottom.set_xlabel("step")
    for axes in (top, bottom):
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=8, loc="best")
    encoded = io.BytesIO()
    figure.savefig(encoded, format="png", dpi=130)
    write_file(path, encoded.getvalue())


def draw_views(path: Path, scene: TrainingScene, probe: Probe, width: int = 1600) -> None:
    """Write a PNG with each view's points from its own side, coloured by features, before (above) and after (below).

    The colours are three principal components fitted on both rows together, each row centred and brought to one scale
    first. Two views agree on a spot that has the same colour in both.

    Raises:
        MissingPackageError: embreex is not installed.
        OSError: the folder cannot be written to.
    """
    cloud = scene.cloud
    rows = pca_colors([_comparable(cloud.features), _comparable(refined_features(probe, cloud))])
    views = np.unique(cloud.view_index)[:_MOST_VIEWS]
    unit, gap = width / 1600, round(14 * width / 1600)
    margin, head = round(52 * unit), round(96 * unit)
    side = (width - margin - gap * (len(views) + 1)) // len(views)
    sheet = Image.new("RGB", (width, head + 2 * (side + gap)), tuple(round(255 * c) for c in BACKGROUND))
    pen = ImageDraw.Draw(sheet)
    title = f"{scene.name}: features of each view as colours (principal components of both rows)"
    pen.text((margin + gap, 0.3 * head), title, fill=INK, font=font(round(26 * unit)), anchor="lm")
    for column, view in enumerate(views):
        left = margin + gap + column * (side + gap)
        place = (left + side // 2, round(0.78 * head))
        pen.text(place, f"view {view}", fill=INK, font=font(round(24 * unit)), anchor="mm")
        for row, colors in enumerate(rows):
            image = Image.fromarray(_panel(cloud, cloud.view_index == view, colors, side))
            sheet.paste(image, (left, head + row * (side + gap)))
    for row, name in enumerate(("before", "after")):
        label = Image.new("RGB", (side, margin), sheet.getpixel((0, 0)))
        ImageDraw.Draw(label).text((side // 2, margin // 2), name, fill=INK, font=font(round(26 * unit)), anchor="mm")
        sheet.paste(label.rotate(90, expand=True), (gap // 2, head + row * (side + gap)))
    encoded = io.BytesIO()
    sheet.save(encoded, format="PNG", compress_level=4)
    write_file(path, encoded.getvalue())


def _panel(cloud: FeatureCloud, mine: NDArray[np.bool_], colors: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The points of one view, seen from the side that the view shows; every panel has the whole object's scale."""
    away = cloud.points[mine].mean(axis=0) - cloud.points.mean(axis=0)
    viewpoint = frame_points(cloud.points, float(np.arctan2(away[1], away[0])), _ELEVATION, (side, side), margin=0.1)
    return render(Drawing((Points(cloud.points[mine], colors[mine]),), table=False), viewpoint)


def _comparable(features: NDArray[np.floating]) -> NDArray[np.floating]:
    """Features centred and brought to one scale: networks shift and stretch them, which does not affect a transfer."""
    return (features - features.mean(axis=0)) / (typical_l1(features) or 1.0)

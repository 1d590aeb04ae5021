"""The check of one capture: measure, judge, draw."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.model import Capture, View
from sparsedff.common.progress import bar, working
from sparsedff.config.config import Config
from sparsedff.distill.segmentation.choose import choose_segmenter
from sparsedff.distill.undistort import undistort
from sparsedff.errors import DistillError
from sparsedff.prepare.device import choose_device
from sparsedff.prepare.inputs import open_capture
from sparsedff.prepare.threads import threads_for_models, torch_threads
from sparsedff.prepare.writable import check_writable
from sparsedff.quality.measure import ViewFacts, pair_facts, view_facts
from sparsedff.quality.moved import FULL, register_views
from sparsedff.quality.object_views import object_agreement
from sparsedff.quality.page import write_report
from sparsedff.quality.verdict import Agreement, Verdict, facts_lines, judge
from sparsedff.visualize.page import write_page
from sparsedff.visualize.pictures.capture import draw_views, fused_drawing
from sparsedff.visualize.sheet import draw_sheet

_POINTS = 60_000  # in a picture, of all cameras together
_WIDTH_PX = 1400


@dataclass(frozen=True, eq=False)
class Assessed:
    """What is found in a capture's undistorted views.

    Attributes:
        masks: (H, W) of the object, by serial.
        facts: of each view.
        agreement: between the views.
        verdict: what to think of it.
    """

    masks: dict[str, NDArray[np.bool_]]
    facts: list[ViewFacts]
    agreement: Agreement
    verdict: Verdict


def assess(views: Sequence[View], config: Config) -> Assessed:
    """Measure and judge undistorted views.

    Args:
        views: of one capture.
        config: workspace, segmentation (of data2), limits.
    """
    settings = config.distil
    workspace, gate_m = settings.workspace, config.check.gate_m
    segmenter, why = choose_segmenter(settings.img_preprocess[1], settings, choose_device(config.device))
    masks: dict[str, NDArray[np.bool_]] = {}
    facts: list[ViewFacts] = []
    with bar(len(views), "check", "view") as shown, torch_threads(threads_for_models(config.threads)):
        for view in views:
            try:
                masks[view.serial] = segmenter.mask(view, workspace)
            except DistillError as error:
                why = str(error)
            mask = masks.get(view.serial)
            facts.append(view_facts(view, workspace, int(mask.sum()) if mask is not None else None))
            shown.update()
    no_object = None
    if not any(mask.any() for mask in masks.values()):
        no_object = f"no object was found in any view ({why}): put one there, or mend workspace.x, y, z"
    shown_by = [masks.get(view.serial, np.zeros(view.depth_m.shape, dtype=bool)) for view in views]
    with working("compare"):
        agreement = Agreement(
            pair_facts(views, workspace, gate_m),
            pair_facts(views, workspace, gate_m, [~mask for mask in shown_by]),
            pair_facts(views, workspace, gate_m, shown_by),
            register_views(views, workspace, FULL),
            object_agreement(views, shown_by),
        )
    return Assessed(masks, facts, agreement, judge(facts, agreement, no_object, config.check))


def check(name: str, config: Config, folder: Path | None = None) -> tuple[Verdict, list[str], Path]:
    """Look at a capture.

    Args:
        name: of the capture, or its path.
        config: workspace, segmentation (of data2), limits.
        folder: gets check.html, views.png, cloud.png, cameras.png and cloud.html; None = visualize/check-NAME.

    Returns:
        what to think of it, the facts in lines, and the page.

    Raises:
        CaptureError, CalibrationError: it cannot be read at all.
    """
    capture = open_capture(name, config)
    what = "visualize_path" if folder is None else "--output"
    folder = folder or Path(config.visualize_path) / f"check-{os.path.basename(capture.name)}"
    check_writable(folder, what)
    ideal = replace(capture, views=tuple(undistort(view) for view in capture.views))
    found = assess(ideal.views, config)
    folder.mkdir(parents=True, exist_ok=True)
    with working("pictures"):
        _draw(ideal, found.masks, config, folder)
        page = write_report(capture, found.facts, found.agreement, found.verdict, folder)
    return found.verdict, facts_lines(found.facts, found.agreement), page


def _draw(capture: Capture, masks: dict[str, NDArray[np.bool_]], config: Config, folder: Path) -> None:
    workspace = config.distil.workspace
    box = (workspace.x, workspace.y, workspace.z)
    draw_views(capture, folder / "views.png", masks)
    scene, cameras = (fused_drawing(capture, box, by_camera, _POINTS) for by_camera in (False, True))
    draw_sheet([scene], folder / "cloud.png", "what the cameras see together", _WIDTH_PX)
    names = "each camera in a colour of its own; where skins of two colours lie apart, the views disagree"
    draw_sheet([cameras], folder / "cameras.png", names, _WIDTH_PX)
    write_page([scene, cameras], folder / "cloud.html")

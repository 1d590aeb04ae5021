"""The page of a check: one file that needs no network, with facts first and pictures below."""

from __future__ import annotations

import base64
import html
import math
from pathlib import Path

from sparsedff.capture.model import Capture
from sparsedff.common.atomic import write_file
from sparsedff.quality.measure import PairFacts, ViewFacts
from sparsedff.quality.moved import Moved
from sparsedff.quality.verdict import Agreement, Verdict
from sparsedff.visualize.palette import VIEW_RGB

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;color:#2d3036;max-width:1100px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin-bottom:.2rem} h2{font-size:1.1rem;margin-top:2rem}
.usable{color:#00724f}.doubtful{color:#9a6500}.unusable{color:#b3261e}
table{border-collapse:collapse}td,th{padding:.25rem .8rem;text-align:right;border-bottom:1px solid #e2e2de}
td:first-child,th:first-child{text-align:left} img{width:100%;margin-top:.5rem} code{font-size:.95em}
"""
_PICTURES = {
    "views.png": "Colour with the object found outlined, and depth",
    "cloud.png": "All views together",
    "cameras.png": "All views, coloured by camera",
}


def write_report(
    capture: Capture, views: list[ViewFacts], agreement: Agreement, verdict: Verdict, folder: Path
) -> Path:
    """Write check.html into a folder that holds the pictures; returns its path.

    Raises:
        OSError: a picture is missing or the folder cannot be written to.
    """
    name = html.escape(capture.name)
    apart = "unknown" if math.isnan(verdict.disagreement_m) else f"{1000 * verdict.disagreement_m:.1f} mm"
    body = [
        f'<h1>{name}: <span class="{verdict.word}">{verdict.word}</span></h1>',
        f"<p>{len(views)} views; between overlapping views the median distance is <b>{apart}</b>. "
        f"<code>{html.escape(str(capture.path))}</code></p>",
    ]
    if verdict.reasons:
        body.append("<ul>" + "".join(f"<li>{html.escape(reason)}</li>" for reason in verdict.reasons) + "</ul>")
    body.append("<h2>Views</h2>" + _table(_VIEW_HEAD, [_view_row(view, i) for i, view in enumerate(views)]))
    if agreement.pairs:
        body.append("<h2>How far each camera is off, by registration with the others</h2>")
        body.append(_table(_MOVED_HEAD, [_moved_row(camera) for camera in agreement.registration.cameras]))
    for pairs, what in ((agreement.on_object, "the object"), (agreement.on_table, "the table")):
        if pairs:
            body.append(f"<h2>Distance between views on {what} [mm] (share of the row's points in the column's sight)")
            body.append("</h2>" + _table(["", *(html.escape(view.serial) for view in views)], _pair_rows(views, pairs)))
    for file, title in _PICTURES.items():
        data = base64.b64encode((folder / file).read_bytes()).decode()
        body.append(f'<h2>{title}</h2><img alt="{title}" src="data:image/png;base64,{data}">')
    body.append('<p><a href="cloud.html">Turn the cloud</a></p>')
    head = f"<meta charset='utf-8'><title>check: {name}</title><style>{_STYLE}</style>"
    write_file(folder / "check.html", f"<!doctype html><html><head>{head}</head><body>{''.join(body)}</body></html>")
    return folder / "check.html"


_MOVED_HEAD = ["camera", "its points [mm]", "itself [mm]", "turned [degrees]"]
_VIEW_HEAD = ["camera", "image [px]", "depth [%]", "in workspace [%]", "object [px]", "stands at x, y, z [m]"]


def _view_row(view: ViewFacts, index: int) -> list[str]:
    red, green, blue = VIEW_RGB[index % len(VIEW_RGB)]  # as in cameras.png
    return [
        f'<span style="color:rgb({red},{green},{blue})">&#9632;</span> {html.escape(view.serial)}',
        f"{view.image_size[0]} x {view.image_size[1]}",
        f"{100 * view.valid:.0f}",
        f"{100 * view.in_workspace:.0f}",
        "not looked for" if view.object_pixels is None else str(view.object_pixels),
        ", ".join(f"{value:.2f}" for value in view.eye_m),
    ]


def _moved_row(camera: Moved) -> list[str]:
    if math.isnan(camera.points_m):
        return [html.escape(camera.serial), "unknown", "", ""]
    figures = (1000 * camera.points_m, 1000 * camera.shift_m, math.degrees(camera.turn_rad))
    return [html.escape(camera.serial), *(f"{figure:.1f}" for figure in figures)]


def _pair_rows(views: list[ViewFacts], pairs: list[PairFacts]) -> list[list[str]]:
    by_names = {(pair.first, pair.second): pair for pair in pairs}
    rows = []
    for one in views:
        cells = [html.escape(one.serial)]
        for other in views:
            pair = by_names.get((one.serial, other.serial))
            known = pair is not None and not math.isnan(pair.disagreement_m)
            cells.append(f"{1000 * pair.disagreement_m:.1f} ({100 * pair.overlap:.0f} %)" if pair and known else "")
        rows.append(cells)
    return rows


def _table(head: list[str], rows: list[list[str]]) -> str:
    top = "".join(f"<th>{cell}</th>" for cell in head)
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{lines}</table>"

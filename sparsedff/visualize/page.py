"""The result of a transfer as one interactive page: a single HTML file that needs no network."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparsedff.common.atomic import write_file
from sparsedff.visualize.color_scale import ColorScale
from sparsedff.visualize.drawing import Drawing, Item, Mesh, Path3D, Points
from sparsedff.visualize.palette import INK, css
from sparsedff.visualize.raytrace.table import GRID_M
from sparsedff.visualize.views import hand_turn

Float = NDArray[np.floating]

_MOST_POINTS = 20_000  # per cloud; more make turning slow
_MARGIN_M = 0.05  # between the items and its box
_EYE_DISTANCE = 1.9  # in units of the mean side of the box


def write_page(drawings: Sequence[Drawing], path: Path | str, azimuth: float = -0.8) -> None:
    """Write drawings side by side as a self-contained HTML page with orbit, zoom, legend and equal axes in metres.

    Args:
        drawings: one or more, from left to right; titles head them.
        path: where to write; appears whole or not at all, and replaces what was there.
        azimuth: of the eye in the first drawing [rad]; further ones are seen from the same side of the hand.

    Raises:
        OSError: the folder cannot be written to.
    """
    from plotly import graph_objects as go  # a second to import, and only needed here
    from plotly.subplots import make_subplots

    count = len(drawings)
    titles = [s.title for s in drawings]
    figure = make_subplots(
        1, count, specs=[[{"type": "scene"}] * count], subplot_titles=titles, horizontal_spacing=0.01
    )
    named: set[str] = set()
    scaled: dict[ColorScale, None] = {}
    for column, drawing in enumerate(drawings, start=1):
        for item in drawing.items:
            # An entry of the legend switches its namesakes in all drawings.
            figure.add_trace(_trace(item, go, first=item.name not in named), row=1, col=column)
            named.add(item.name)
            if isinstance(item, Points) and item.scale:
                scaled[item.scale] = None
    centers, sides = _boxes(drawings)
    turns = [0.0, *(hand_turn(drawings[0], drawing) for drawing in drawings[1:])]
    for column, (center, turn) in enumerate(zip(centers, turns, strict=True), start=1):
        figure.update_scenes(_frame(center, sides, azimuth + turn), row=1, col=column)
        if drawings[column - 1].table:
            figure.add_trace(_grid(center, sides, go), row=1, col=column)
    for number, scale in enumerate(scaled):
        figure.add_trace(_color_bar(scale, go, number))
    figure.update_layout(
        margin={"l": 0, "r": 0, "t": 50, "b": 30},
        paper_bgcolor="white",
        plot_bgcolor="white",
        xaxis={"visible": False},
        yaxis={"visible": False},
        font={"color": css(INK)},
        legend={"orientation": "h", "x": 0.5, "xanchor": "center", "y": 0.0, "itemsizing": "constant"},
    )
    html = figure.to_html(
        include_plotlyjs=True, full_html=True, default_height="100vh", config={"displaylogo": False, "responsive": True}
    )
    write_file(
        Path(path),
        html.replace("<head>", "<head><title>SparseDFF</title><style>body{margin:0;overflow:hidden}</style>", 1),
    )


def open_page(path: Path | str) -> bool:
    """Show a page in the browser, or print where it lies if there is none to show it in.

    Returns:
        whether a browser took it.
    """
    address = Path(path).resolve().as_uri()
    # Without a display webbrowser would start a text browser, if there is one, and take over the terminal.
    screen = sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if screen and webbrowser.open(address):
        return True
    print(f"no browser here; the interactive page is {address}")
    return False


def _trace(item: Item, go, first: bool):  # type: ignore[no-untyped-def]  # plotly publishes no types
    """One item as a plotly trace; `first` of its name has the entry in the legend."""
    shared = {"name": item.name, "legendgroup": item.name, "showlegend": first, "hoverinfo": "x+y+z+name"}
    if isinstance(item, Mesh):
        x, y, z = _coordinates(item.vertices)
        i, j, k = item.faces.T.astype(np.int32)
        light = {"ambient": 0.68, "diffuse": 0.5, "specular": 0.15, "roughness": 0.6, "fresnel": 0.1}
        colors = {"vertexcolor": _css(item.colors), "color": _css(np.median(item.colors, axis=0)[None])[0]}
        return go.Mesh3d(x=x, y=y, z=z, i=i, j=j, k=k, lighting=light, opacity=item.opacity, **colors, **shared)
    if isinstance(item, Path3D):
        x, y, z = _coordinates(item.positions)
        style = {"line": {"color": _css(np.array([item.color]))[0], "width": 5}, "marker": {"size": 3}}
        return go.Scatter3d(x=x, y=y, z=z, mode="lines+markers", **style, **shared)
    kept = slice(None, None, max(1, -(-len(item.positions) // _MOST_POINTS)))
    x, y, z = _coordinates(item.positions[kept])
    size = 2.2 if len(x) > 10_000 else 3.2 if len(x) > 2_000 else 4
    # The index under the mouse is what --ref_idx takes.
    shared["hovertemplate"] = "%{text}<br>x %{x:.3f} m, y %{y:.3f} m, z %{z:.3f} m<extra>%{fullData.name}</extra>"
    index = np.arange(len(item.positions))[kept]
    labels = [f"point {i}" for i in index]
    if item.values is not None and item.scale is not None:
        labels = [f"point {i}: {v:.4g} {item.scale.unit}" for i, v in zip(index, item.values[kept], strict=True)]
    marker = {"size": size, "color": _css(item.colors[kept])}
    return go.Scatter3d(x=x, y=y, z=z, mode="markers", marker=marker, text=labels, **shared)


def _color_bar(scale: ColorScale, go, number: int):  # type: ignore[no-untyped-def]  # plotly publishes no types
    """An empty trace that carries the bar of a scale; the second and further ones stand left of the first."""
    steps = [[i / 15, _css(scale.stops[[i * 17]])[0]] for i in range(16)]
    bar = {"title": {"text": scale.title, "side": "right"}, "len": 0.7, "thickness": 16, "x": 1.0 - 0.1 * number}
    marker = {"color": [scale.low], "cmin": scale.low, "cmax": scale.high, "colorscale": steps, "colorbar": bar}
    return go.Scatter(x=[None], y=[None], mode="markers", marker=marker, showlegend=False, hoverinfo="skip")


def _boxes(drawings: Sequence[Drawing]) -> tuple[list[Float], Float]:
    """Centres (3,) [m] of the boxes that show each drawing, and the sides (3,) [m] that all of them share.

    The same sides mean the same scale. Paths may leave the box, and so may one point of a cloud in five hundred: strays
    would shrink everything else.
    """
    bounds = []
    for drawing in drawings:
        solids: list[Float] = [item.vertices for item in drawing.items if isinstance(item, Mesh)]
        clouds = [item.positions for item in drawing.items if isinstance(item, Points) and len(item.positions)]
        solids += [np.quantile(positions, (0.002, 0.998), axis=0) for positions in clouds]
        extent = np.concatenate(solids or [np.zeros((1, 3))])
        bounds.append(np.stack([extent.min(axis=0) - _MARGIN_M, extent.max(axis=0) + _MARGIN_M]))
        bounds[-1][0, 2] = min(extent[:, 2].min(), -0.002)  # no margin under the table
    sides = np.max([high - low for low, high in bounds], axis=0)
    centers = [(low + high) / 2 for low, high in bounds]
    for center, (low, _) in zip(centers, bounds, strict=True):
        center[2] = low[2] + sides[2] / 2
    return centers, sides


def _frame(center: Float, sides: Float, azimuth: float) -> dict[str, Any]:
    """Axes of equal scale around a box, and an eye at an azimuth [rad], in plotly's words."""
    paper = {"backgroundcolor": "rgb(250,250,248)", "gridcolor": "rgb(225,225,222)", "showspikes": False}
    frame: dict[str, Any] = {"aspectmode": "manual"}
    frame["aspectratio"] = dict(zip("xyz", (sides / np.prod(sides) ** (1 / 3)).tolist(), strict=True))
    eye = _EYE_DISTANCE * np.array([np.cos(azimuth), np.sin(azimuth), 0.5])
    # Looking a little under the middle lifts the box, whose lower corner would else be cut off.
    low = {"x": 0, "y": 0, "z": -0.14}
    frame["camera"] = {"eye": dict(zip("xyz", eye.tolist(), strict=True)), "center": low}
    for name, middle, side in zip("xyz", center, sides, strict=True):
        frame[f"{name}axis"] = {**paper, "title": f"{name} [m]", "range": [middle - side / 2, middle + side / 2]}
    return frame


def _grid(center: Float, sides: Float, go):  # type: ignore[no-untyped-def]  # plotly publishes no types
    """The table's grid lines within a box, as one broken line."""
    low, high = (center - sides / 2)[:2], (center + sides / 2)[:2]
    columns, rows = (GRID_M * np.arange(np.ceil(low[k] / GRID_M), high[k] / GRID_M) for k in range(2))
    gap = [np.nan, np.nan]
    lines = [[[x, low[1]], [x, high[1]], gap] for x in columns] + [[[low[0], y], [high[0], y], gap] for y in rows]
    x, y = np.array(lines).reshape(-1, 2).T
    style = {"color": "rgb(190,190,186)", "width": 1.5}
    return go.Scatter3d(x=x, y=y, z=0 * x, mode="lines", line=style, showlegend=False, hoverinfo="skip")


def _coordinates(positions: NDArray[np.floating]) -> NDArray[np.float32]:
    """x, y and z (3, N) [m], single precision: half the size of the page."""
    return positions.T.astype(np.float32)


def _css(colors: NDArray) -> list[str]:
    """Colours (N, 3) as web pages write them."""
    return [css(color) for color in colors]

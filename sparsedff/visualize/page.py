"""The result of a transfer as one interactive page: a single HTML file that needs no network."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sparsedff.atomic import write_file
from sparsedff.visualize.scene import Item, Mesh, Path3D, Scene
from sparsedff.visualize.table import GRID_M

_MOST_POINTS = 20_000  # per cloud; more make turning slow
_EYE_DISTANCE = 1.5  # of plotly's camera, in units of the scene's size
_INK = "rgb(45,48,54)"


def write_page(reference: Scene, test: Scene, path: Path | str) -> None:
    """Write both scenes side by side as a self-contained HTML page with orbit, zoom, legend and equal axes in metres.

    Args:
        reference: left; its title heads it.
        test: right.
        path: where to write; appears whole or not at all, and replaces what was there.

    Raises:
        OSError: the folder cannot be written to.
    """
    from plotly import graph_objects as go  # a second to import, and only needed here
    from plotly.subplots import make_subplots

    scenes = (reference, test)
    figure = make_subplots(
        1, 2, specs=[[{"type": "scene"}] * 2], subplot_titles=[s.title for s in scenes], horizontal_spacing=0.01
    )
    named: set[str] = set()
    for column, scene in enumerate(scenes, start=1):
        for item in scene.items:
            # An entry of the legend switches its namesakes in both scenes.
            figure.add_trace(_trace(item, go, first=item.name not in named), row=1, col=column)
            named.add(item.name)
        if scene.table:
            figure.add_trace(_grid(scene, go), row=1, col=column)
    axis = {"backgroundcolor": "rgb(250,250,248)", "gridcolor": "rgb(225,225,222)", "showspikes": False}
    figure.update_scenes(
        aspectmode="data",
        camera={"eye": {"x": 0.75 * _EYE_DISTANCE, "y": -0.75 * _EYE_DISTANCE, "z": 0.5 * _EYE_DISTANCE}},
        xaxis={**axis, "title": "x [m]"},
        yaxis={**axis, "title": "y [m]"},
        zaxis={**axis, "title": "z [m]"},
    )
    figure.update_layout(
        margin={"l": 0, "r": 0, "t": 50, "b": 0},
        paper_bgcolor="white",
        font={"color": _INK},
        legend={"orientation": "h", "x": 0.5, "xanchor": "center", "y": 0.0, "itemsizing": "constant"},
    )
    html = figure.to_html(
        include_plotlyjs=True, full_html=True, default_height="100vh", config={"displaylogo": False, "responsive": True}
    )
    write_file(Path(path), html)


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
        light = {"ambient": 0.55, "diffuse": 0.6, "specular": 0.15, "roughness": 0.6, "fresnel": 0.1}
        colors = {"vertexcolor": _css(item.colors), "color": _css(np.median(item.colors, axis=0)[None])[0]}
        return go.Mesh3d(x=x, y=y, z=z, i=i, j=j, k=k, lighting=light, flatshading=False, **colors, **shared)
    if isinstance(item, Path3D):
        x, y, z = _coordinates(item.positions)
        style = {"line": {"color": _css(np.array([item.color]))[0], "width": 5}, "marker": {"size": 3}}
        return go.Scatter3d(x=x, y=y, z=z, mode="lines+markers", **style, **shared)
    kept = slice(None, None, max(1, -(-len(item.positions) // _MOST_POINTS)))
    x, y, z = _coordinates(item.positions[kept])
    size = 2.2 if len(x) > 10_000 else 3.2
    return go.Scatter3d(
        x=x, y=y, z=z, mode="markers", marker={"size": size, "color": _css(item.colors[kept])}, **shared
    )


def _grid(scene: Scene, go):  # type: ignore[no-untyped-def]  # plotly publishes no types
    """The table's grid lines around the scene, as one broken line."""
    solids = [item.vertices if isinstance(item, Mesh) else item.positions for item in scene.items]
    extent = np.concatenate([*solids, np.zeros((1, 3))])[:, :2]
    low = np.floor(extent.min(axis=0) / GRID_M - 1) * GRID_M
    high = np.ceil(extent.max(axis=0) / GRID_M + 1) * GRID_M
    gap = [np.nan, np.nan]
    lines = [[[x, low[1]], [x, high[1]], gap] for x in np.arange(low[0], high[0] + 1e-9, GRID_M)]
    lines += [[[low[0], y], [high[0], y], gap] for y in np.arange(low[1], high[1] + 1e-9, GRID_M)]
    x, y = np.array(lines).reshape(-1, 2).T
    style = {"color": "rgb(190,190,186)", "width": 1.5}
    return go.Scatter3d(x=x, y=y, z=0 * x, mode="lines", line=style, showlegend=False, hoverinfo="skip")


def _coordinates(positions: NDArray[np.floating]) -> NDArray[np.float32]:
    """x, y and z (3, N) [m], single precision: half the size of the page."""
    return positions.T.astype(np.float32)


def _css(colors: NDArray) -> list[str]:
    """Colours (N, 3) as web pages write them."""
    return [f"rgb({int(r)},{int(g)},{int(b)})" for r, g, b in colors]

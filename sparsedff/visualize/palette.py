"""The colours of pictures, pages and the studio, RGB in 0..255; colours that tell things apart are Okabe and Ito's.

Readers who cannot tell red from green can tell all eight of that palette apart; black, the eighth, is left to text.
"""

from __future__ import annotations

Color = tuple[int, int, int]

BLUE: Color = (0, 114, 178)
ORANGE: Color = (230, 159, 0)
GREEN: Color = (0, 158, 115)
PURPLE: Color = (204, 121, 167)
SKY: Color = (86, 180, 233)
VERMILION: Color = (213, 94, 0)
YELLOW: Color = (240, 228, 66)

VIEW_RGB = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, YELLOW)
"""One colour per camera of a capture, from the first again after the last."""

HAND_RGB: Color = (112, 160, 200)  # this blue lies far from plush browns, wood and white china alike
FINGERTIP_RGB: Color = (230, 140, 20)
GHOST_RGB: Color = (150, 155, 165)  # starts of an optimisation that did not win
OBJECT_RGB: Color = (196, 178, 150)
PATH_RGB: Color = GREEN
REFERENCE_RGB: Color = VERMILION  # neither this nor the next lies on viridis, in whose colours clouds are shown
MATCH_RGB: Color = PURPLE

INK: Color = (45, 48, 54)
FAINT: Color = (128, 132, 138)
RULE_RGB: Color = (222, 222, 220)  # lines between panels and of the studio's table


def css(color: Color) -> str:
    """A colour as web pages write it."""
    red, green, blue = (int(value) for value in color)
    return f"rgb({red},{green},{blue})"


def hex_code(color: Color) -> str:
    """A colour as Matplotlib takes it, `#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*color)

"""Settings of pairs of scenes: how different the test scene is from the reference scene."""

from __future__ import annotations

from dataclasses import dataclass

from sparsedff.common.schema import key, section
from sparsedff.common.schema_values import check
from sparsedff.errors import ConfigError
from sparsedff.synthetic.families.manners import MANNERS


@dataclass(frozen=True)
class Surroundings:
    """How a test scene differs from a lone object on a wooden table."""

    clutter: int = key(0, "other things on the table, inside the workspace", at_least=0, at_most=20)
    occluders: int = key(0, "cameras that something low stands in front of", at_least=0, at_most=20)
    tables: bool = key(False, "draw the table's texture and colour")
    lights: bool = key(False, "draw the lamp's direction and the strength of the light")
    place: str = key("table", "where it happens; any place but table brings its own table and light")

    def __post_init__(self) -> None:
        check(self, "pairs.around")
        if self.place == "table":
            return
        from sparsedff.synthetic.rendering.places import PLACES  # half a second to import, and only needed here

        PLACES.entry(self.place)
        if self.tables or self.lights:
            raise ConfigError(f"pairs.around: {self.place} has its own table and light; leave tables and lights off")


@dataclass(frozen=True)
class PairSettings:
    """How the scenes of a pair are made."""

    width_px: int = key(640, "width of the images; heights follow [px]", at_least=16, at_most=3840)
    manner: str = key(
        "near",
        "near = relatives of about the same proportions; wide = each proportion by itself, parts may come and go; "
        "posture = the same plush animal with other joints",
        choices=(*MANNERS.names, "posture"),
    )
    new_partners: bool = key(False, "across families: families that came after the first eight can be partners too")
    variation: float = key(0.12, "how far a relative's proportions go, as a share", at_least=0, at_most=0.3)
    shift_m: float = key(0.06, "the test object stands within this of the table's middle, in x and y [m]", at_least=0)
    yaw_deg: float = key(
        45.0, "the test object is turned by up to this against the reference [deg]", at_least=0, at_most=180
    )
    lying_share: float = key(
        0.0, "share of test objects that rest another way than upright: lying, or tilted", at_least=0, at_most=1
    )
    cameras: int = key(4, "number of cameras, both scenes; 4 are the authors' rig", at_least=1, at_most=16)
    calibration_off_mm: float = key(
        0.0, "each camera of the test scene stands this far off its calibration [mm], and turned by a tenth in degrees",
        at_least=0, at_most=100,
    )  # fmt: skip
    noise_scale: float = key(1.0, "depth noise and flying pixels of both scenes, as a multiple", at_least=0, at_most=10)
    around: Surroundings = section(Surroundings, "surroundings of the test scene; the reference shows the lone object")

    def __post_init__(self) -> None:
        check(self, "pairs")

"""`cameras`: the same object seen by other rigs: 1 to 8 cameras, more noise, calibration that is off."""

from __future__ import annotations

from dataclasses import replace

from sparsedff.evaluate.suites.base import PairSpec, Tasks, in_turn
from sparsedff.synthetic.pair_settings import PairSettings

_CAMERAS = (1, 2, 3, 4, 6, 8)
_OFF_MM = (0.0, 2.0, 5.0, 10.0)
_NOISE = (1.0, 2.0, 3.0)
_EACH = 4


def cameras(tasks: Tasks, settings: PairSettings) -> tuple[PairSpec, ...]:
    """Four rigs a family: numbers of cameras, errors of calibration and noise in turn."""
    return tuple(
        PairSpec(
            family,
            task,
            "same_object",
            seed,
            replace(
                settings,
                cameras=_CAMERAS[(_EACH * index + seed) % len(_CAMERAS)],
                calibration_off_mm=_OFF_MM[(seed + index) % 4],
                noise_scale=_NOISE[(seed + index) % 3],
            ),
            "cameras",
        )
        for index, name in enumerate(tasks)
        for family, task, seed in in_turn({name: tasks[name]}, _EACH)
    )

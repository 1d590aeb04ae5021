"""Sentences about a scene that is wrong though its files are sound: what was measured, and what to do about it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sparsedff.errors import HandError
from sparsedff.quality.object_views import ObjectAgreement
from sparsedff.quality.reasons import AGAIN, Findings
from sparsedff.quality.settings import CheckSettings
from sparsedff.quality.shown_hand import ShownHand


def contradicted(cameras: Sequence[ObjectAgreement], limits: CheckSettings) -> Findings:
    """Cameras that show the object where others do not, the worst first."""
    known = sorted((one for one in cameras if math.isfinite(one.contradicted)), key=lambda one: -one.contradicted)
    said = [
        f"{one.serial} and the other cameras show the object in different places (they look through "
        f"{100 * one.contradicted:.0f} % of what the others show of it): depth does not lie on colour, or {AGAIN}"
        for one in known
        if one.contradicted > limits.contradicted_doubtful
    ]
    bad = bool(known) and known[0].contradicted > limits.contradicted_unusable
    return (said, []) if bad else ([], said)


def thin(points: int | None, showing: Sequence[str], limits: CheckSettings) -> list[str]:
    """Doubts about an object of which little is seen.

    Args:
        points: of the object's raw cloud; None where it was not made.
        showing: serials of the cameras that show it.
        limits: of what is taken.
    """
    said = []
    if len(showing) == 1:
        said.append(f"only {showing[0]} shows the object, so its other side is not known: use more cameras")
    if points is not None and points < limits.min_points:
        said.append(
            f"the object has only {points} points, under {limits.min_points}: it is small, far off, or lower than "
            "segmentation.min_height_m; lower that or scale, or bring the cameras nearer"
        )
    return said


def shown_wrongly(shown: ShownHand, limits: CheckSettings) -> list[str]:
    """Doubts about where the demonstrated hand is.

    Raises:
        HandError: it is nowhere near the reference object, or deep inside it.
    """
    near, inside = f"{100 * shown.nearest_m:.0f} cm", f"{1000 * shown.inside_m:.0f} mm"
    remedy = "give the pose that was shown on data1, in metres and in its table frame, or another data1"
    if shown.nearest_m > limits.hand_off_refused_m:
        raise HandError(f"hand_ref_pose_name: the nearest point of the hand is {near} from the object: {remedy}")
    if shown.inside_m > limits.hand_inside_refused_m:
        raise HandError(f"hand_ref_pose_name: the hand is {inside} deep in the object: {remedy}")
    if shown.nearest_m > limits.hand_off_doubtful_m:
        return [f"the demonstrated hand does not touch the object, its nearest point is {near} off: {remedy}"]
    if shown.inside_m > limits.hand_inside_doubtful_m:
        return [f"the demonstrated hand is {inside} deep in the object: {remedy}"]
    return []


def unlike(share: float, limits: CheckSettings) -> list[str]:
    """A doubt about a test object whose features match nothing of what is held."""
    if share <= limits.unlike_doubtful:
        return []
    return [
        "nothing on the test object looks like what the demonstrated hand holds (its features are "
        f"{100 * share:.0f} % as far off as those of random points): show a grasp of a thing more like it"
    ]

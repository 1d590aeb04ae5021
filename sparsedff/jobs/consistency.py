"""View consistency of training data before and after a network, in words."""

from __future__ import annotations

from pathlib import Path

from sparsedff.config.config import Config
from sparsedff.errors import ConfigError
from sparsedff.refine.checkpoint import load_checkpoint
from sparsedff.refine.material import Material, prepare
from sparsedff.refine.network import Probe
from sparsedff.refine.storage import key_folder, load_key


def measure_consistency(config: Config, key: int, checkpoint: Path) -> list[str]:
    """What a network does to what its training has not seen.

    Of captures that it was trained on, the held-out regions are asked; of others every point.

    Args:
        config: its section refinement.
        key: whose data.
        checkpoint: the network's file.

    Returns:
        a table, line by line.

    Raises:
        SparseDFFError: no data or no network, or they do not belong together.
    """
    r, folder = config.refinement, key_folder(Path(config.refinement.path), key)
    stored, loaded = load_key(folder), load_checkpoint(checkpoint)
    if loaded.note and loaded.note["reduction_sha256"] != stored[0].settings["reduction_sha256"]:
        raise ConfigError(f"{checkpoint}: was trained on features that are reduced otherwise than those in {folder}")
    width = stored[0].scene.cloud.features.shape[1]
    if loaded.probe.shape.width != width:
        raise ConfigError(f"{checkpoint}: refines {loaded.probe.shape.width} channels, {folder} holds {width}")
    trained_on = loaded.note.get("data", {}).get("captures", {})
    lines = []
    for one in stored:
        known = trained_on.get(one.scene.name) == one.sha256
        holdout = loaded.note["holdout"] if known else {}
        share, seed = float(holdout.get("share", 0)), int(holdout.get("seed", 0))
        block_m = float(holdout.get("block_m", r.holdout_block_m))
        material = prepare([one.scene], r.pair_radius_m, share, block_m, seed)
        if share:
            lines += table(material, loaded.probe, "test", f"{one.scene.name}, held-out regions")
        else:
            seen = "seen in training" if known else "not in the training data"
            lines += table(material, loaded.probe, "train", f"{one.scene.name}, {seen}")
    return lines


def table(material: Material, probe: Probe, part: str, title: str) -> list[str]:
    """Both measures before and after a network, on one part of the data."""
    before, after = (material.consistency(network, part) for network in (None, probe))
    if before.points == 0:
        return [f"view consistency, {title}: no two views overlap there"]
    return [
        f"view consistency, {title} ({before.points} points, {before.pairs} pairs):",
        f"  nearest feature in another view within {100 * material.radius_m:g} cm: "
        f"{100 * before.hits:.1f} % before, {100 * after.hits:.1f} % after",
        f"  feature distance of true over random pairs: {before.ratio:.3f} before, {after.ratio:.3f} after",
    ]

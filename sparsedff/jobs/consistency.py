"""View consistency of training data before and after a network: what `sparsedff consistency` prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sparsedff.config.config import Config
from sparsedff.errors import ConfigError
from sparsedff.refine.checkpoint import load_checkpoint
from sparsedff.refine.network import Probe
from sparsedff.refine.storage import key_folder, load_key
from sparsedff.refine.training_set import TrainingSet, make_training_set


def measure_consistency(config: Config, key: int, checkpoint: Path) -> Iterator[str]:
    """Measure the view consistency of data that a network was not trained on.

    Captures of the network's training are measured on their held-out regions, other captures on all points.

    Args:
        config: its section refinement.
        key: whose data.
        checkpoint: the network's file.

    Yields:
        the lines of `table` for each capture.

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
    for one in stored:
        known = trained_on.get(one.scene.name) == one.sha256
        holdout = loaded.note["holdout"] if known else {}
        share, seed = float(holdout.get("share", 0)), int(holdout.get("seed", 0))
        block_m = float(holdout.get("block_m", r.holdout_block_m))
        held_out = replace(r, holdout_share=share, holdout_block_m=block_m)
        training_set = make_training_set([one.scene], held_out, seed)
        if share:
            yield from table(training_set, loaded.probe, "test", f"{one.scene.name}, held-out regions")
        else:
            seen = "seen in training" if known else "not in the training data"
            yield from table(training_set, loaded.probe, "train", f"{one.scene.name}, {seen}")


def table(training_set: TrainingSet, probe: Probe, part: str, title: str) -> Iterator[str]:
    """Both measures before and after a network, on one part of the data, line by line."""
    before, after = (training_set.consistency(network, part) for network in (None, probe))
    if before.points == 0:
        yield f"view consistency, {title}: no two views overlap there"
        return
    yield f"view consistency, {title} ({before.points} points, {before.pairs} pairs):"
    yield (
        f"  nearest feature in another view within {100 * training_set.radius_m:g} cm: "
        f"{100 * before.hits:.1f} % before, {100 * after.hits:.1f} % after"
    )
    yield f"  feature distance of true over random pairs: {before.ratio:.3f} before, {after.ratio:.3f} after"

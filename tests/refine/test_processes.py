"""Two real gloo processes against one: the same draws, losses and network."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from sparsedff.refine.checkpoint import load_checkpoint
from sparsedff.refine.processes import agreed, everyones, gradient_share, my_share
from sparsedff.refine.storage import store
from sparsedff.refine.train import make_probe, train
from tests.support.paths import REPOSITORY
from tests.support.refine_toys import scene, settings, training_set

CPU = torch.device("cpu")
HOW = {"steps": 15, "batch": 31}  # an odd number of points: the last share is filled up
CODE = f"""
import sys, torch
from tests.support.refine_toys import settings, training_set
from sparsedff.refine.processes import processes
from sparsedff.refine.train import train
torch.set_num_threads(1)
device = torch.device("cpu")
with processes(device) as (number, count):
    assert count == 2
    for loss in ("field", "published"):
        trained = train(training_set(), settings(loss, **{HOW!r}), "glayer", 0, device)
        torch.save((trained.progress.losses, trained.probe.state_dict()), f"{{sys.argv[1]}}/{{loss}}{{number}}.pt")
"""


def differences(state: dict[str, torch.Tensor]) -> torch.Tensor:
    """What a network makes of the data, up to the constant that no loss sees and rounding alone moves."""
    data = training_set()
    probe = make_probe(data, settings(**HOW), "glayer", 0)
    probe.load_state_dict(state)
    features = probe.features(data.features, data.view_index)
    return features - features[0]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# By number and by interface: a machine that cannot resolve its own name would wait ten minutes for it.
LOOPBACK = {"GLOO_SOCKET_IFNAME": "lo"} if sys.platform == "linux" else {}


def test_two_processes_train_as_one(tmp_path: Path) -> None:
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), **LOOPBACK}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", CODE, str(tmp_path)],
            cwd=REPOSITORY,
            env={**os.environ, **shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
        )
        for rank in range(2)
    ]
    assert [process.wait(timeout=300) for process in started] == [0, 0]
    for loss in ("field", "published"):
        alone = train(training_set(), settings(loss, **HOW), "glayer", 0, CPU)
        first, second = (torch.load(tmp_path / f"{loss}{rank}.pt", weights_only=True) for rank in range(2))
        assert len(alone.progress.losses) == 15 and alone.progress.losses[-1] != alone.progress.losses[0]
        np.testing.assert_allclose(first[0], alone.progress.losses, rtol=2e-5)
        assert first[0] == second[0]
        torch.testing.assert_close(differences(first[1]), differences(alone.probe.state_dict()), rtol=1e-3, atol=1e-4)
        for name, value in first[1].items():
            torch.testing.assert_close(second[1][name], value, rtol=0, atol=0)


@pytest.mark.long
def test_torchrun_trains_as_one_process(tmp_path: Path) -> None:
    """The script as users start it, pictures, notes and all."""
    losses, said = [], []
    overrides = [
        "device=cpu",
        "threads=1",
        "refinement.steps=12",
        "refinement.batch=31",
        "refinement.holdout_block_m=0.03",
    ]
    for processes in (1, 2):
        folder = tmp_path / str(processes)
        store(folder / "key0", scene(), {}, {"backbone": {}, "scale": 14, "reduction_sha256": None}, {})
        here = ["--nnodes=1", "--master-addr=127.0.0.1", "--local-addr=127.0.0.1", f"--master-port={free_port()}"]
        torchrun = [sys.executable, "-m", "torch.distributed.run", *here, f"--nproc_per_node={processes}"]
        command = [*(torchrun if processes > 1 else [sys.executable]), "scripts/train_linear_probe.py", *overrides]
        done = subprocess.run(
            [*command, f"refinement.path={folder}"],
            cwd=REPOSITORY,
            env={**os.environ, **LOOPBACK},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
        progress = torch.load(folder / "key0" / "glayer" / "training.pt", weights_only=True)["progress"]
        losses.append(progress["losses"])
        assert load_checkpoint(folder / "key0" / "glayer" / "probe.pth").note["steps_done"] == 12
    np.testing.assert_allclose(losses[1], losses[0], rtol=2e-5)
    assert [text.count("network: ") for text in said] == [1, 1]  # one process speaks


def test_alone_nothing_is_shared() -> None:
    points = torch.arange(5)
    assert my_share(points) is points and everyones(points, 5) is points and gradient_share(points) is points
    assert agreed([1.0, 2.0], CPU) == [1.0, 2.0]

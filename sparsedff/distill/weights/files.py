"""Weights on disk: the files of the official releases, and where they are searched.

This file imports no torch at module level, because the downloads do not need it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparsedff.errors import WeightsError
from sparsedff.files.tensors import read_tensors

if TYPE_CHECKING:
    from torch import Tensor

HOST = "https://dl.fbaipublicfiles.com"
BRING = "bash pth_download.sh"
AGAIN = f"fetch it again ({BRING})"


@dataclass(frozen=True)
class OfficialFile:
    """One file of an official release.

    Attributes:
        file: its name on disk and on the server.
        url: where its authors publish it.
        size: [bytes]; like sha256 it is known for the two files that the paper uses. It is None for the others, which
            the downloads do not offer, because they could not be checked.
    """

    file: str
    url: str
    size: int | None = None
    sha256: str | None = None

    @property
    def remedy(self) -> str:
        """The command or the address from which the file can be fetched, in words."""
        return f"`{BRING}` brings it" if self.sha256 else f"download it from {self.url}"


def _dinov2(letter: str, registers: bool, size: int | None = None, sha256: str | None = None) -> OfficialFile:
    model = f"dinov2_vit{letter}14"
    file = f"{model}_{'reg4_' if registers else ''}pretrain.pth"
    return OfficialFile(file, f"{HOST}/dinov2/{model}/{file}", size, sha256)


def _sam(file: str, size: int | None = None, sha256: str | None = None) -> OfficialFile:
    return OfficialFile(file, f"{HOST}/segment_anything/{file}", size, sha256)


DINOV2_FILES = {
    **{f"dinov2_vit{letter}14": _dinov2(letter, False) for letter in "slg"},
    **{f"dinov2_vit{letter}14_reg": _dinov2(letter, True) for letter in "sblg"},
    "dinov2_vitb14": _dinov2(
        "b", False, 346_378_731, "0b8b82f85de91b424aded121c7e1dcc2b7bc6d0adeea651bf73a13307fad8c73"
    ),
}
"""By the names under which the authors publish the models."""

SAM_FILES = {
    "vit_b": _sam("sam_vit_b_01ec64.pth"),
    "vit_l": _sam("sam_vit_l_0b3195.pth"),
    "vit_h": _sam(
        "sam_vit_h_4b8939.pth", 2_564_550_879, "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e"
    ),
}


def find_weights(official: OfficialFile, folder: Path, wanted_by: str) -> Path:
    """The path of an official file.

    Args:
        official: the file that is searched.
        folder: where it lies; subfolders are not searched.
        wanted_by: the setting that needs it, for the error.

    Raises:
        WeightsError: it is missing, or has another size; names file, folder and remedy.
    """
    path = folder / official.file
    if not path.is_file():
        raise WeightsError(f"{wanted_by}: needs {official.file}, which is not in {folder}/; {official.remedy}")
    size = path.stat().st_size
    if official.size not in (None, size):
        raise WeightsError(
            f"{wanted_by}: {path} has {size:,} bytes instead of {official.size:,}, so it is truncated or another file; "
            f"delete it, {official.remedy}"
        )
    return path


def read_state(path: Path, expected_size: int | None = None) -> dict[str, Tensor]:
    """The tensors of a .pth file by name, float32 on the CPU. Only tensors are unpickled, never code.

    Args:
        path: a file written by torch.save.
        expected_size: [bytes], for the error of a truncated file.

    Raises:
        WeightsError: truncated, no checkpoint, or something else than named tensors.
    """
    import torch

    size = path.stat().st_size if path.is_file() else 0
    wanted = f" of {expected_size:,}" if expected_size not in (None, size) else ""
    state: Any = read_tensors(path, WeightsError, f"it has {size:,}{wanted} bytes; delete it and fetch it anew")
    if not (isinstance(state, dict) and state and all(isinstance(value, torch.Tensor) for value in state.values())):
        raise WeightsError(f"{path}: must hold a flat dictionary of tensors, as the official release does")
    return {str(name): value.to(torch.float32) for name, value in state.items()}

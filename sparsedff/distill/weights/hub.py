"""Models in the Hugging Face layout: a local folder with config.json and safetensors, or a name on the hub."""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from sparsedff.errors import WeightsError
from sparsedff.files.json_file import read_object

log = logging.getLogger(__name__)

_PATTERNS = ["config.json", "*.safetensors", "*.safetensors.index.json"]
PREFIX = "hub:"
"""Prefix of a hub name. Without it a name is a folder, so that a mistyped folder causes no request to the network."""


def download_folder(name: str) -> Path:
    """The local folder of a model on the hub, fetched on first use (config.json and safetensors only).

    Args:
        name: OWNER/NAME, or OWNER/NAME@COMMIT with the 40 digits of a commit. Without a commit what was fetched first
            stays what is used, whatever the owner does later, and the log says which commit that is.

    Raises:
        WeightsError: no network and not fetched before, no such model or commit, or one that needs a login.
    """
    from huggingface_hub import snapshot_download

    repository, at, revision = name.partition("@")
    if at and not re.fullmatch("[0-9a-f]{40}", revision):
        raise WeightsError(
            f"{PREFIX}{name}: after @ stands a commit of 40 digits, not a branch or tag, which its owner can move"
        )
    wanted: dict[str, Any] = {"allow_patterns": _PATTERNS} | ({"revision": revision} if revision else {})
    with suppress(Exception):  # not fetched before, in whatever way the client says it
        folder = Path(snapshot_download(repository, local_files_only=True, **wanted))
        if _is_whole(folder):
            return folder
    try:
        folder = Path(snapshot_download(repository, **wanted))
    except Exception as error:  # the hub's client raises errors of five packages, all of them the user's to mend
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise WeightsError(
            f"{PREFIX}{name}: cannot be fetched from the hub ({reason}); check name and network, or give a local folder"
        ) from None
    if not revision:
        log.warning("%s%s: fetched; %s@%s names just this content", PREFIX, name, PREFIX + name, folder.name)
    return folder


def _is_whole(folder: Path) -> bool:
    """Whether a folder that was fetched before has all its files."""
    names = {file for index in folder.glob("*.safetensors.index.json") for file in _parts(index)}
    return (
        (folder / "config.json").is_file() and bool(weight_files(folder)) and all((folder / n).is_file() for n in names)
    )


def _parts(index: Path) -> set[str]:
    return set(map(str, read_object(index, WeightsError, "fetch it anew")["weight_map"].values()))


def check_folder(folder: Path) -> None:
    """Refuse a folder that is not in the hub's layout.

    Raises:
        WeightsError: config.json or safetensors are missing. Pickled weights are never read.
    """
    if not (folder / "config.json").is_file():
        raise WeightsError(f"{folder}: has no config.json, so it is no model in the Hugging Face layout")
    if not weight_files(folder):
        raise WeightsError(f"{folder}: has no *.safetensors; pickled weights are not read, convert or fetch the others")
    read_object(folder / "config.json", WeightsError, "fetch it anew")


def weight_files(folder: Path) -> list[Path]:
    """The files that hold tensors, in order."""
    return sorted(folder.glob("*.safetensors"))


def load_folder(folder: Path, model_class: Any = None, **settings: Any) -> Any:
    """A transformers model from a folder: float32, on the CPU, ready for inference.

    Args:
        folder: in the hub's layout.
        model_class: None lets transformers choose by config.json.
        settings: values that replace those of config.json; SECTION__KEY names a key in a section.

    Raises:
        WeightsError: a file is missing, truncated or of another architecture than config.json says.
    """
    import torch
    from transformers import AutoConfig, AutoModel
    from transformers.utils import logging

    check_folder(folder)
    logging.disable_progress_bar()  # loading takes a second; the run has bars of its own
    try:
        reader = model_class.config_class if model_class else AutoConfig
        # Never code from the folder: without the argument transformers would ask on the terminal.
        config = reader.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        for name, value in settings.items():
            section, _, key = name.rpartition("__")
            setattr(getattr(config, section) if section else config, key, value)
        loader = model_class or AutoModel
        model, info = loader.from_pretrained(
            folder,
            config=config,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except Exception as error:  # transformers and safetensors raise whatever they come upon first
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise WeightsError(f"{folder}: cannot be loaded ({reason}); fetch it anew") from None
    # A pooler sits on top of the tokens that are used here; many checkpoints leave it out.
    missing = sorted(name for name in info["missing_keys"] if "pooler" not in name)
    if missing or info["mismatched_keys"]:
        fault = f"lacks {missing[:2]}" if missing else f"has other sizes in {sorted(info['mismatched_keys'])[:2]}"
        raise WeightsError(f"{folder}: the weights do not fit config.json: {fault}; fetch the folder anew")
    return model.requires_grad_(False).eval()

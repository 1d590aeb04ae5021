"""What torch.save wrote: tensors, numbers, words and containers of them, bounded by what the file holds.

torch.load with weights_only runs no code, but lets a small file ask for any amount of memory: by compressed entries, by
objects of a given length, and by tensors that repeat one number. All three are refused.
"""

from __future__ import annotations

import io
import os
import pickletools
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from sparsedff.files.opened import Error, decoding, opened

if TYPE_CHECKING:
    from torch import Tensor

_SAYS = "is truncated or no checkpoint of tensors"
_ALLOWED = {
    *(("collections", "OrderedDict"), ("torch", "Size"), ("torch", "device")),
    *(("torch._utils", f"_rebuild_{name}") for name in ("tensor", "tensor_v2", "tensor_v3", "parameter")),
    ("torch.storage", "UntypedStorage"),
}
_SPARE = 64 << 20  # bytes by which tensors may exceed their file: two names may stand for one tensor
_MOST_PICKLE = 64 << 20
_MOST_DEPTH = 40
_LEGACY_PICKLES = 5  # magic, protocol, system, content, names of the storages; the data follow


def read_tensors(path: Path, error: Error, remedy: str, says: str = _SAYS, *, missing: str | None = None) -> Any:
    """The content of a file written by torch.save, on the CPU.

    Args:
        path: the file.
        error: what is raised.
        remedy: what to do about a bad file, for the message.
        says: what is said of a file that is none.
        missing: what is said of a file that is not there, remedy included; None says "no such file".

    Raises:
        SparseDFFError: of the class `error`; the file is missing, truncated, would expand beyond its size, or holds
            something else than tensors and plain values. The message names the file and the remedy.
    """
    import torch

    with opened(path, error, remedy, missing=missing) as file, decoding(path, error, remedy, says):
        size = os.fstat(file.fileno()).st_size
        _check_pickles(file, size)
        file.seek(0)
        content = torch.load(file, map_location="cpu", weights_only=True)
        total = 0
        for tensor in _tensors(content, set(), 0):
            if tensor.layout != torch.strided or tensor.is_quantized:
                raise ValueError("it holds a sparse or quantised tensor")
            total += tensor.numel() * tensor.element_size()
            if total > size + _SPARE:
                raise ValueError(f"its tensors expand to more than the {size:,} bytes of the file")
        return content


def _tensors(content: Any, seen: set[int], depth: int) -> Iterator[Tensor]:
    """All tensors of nested containers, each container once however often it stands there."""
    import torch

    if depth > _MOST_DEPTH:
        raise ValueError(f"it nests more than {_MOST_DEPTH} levels")
    if isinstance(content, torch.Tensor):
        yield content
    elif isinstance(content, (dict, list, tuple)) and id(content) not in seen:
        seen.add(id(content))
        for value in content.values() if isinstance(content, dict) else content:
            yield from _tensors(value, seen, depth + 1)


def _check_pickles(file: IO[bytes], size: int) -> None:
    """Refuse, before anything is built, what would take more memory than the file has bytes."""
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
                raise ValueError("its entries are compressed, which torch.save never does")
            if sum(entry.file_size for entry in entries) > size:
                raise ValueError("its entries are larger than the file")
            for entry in entries:
                if entry.filename.endswith("data.pkl"):
                    if entry.file_size > _MOST_PICKLE:
                        raise ValueError(f"its structure takes more than {_MOST_PICKLE:,} bytes")
                    _check_names(io.BytesIO(archive.read(entry)))
        return
    file.seek(0)
    for _ in range(_LEGACY_PICKLES):
        _check_names(file)


def _is_kind(name: str) -> bool:
    """Whether a name of torch is a type of numbers, or of a storage of one."""
    import torch

    return name.endswith("Storage") or isinstance(getattr(torch, name, None), torch.dtype)


def _check_names(stream: IO[bytes]) -> None:
    """Refuse one pickle that names anything but what tensors and plain values need."""
    for opcode, argument, position in pickletools.genops(stream):
        if position is not None and position > _MOST_PICKLE:
            raise ValueError(f"its structure takes more than {_MOST_PICKLE:,} bytes")
        if opcode.name == "GLOBAL":
            module, name = str(argument).split(" ", 1)
            if (module, name) not in _ALLOWED and not (module == "torch" and _is_kind(name)):
                raise ValueError(f"it names {module}.{name}, which is never loaded")
        elif opcode.name in ("STACK_GLOBAL", "INST", "OBJ", "EXT1", "EXT2", "EXT4", "NEWOBJ_EX"):
            raise ValueError("it names things in a way that torch.save does not")

"""Damage of many kinds, decided by a seed: to bytes, to text, to what an archive or a document holds, to the file."""

from __future__ import annotations

import io
import json
import os
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

WORDS = (
    *(b"nan", b"inf", b"-1", b"1e999", b"9" * 400, b"null", b"true", b"{}", b"[]", b'""', b"\x00", b"\xff\xfe", b"'"),
    *(
        b"[" * 3000,
        b"{" * 3000,
        b"(" * 3000,
        b"&a *a",
        b"<<: *a",
        b"!!python/object/apply:os.system [x]",
        b"\r\n",
        b",",
    ),
    *(
        b"999999999999",
        b"-9223372036854775808",
        b"../../x",
        b"\xf0\x9f\x90\x92",
        b"40000, 40000",
        b"|O",
        b"<U0",
        b"<c16",
    ),
)
VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 1e308, 10**400, "", "x", "nan", "\0", "../x", "9" * 400, [], {}, [[]], [None] * 40, {"a": 1}),
    *([1, 2], [[1, 2], [3]], float("nan"), float("inf"), "😀" * 40),
)


def flip(data: bytearray, rng: random.Random) -> bytearray:
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        if data:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data


def extreme(data: bytearray, rng: random.Random) -> bytearray:
    at, size = rng.randrange(len(data) + 1), rng.choice((1, 2, 4, 8))
    data[at : at + size] = rng.choice((b"\xff", b"\x00", b"\x7f", b"\x80")) * size
    return data


def cut(data: bytearray, rng: random.Random) -> bytearray:
    return data[: rng.randrange(len(data) + 1)]


def leave_out(data: bytearray, rng: random.Random) -> bytearray:
    at = rng.randrange(len(data) + 1)
    del data[at : at + rng.choice((1, 7, 64, 512))]
    return data


def double(data: bytearray, rng: random.Random) -> bytearray:
    at = rng.randrange(len(data) + 1)
    piece = data[at : at + rng.choice((1, 16, 128, 2048))]
    data[at:at] = piece * rng.choice((1, 1, 3))
    return data


def put_in(data: bytearray, rng: random.Random) -> bytearray:
    at = rng.randrange(len(data) + 1)
    data[at : at + rng.choice((0, 0, 1, 4, 16))] = rng.choice(WORDS)
    return data


def noise(data: bytearray, rng: random.Random) -> bytearray:
    at = rng.randrange(len(data) + 1)
    data[at : at + rng.choice((4, 32, 256))] = rng.randbytes(rng.choice((4, 32, 256)))
    return data


def other(data: bytearray, rng: random.Random) -> bytearray:
    return bytearray(
        rng.choice((b"", b"\n", b"0", b"{", b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"\x80\x02.", rng.randbytes(99)))
    )


OF_BYTES: tuple[Callable[[bytearray, random.Random], bytearray], ...] = (
    *(flip, flip, extreme, cut, leave_out, double, put_in, put_in, noise, other),
)


def of_archive(data: bytes, rng: random.Random) -> bytes:
    """Another archive with sound checksums, so that the damage reaches what reads the entries."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = [(entry.filename, archive.read(entry)) for entry in archive.infolist()]
    at = rng.randrange(len(entries))
    name, content = entries[at]
    what = rng.randrange(8)
    if what < 4:
        entries[at] = name, bytes(rng.choice(OF_BYTES)(bytearray(content), rng))
    elif what == 4:
        del entries[at]
    elif what == 5:
        entries[at] = rng.choice(("x", name + "x", "../" + name, "a" * 300, "ä.npy")), content
    elif what == 6:
        entries[at] = name, rng.choice(entries)[1]
    else:
        entries.append((name, content))
    target = io.BytesIO()
    method = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return target.getvalue()


def of_document(data: bytes, rng: random.Random) -> bytes:
    """The same document of JSON with a value, somewhere in it, of another kind."""
    document = json.loads(data)
    places: list[tuple[Any, Any]] = []

    def collect(node: Any) -> None:
        for key in node if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], (dict, list)):
                collect(node[key])

    if isinstance(document, (dict, list)):
        collect(document)
    if not places:
        return json.dumps(rng.choice(VALUES[:8])).encode()
    node, key = rng.choice(places)
    if rng.random() < 0.2:
        del node[key]
    else:
        node[key] = rng.choice(VALUES)
    return json.dumps(document).encode()


def damage(path: Path, rng: random.Random) -> str:
    """Damage one file in place; returns in a word how."""
    what = rng.random()
    if what < 0.03:
        return _replace(path, rng)
    data = path.read_bytes()
    if what < 0.45:
        try:
            if data[:2] == b"PK":
                path.write_bytes(of_archive(data, rng))
                return "archive"
            if path.suffix == ".json":
                path.write_bytes(of_document(data, rng))
                return "document"
        except (ValueError, zipfile.BadZipFile):
            pass
    kinds = [rng.choice(OF_BYTES) for _ in range(rng.choice((1, 1, 2, 3)))]
    for kind in kinds:
        data = bytes(kind(bytearray(data), rng))
    path.write_bytes(data)
    return "+".join(kind.__name__ for kind in kinds)


def _replace(path: Path, rng: random.Random) -> str:
    path.unlink()
    kind = rng.choice(("missing", "folder", "pipe", "loop", "dangling", "device"))
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind != "missing":
        path.symlink_to({"loop": path.name, "dangling": "nowhere", "device": "/dev/zero"}[kind])
    return kind

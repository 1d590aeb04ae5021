"""Bytes from a URL or a folder into a file that keeps what has come, so that an interrupted download goes on.

`Transfer` is a downloader as pooch calls it: pooch checks the hash of what it brings and gives the file its name.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import requests
from tqdm import tqdm

from sparsedff.downloads.disk import check_room
from sparsedff.downloads.http import Interrupted, ask, reason
from sparsedff.downloads.items import MIRROR
from sparsedff.errors import DownloadError


@dataclass(frozen=True)
class Transfer:
    """How one file is brought.

    Attributes:
        target: the final path; what has come lies beside it under a hidden name.
        size: [bytes] it must have, None = unknown.
        attempts: in a row that may bring nothing; one that brings something starts the count anew.
        wait_s: before the second attempt [s], doubled each time.
        timeout_s: for a connection, and without any byte [s].
        chunk: [bytes] read at once; what a broken connection has brought of an unfinished one is lost.
        by_hand: the host may answer with a web page.
    """

    target: Path
    size: int | None
    attempts: int = 4
    wait_s: float = 0.5
    timeout_s: float = 30.0
    chunk: int = 1 << 16
    by_hand: bool = False

    @property
    def part(self) -> Path:
        """What has come so far."""
        return self.target.with_name(f".{self.target.name}.part")

    def __call__(self, url: str, output_file: str, pooch: Any = None, check_only: bool = False) -> None:
        """Bring `url`, which may be a local path, to `output_file`.

        Raises:
            DownloadError: no connection, not found, another size, no room, or broken off too often.
        """
        with self._locked() as part:
            if self.size is None:
                part.truncate(0)  # nothing tells whether what lies there belongs to this file
            failures, before = 0, -1  # in a row, and bytes at the last one
            while True:
                try:
                    self._continue(url, part)
                    break
                except (Interrupted, requests.RequestException) as error:
                    have = _length(part)
                    failures = failures + 1 if have <= before else 1
                    before = have
                    if failures >= self.attempts:
                        raise DownloadError(self._broken(url, have, error)) from None
                    time.sleep(self.wait_s * 2 ** (failures - 1))
            os.replace(self.part, output_file)

    @contextmanager
    def _locked(self) -> Iterator[IO[bytes]]:
        """The file with what has come, for this process alone."""
        with self.part.open("ab") as part:
            try:
                fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise DownloadError(f"{self.target}: another process is fetching it; wait for it to end") from None
            try:
                yield part
            finally:
                if self.part.exists() and _length(part) == 0:
                    self.part.unlink()

    def _continue(self, url: str, part: IO[bytes]) -> None:
        have = _length(part)
        if self.size is not None and have > self.size:
            part.truncate(0)
            have = 0
        if have == self.size:
            return
        if Path(url).is_file():
            with Path(url).open("rb") as source:
                self._check_size(url, Path(url).stat().st_size, have)
                source.seek(have)
                self._write(url, part, iter(lambda: source.read(self.chunk), b""), have, Path(url).stat().st_size)
            return
        try:
            with ask(url, have, self.timeout_s, self.target if self.by_hand else None) as answer:
                if answer.start == 0:
                    part.truncate(0)
                total = self.size if answer.total is None else answer.total
                if total is not None:
                    self._check_size(url, total, answer.start)
                self._write(url, part, answer.body.iter_content(self.chunk), answer.start, total)
        except Interrupted:
            if have and have == _length(part):  # nothing came on top: perhaps it does from the beginning
                part.truncate(0)
            raise

    def _check_size(self, url: str, total: int, have: int) -> None:
        if self.size is not None and total != self.size:
            raise DownloadError(
                f"{url}: has {total:,} bytes instead of {self.size:,}, so it is another file; {self._elsewhere()}"
            )
        check_room(self.target.parent, total - have)

    def _write(self, url: str, part: IO[bytes], chunks: Iterable[bytes], have: int, total: int | None) -> None:
        with tqdm(
            total=total,
            initial=have,
            desc=self.target.name,
            unit="B",
            unit_scale=True,
            unit_divisor=1024,
            disable=None,  # nothing where there is no terminal
        ) as bar:
            for data in chunks:
                if total is not None and have + len(data) > total:
                    part.truncate(0)
                    raise DownloadError(f"{url}: sends more than the {total:,} bytes it should; {self._elsewhere()}")
                part.write(data)
                have += len(data)
                bar.update(len(data))
        if total is not None and have < total:
            raise Interrupted("the connection was closed")

    def _broken(self, url: str, have: int, error: Exception) -> str:
        if isinstance(error, requests.ConnectionError) and not have:
            return f"{url}: no connection ({reason(error)}); check the network, or {self._elsewhere()}"
        of = f" of {self.size:,}" if self.size is not None else ""
        kept = (
            "what came is kept, run the same command to go on" if have and self.size else "run the same command again"
        )
        return f"{url}: broke off after {have:,}{of} bytes ({reason(error)}); {kept}, or {self._elsewhere()}"

    def _elsewhere(self) -> str:
        return f"set {MIRROR} to a folder or URL that has {self.target.name}"


def _length(file: IO[bytes]) -> int:
    file.flush()
    return os.fstat(file.fileno()).st_size

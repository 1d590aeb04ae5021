"""The packages that an installation holds for the toolkit: a list with licences, and a bill of materials (SBOM)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any, cast

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_PRODUCT = "sparsedff"
_UNKNOWN = "not stated"


@dataclass(frozen=True)
class Package:
    """An installed package.

    Attributes:
        name, version: as its metadata say.
        licence: an SPDX expression where it has one, else the first line of what it says.
        home: where it comes from; empty where it does not say.
        needs: canonical names of the installed packages that it asks for.
    """

    name: str
    version: str
    licence: str
    home: str
    needs: tuple[str, ...]

    @property
    def reference(self) -> str:
        """Its package URL."""
        return f"pkg:pypi/{canonicalize_name(self.name)}@{self.version}"


def installed(extras: Sequence[str] = ()) -> dict[str, Package]:
    """The toolkit and all that it needs, by canonical name; what is not installed is left out.

    Args:
        extras: of the toolkit, such as `test`.
    """
    found: dict[str, Package] = {}
    waiting: list[tuple[str, tuple[str, ...]]] = [(_PRODUCT, tuple(extras))]
    asked: set[tuple[str, tuple[str, ...]]] = set()
    while waiting:
        name, wanted = waiting.pop()
        if (name, wanted) in asked:
            continue
        asked.add((name, wanted))
        try:
            held = distribution(name)
        except PackageNotFoundError:
            continue
        needs = list(_needs(held, wanted))
        waiting += needs
        before = found[name].needs if name in found else ()
        found[name] = _package(held, tuple(sorted({*before, *(need for need, _ in needs)})))
    return {
        name: Package(one.name, one.version, one.licence, one.home, tuple(need for need in one.needs if need in found))
        for name, one in sorted(found.items())
    }


def listed(packages: dict[str, Package]) -> Iterator[str]:
    """A line a package: name, version, licence."""
    wide = max((len(one.name) for one in packages.values()), default=0)
    long = max((len(one.version) for one in packages.values()), default=0)
    for one in packages.values():
        yield f"{one.name:{wide}}  {one.version:{long}}  {one.licence}"


def bill(packages: dict[str, Package]) -> str:
    """The bill of materials, JSON in CycloneDX 1.6; the same packages give the same bytes."""
    product = packages.get(_PRODUCT)
    content: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": _component(product, "application")} if product else {},
        "components": [_component(one, "library") for name, one in packages.items() if name != _PRODUCT],
        "dependencies": [
            {"ref": one.reference, "dependsOn": [packages[need].reference for need in one.needs]}
            for one in packages.values()
        ],
    }
    return json.dumps(content, indent=1)


def _needs(held: Distribution, extras: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(name, extras) of what a package with these extras asks for on this machine."""
    for text in held.requires or ():
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield canonicalize_name(requirement.name), tuple(sorted(requirement.extras))


def _package(held: Distribution, needs: tuple[str, ...]) -> Package:
    about = cast(Message, held.metadata)
    homes = [line.partition(",")[2].strip() for line in about.get_all("Project-URL") or ()]
    home = about.get("Home-page") or next(iter(homes), "")
    return Package(about["Name"], held.version, _licence(held), home, needs)


def _licence(held: Distribution) -> str:
    """The expression of newer metadata, else the trove classifiers, else the first line of the free text."""
    about = cast(Message, held.metadata)
    if about.get("License-Expression"):
        return str(about["License-Expression"])
    named = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or () if line.startswith("License ::")]
    text = (about.get("License") or "").strip().splitlines()
    return "; ".join(named) or (text[0].strip()[:80] if text else _UNKNOWN)


def _component(one: Package, kind: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "type": kind,
        "bom-ref": one.reference,
        "name": one.name,
        "version": one.version,
        "purl": one.reference,
    }
    if one.licence != _UNKNOWN:
        entry["licenses"] = [{"license": {"name": one.licence}}]
    if one.home:
        entry["externalReferences"] = [{"type": "website", "url": one.home}]
    return entry

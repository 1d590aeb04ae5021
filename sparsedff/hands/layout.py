"""What the joint values of a hand pose mean: names in file order, and which signs a robot's driver turns over."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class JointLayout:
    """The joints of a hand as its pose files list them.

    Attributes:
        names: of the joints, in file order.
        driver_flipped: indices of the joints whose sign the real robot's driver turns over against the model's.
    """

    names: tuple[str, ...]
    driver_flipped: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    def index(self, name: str) -> int:
        """Where a joint stands in the order; ValueError where there is none of this name."""
        return self.names.index(name)

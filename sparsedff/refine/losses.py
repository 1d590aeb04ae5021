"""InfoNCE: as published, and as it is trained here by default.

Symbols: q (N, G) anchors of one view, k (N, G) keys of another, T the temperature, c_i the number of anchor i's
positives. Cross entropy of row i asks that its own key wins among all columns.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


def sample_keys(pairs: Tensor, uniforms: Tensor) -> tuple[Tensor, Tensor]:
    """Every anchor once, and for each draw one of its positives, as published.

    Args:
        pairs: (P, 2) int64 indices into two views, ordered by the first column.
        uniforms: (D, A) in [0, 1), a row a draw, a column an anchor.

    Returns:
        anchors (A,) ascending indices into the first view; keys (D, A) into the second.
    """
    anchors, counts = torch.unique_consecutive(pairs[:, 0], return_counts=True)
    first = counts.cumsum(0) - counts
    return anchors, pairs[:, 1][torch.floor(uniforms * counts).long() + first]


def published_logits(q: Tensor, k: Tensor, temperature: float) -> Tensor:
    """[q.k_0 | q.k_1 | ... ] / T, without the diagonals of all but the first: the published loss's rows.

    Args:
        q: (N, G) anchors' outputs of the head, not normalised.
        k: (D, N, G) keys' outputs, a draw of positives each.
        temperature: 0.007 as published.

    Returns:
        (N, N + (D - 1)(N - 1)); the label of row i is i.
    """
    products = torch.einsum("ng,dmg->dnm", q, k)
    away = ~torch.eye(len(q), dtype=torch.bool, device=q.device)
    others = [product[away].reshape(len(q), len(q) - 1) for product in products[1:]]
    return torch.cat([products[0], *others], dim=1) / temperature


def published_loss(q: Tensor, k: Tensor, temperature: float) -> Tensor:
    """Mean cross entropy of `published_logits`. It punishes near duplicates: keys millimetres from an anchor's own."""
    logits = published_logits(q, k, temperature)
    return cross_entropy(logits, torch.arange(len(q), device=q.device))


def masked_loss(logits: Tensor, positive: Tensor, forbidden: Tensor) -> Tensor:
    """Mean cross entropy with columns left out.

    Args:
        logits: (N, M).
        positive: (N,) int64, the column that is right.
        forbidden: (N, M) bool, columns that are no negatives because their points lie on the same spot; a row's own
            positive is never left out.
    """
    keep = forbidden.scatter(1, positive[:, None], False)
    return cross_entropy(logits.masked_fill(keep, -torch.inf), positive)

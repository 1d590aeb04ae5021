"""The same transfer from several seeds: where they agree, the starts and the jitter do not decide the grasp."""

import numpy as np

import sparsedff


def main(reference="monkey_original", test="monkey_test", pose="monkey", settings=None, seeds=3):
    """Returns the farthest distance [m] of two palms, and the energies."""
    shown, new = sparsedff.load_capture(reference), sparsedff.load_capture(test)  # distilled once, then cached
    results = [sparsedff.transfer(shown, new, pose, {**(settings or {}), "seed": seed}) for seed in range(seeds)]
    palms = np.array([result.pose.translation for result in results])
    spread = float(np.linalg.norm(palms[:, None] - palms[None], axis=2).max())
    energies = [result.energy for result in results]
    print(f"{seeds} seeds: palms within {100 * spread:.2f} cm, energies {np.round(energies, 4)}")
    return spread, energies


if __name__ == "__main__":
    main()

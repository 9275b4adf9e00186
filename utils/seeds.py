"""Results over several seeds: what one number per seed says together."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import t as student_t


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean and the half width of its 95 % interval.

    Student's t for a mean of independent values: t(0.975, n − 1) · s / √n, where s is
    the standard deviation with n − 1. To compare two models, give it the differences,
    seed by seed. Notebook 05 builds this function.

    Args:
        values: One number per seed, at least two, shape `(seeds,)`.

    Raises:
        ValueError: If there are fewer than two values, or one is not finite.

    Example:
        >>> mean, half = interval([1.0, 2.0, 3.0])
        >>> round(mean, 3), round(half, 3)
        (2.0, 2.484)
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all():
        raise ValueError(
            f"Expected one finite number for each of at least 2 seeds, got "
            f"{values.tolist()}. Run the experiment with more seeds, or leave out "
            f"the runs that have no value."
        )
    half = student_t.ppf(0.975, len(values) - 1) * values.std(ddof=1)
    return float(values.mean()), float(half / np.sqrt(len(values)))

"""One look for all figures, and the figures that two notebooks draw."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

# Okabe & Ito (2008): colours that stay apart for colour-blind readers and in grey.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]


def style() -> None:
    """Set the course's Matplotlib style: small, calm, readable on a projector."""
    plt.rcParams.update(
        {
            "figure.figsize": (6.4, 3.2),
            "figure.dpi": 90,
            "savefig.dpi": 90,
            "figure.constrained_layout.use": True,
            "axes.prop_cycle": plt.cycler(color=COLOURS),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.alpha": 0.3,
            "lines.linewidth": 1.8,
            "legend.frameon": False,
            "font.size": 10,
        }
    )


def ladder(rungs: dict[str, float], highlight: str | None = None) -> Axes:
    """Draw the ladder: one bar per model, shortest (best) at the bottom.

    Args:
        rungs: Model name → bits per character on the validation text.
        highlight: Name of the bar drawn in the second colour.

    Returns:
        The Matplotlib axes, so that a notebook can add to it.
    """
    names = sorted(rungs, key=rungs.get)
    bits = [rungs[name] for name in names]
    colours = [COLOURS[1] if name == highlight else COLOURS[0] for name in names]
    _, ax = plt.subplots(figsize=(6.4, 0.7 + 0.32 * len(names)))
    bars = ax.barh(names, bits, color=colours)
    ax.bar_label(bars, fmt="%.3f", padding=3)
    ax.set(xlabel="bits per character on the validation text (lower is better)")
    ax.set_xlim(0, max(bits) * 1.15)
    ax.grid(axis="y", visible=False)
    return ax

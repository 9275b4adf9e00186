"""The numbers in README.md are those of the results files."""

from pathlib import Path

import numpy as np
import pandas as pd

from utils.seeds import interval

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "data" / "results"


def race_table() -> str:
    """Return README's table of language models, from the results files."""
    lines = ["| model | training | bits per character |", "|---|---:|---:|"]
    race = pd.read_csv(RESULTS / "race.csv")
    for _, row in race[race["inputs"] == "counts"].iterrows():
        bits = row["nats"] / np.log(2)
        lines.append(
            f"| {row['model']} (counting) | {row['seconds']:.1f} s | {bits:.3f} |"
        )
    for name, file in {
        "SimpleRNN(256), characters": "02_simple_rnn",
        "LSTM(128), n-gram inputs": "04_lstm",
        "GRU(128), n-gram inputs": "05_gru",
    }.items():
        runs = pd.read_csv(RESULTS / f"{file}.csv")
        bits = runs["value"][runs["quantity"].str.startswith("language model")]
        mean, half = interval(bits)
        lines.append(
            f"| {name}, {len(bits)} seeds | in its notebook | {mean:.3f} ± {half:.3f} |"
        )
    longest = race[race["updates"] == race["updates"].max()]
    for _, row in longest.sort_values("nats", ascending=False).iterrows():
        inputs = row["inputs"].replace("n-grams", "n-gram inputs")
        lines.append(
            f"| {row['model']}({row['units']}), {inputs} | {row['seconds']:.0f} s | "
            f"{row['nats'] / np.log(2):.3f} |"
        )
    mixtures = pd.read_csv(RESULTS / "mixtures.csv")
    for _, row in mixtures.sort_values("mixture", ascending=False).iterrows():
        lines.append(
            f"| {row['model']}({row['units']}) and Kneser–Ney, mixed | as above | "
            f"{row['mixture'] / np.log(2):.3f} |"
        )
    best = pd.read_csv(RESULTS / "best_language_model.csv").iloc[-1]
    name = f"{best['model']}({best['units']})"
    lines.append(
        f"| {name}, n-gram inputs, much dropout | {best['seconds']:,.0f} s | "
        f"{best['network'] / np.log(2):.3f} |"
    )
    lines.append(
        f"| {name} and Kneser–Ney, mixed | as above | "
        f"{best['mixture'] / np.log(2):.3f} |"
    )
    return "\n".join(lines)


def test_the_table_of_language_models_is_measured():
    """Print the right table, so that it can be pasted."""
    assert race_table() in (ROOT / "README.md").read_text("utf-8"), race_table()

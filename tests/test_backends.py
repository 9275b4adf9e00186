"""The committed losses of three backends say what notebook 08 and README say."""

import re

import pandas as pd
import pytest
from notebook_cells import ROOT

RUNS = pd.read_csv(ROOT / "data" / "results" / "backends.csv")
NATS = RUNS.pivot(index=["first layer", "seed"], columns="backend", values="nats")
README = (ROOT / "README.md").read_text("utf-8")


def test_every_backend_has_five_seeds_of_both():
    assert list(NATS.columns) == ["jax", "tensorflow", "torch"]
    assert NATS.notna().all(axis=None)
    assert (NATS.groupby("first layer").size() == 5).all() and len(NATS) == 10


def test_from_one_hot_vectors_the_losses_agree():
    part = NATS.loc["one-hot"]
    assert (part.max(axis=1) - part.min(axis=1)).max() < 1e-3


def test_from_an_embedding_tensorflow_differs_and_the_others_agree():
    part = NATS.loc["embedding"]
    assert abs(part["jax"] - part["torch"]).max() < 1e-3
    assert (abs(part["tensorflow"] - part["jax"]) > 0.01).all()


@pytest.mark.parametrize("first", ["one-hot", "embedding"])
def test_readme_has_the_means(first):
    for backend, name in (("tensorflow", "TensorFlow"), ("jax", "JAX")):
        mean = NATS.loc[first, backend].mean()
        assert re.search(rf"^\| {first} \|.*{mean:.3f}", README, re.M), (name, mean)

"""utils/runtime.py: what it does to TensorFlow at import."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from notebook_cells import ROOT
from tensorflow import data
from tensorflow.python.data.ops.iterator_ops import OwnedIterator

from utils import runtime


@pytest.fixture(autouse=True)
def imported_quietly():
    """TensorFlow, as the first cell of a notebook leaves it."""
    with runtime.quiet():
        assert keras.backend.backend() == "tensorflow"


def trained() -> list[np.ndarray]:
    """Return the weights of a small network after two epochs in random order."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("adam", "mse")
    x = np.random.default_rng(1).normal(size=(70, 3))
    model.fit(x, x[:, :2], batch_size=8, epochs=2, verbose=0)
    return model.get_weights()


def test_no_autotuner_can_hold_up_the_end_of_an_epoch():
    batches = data.Dataset.range(5).batch(2)
    assert iter(batches)._dataset.options().autotune.enabled is False
    assert [batch.numpy().tolist() for batch in batches] == [[0, 1], [2, 3], [4]]
    assert OwnedIterator(batches)._dataset.options().autotune.enabled is None


def test_training_without_the_autotuner_gives_the_same_weights(monkeypatch):
    without = trained()
    monkeypatch.setattr(data.Dataset, "__iter__", lambda self: OwnedIterator(self))
    for a, b in zip(trained(), without, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_class_is_changed_once():
    before = data.Dataset.__iter__
    with runtime.quiet():
        pass
    assert data.Dataset.__iter__ is before


def test_without_tensorflow_nothing_is_imported_or_changed():
    code = (
        "import sys; from utils import runtime\n"
        "with runtime.quiet(): pass\n"
        "assert 'tensorflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_an_exception_leaves_the_block_and_the_messages_come_back(capfd):
    with pytest.raises(ZeroDivisionError), runtime.quiet():
        os.write(2, b"hidden")
        1 / 0  # noqa: B018
    os.write(2, b"seen")
    assert capfd.readouterr().err == "seen"

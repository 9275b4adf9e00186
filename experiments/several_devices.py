"""Train on two devices at once: the losses are those of one device.

    python experiments/several_devices.py

TensorFlow's `MirroredStrategy` keeps a copy of the model on every device, gives each
an equal part of the batch, and averages the gradients, so that all copies make the
same step. Then the number of devices must not matter: the same batches, of the same
total size, give the same losses. Here one CPU is cut into two *logical* devices, which
TensorFlow allows only before it has started: hence a program of its own. It prints the
losses of both runs, and how far off they would be if the gradients were added. It takes
some ten seconds.

Equal means: up to rounding. Two half sums are not rounded like one sum. One rounding
of a float32 is at most EPSILON of the number, 6e-8; a gradient adds up some hundred
products, and STEPS steps build on each other. TOLERANCE allows a hundred roundings.
The optimizer is plain SGD on purpose: it passes a rounding error on as it is. Adam
divides by the size of the gradient, so for a gradient near 0 it makes a full step in a
direction that is left to rounding.
"""

import os
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from utils import gaps, runtime

os.environ["KERAS_BACKEND"] = "tensorflow"  # also from a notebook that uses another
with runtime.quiet():
    import keras
    import tensorflow as tf
from keras import layers

DEVICES, BATCH, STEPS, RATE, GAP, SEED = 2, 64, 50, 0.5, 1, 7
SIZE = gaps.SYMBOLS + gaps.DISTRACTORS
EPSILON = np.finfo("float32").eps / 2
TOLERANCE = 100 * EPSILON


def cut_cpu(parts: int) -> list[str]:
    """Cut the CPU into logical devices and return their names.

    Raises:
        RuntimeError: If TensorFlow has already started.
    """
    (cpu,) = tf.config.list_physical_devices("CPU")
    one = tf.config.LogicalDeviceConfiguration()
    tf.config.set_logical_device_configuration(cpu, [one] * parts)
    return [device.name for device in tf.config.list_logical_devices("CPU")]


def losses(devices: list[str], rate: float = RATE) -> list[float]:
    """Train a simple RNN on the controlled-gap task; return the loss of every step.

    Args:
        devices: The names of the devices.
        rate: Of SGD.
    """
    x, y = gaps.symbols(BATCH * STEPS, GAP, np.random.default_rng(SEED))
    data = tf.data.Dataset.from_tensor_slices((x, y)).batch(BATCH)
    strategy = tf.distribute.MirroredStrategy(devices)
    keras.utils.set_random_seed(SEED)
    with strategy.scope():  # variables made here live on every device
        model = keras.Sequential(
            [
                layers.Embedding(SIZE, SIZE, embeddings_initializer="identity"),
                layers.SimpleRNN(32),
                layers.Dense(gaps.SYMBOLS),
            ]
        )
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.SGD(rate), loss, jit_compile=False)
    found = []

    class Note(keras.callbacks.Callback):
        """Notes the loss of each step: Keras reports the mean since the last reset."""

        def on_train_batch_begin(self, step, logs=None):
            self.model.reset_metrics()

        def on_train_batch_end(self, step, logs=None):
            found.append(logs["loss"])

    model.fit(data, epochs=1, shuffle=False, verbose=0, callbacks=[Note()])
    return found


def main() -> None:
    names = cut_cpu(DEVICES)
    one = np.array(losses(names[:1]))
    two = np.array(losses(names))
    added = np.array(losses(names, DEVICES * RATE))  # gradients added, not averaged
    print(f"{'step':>4}  {'1 device':>10}  {'2 devices':>10}  {'difference':>10}")
    for step in (0, 9, 24, STEPS - 1):
        a, b = one[step], two[step]
        print(f"{step + 1:4}  {a:10.6f}  {b:10.6f}  {b - a:10.1e}")
    equal, wrong = abs(two / one - 1).max(), abs(added / one - 1).max()
    print(f"largest relative difference: {equal:.1e} (allowed: {TOLERANCE:.1e})")
    print(f"if gradients were added, not averaged: {wrong:.1e}")
    assert len(names) == DEVICES and len(one) == len(two) == STEPS
    assert one[-1] < 0.9 * one[0], "the network learns something"
    assert equal < TOLERANCE < wrong / 100, (equal, TOLERANCE, wrong)


if __name__ == "__main__":
    main()

"""Notebook 06: what it says of cuDNN is Keras's decision; its experiments' tools."""

import ast
import os
from importlib import import_module
from itertools import product
from types import ModuleType
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from notebook_cells import NOTEBOOKS, ROOT, code_cells, load, tags
from recurrent_cases import VERSIONS, functions, read_results, with_bug

from utils import runtime

with runtime.quiet():
    import keras
    import tensorflow as tf
with mock.patch.dict(os.environ):  # the scripts set variables, the tests do not
    from experiments import repeat_notebook, side_by_side, speed

NOTEBOOK = load("06")
# Beside the module there is a function of the same name, which mock finds in 3.10.
KERAS_RNN = import_module("keras.src.backend.tensorflow.rnn")
LAYERS = {"LSTM": keras.layers.LSTM, "GRU": keras.layers.GRU}


@pytest.fixture(scope="module")
def notebook():
    module = ModuleType("notebook_06")
    names = ("slow_reasons", "epochs_to", "in_turn", "count_weights")
    signs = {"text": -1, "films": 1}
    with runtime.quiet():
        vars(module).update(functions(NOTEBOOK, *names, keras=keras, SIGN=signs))
    return module


@pytest.fixture
def keras_fuses():
    """A function that says if Keras calls the fused kernel of a GPU for a layer.

    Keras is told that there is a GPU. The kernel only notes that it was called, and
    that it does not exist here; then Keras goes on with its loop.
    """

    def fuses(layer, mask=None):
        with (
            mock.patch.object(KERAS_RNN, "_is_gpu_available", return_value=True),
            mock.patch.object(tf.raw_ops, "CudnnRNNV3") as kernel,
        ):
            kernel.side_effect = tf.errors.NotFoundError(None, None, "no kernel")
            steps = 3 if mask is None else mask.shape[1]
            batch = 2 if mask is None else len(mask)
            layer(np.ones((batch, steps, 1), "float32"), mask=mask, training=True)
        return kernel.called

    return fuses


OPTIONS = {
    "activation": ["tanh", "relu"],
    "recurrent_activation": ["sigmoid", "hard_sigmoid"],
    "use_bias": [True, False],
    "unroll": [False, True],
    "recurrent_dropout": [0.0, 0.2],
    "use_cudnn": ["auto", False],
}
COMBINATIONS = [
    (name, dict(zip(options, values, strict=True)))
    for name, options in {
        "LSTM": OPTIONS,
        "GRU": OPTIONS | {"reset_after": [True, False]},
    }.items()
    for values in product(*options.values())
]


def disagreements(slow_reasons, fuses, cases):
    """The cases in which the function and Keras do not say the same."""
    wrong = []
    for name, options, mask in cases:
        layer = LAYERS[name](1, **options)
        if fuses(layer, mask) == bool(slow_reasons(layer, mask)):
            wrong.append((name, options, mask))
    return wrong


def test_slow_reasons_equal_the_decision_of_keras(notebook, keras_fuses):
    """All combinations of the arguments: 64 of the LSTM, 128 of the GRU."""
    cases = [(*case, None) for case in COMBINATIONS]
    assert len(cases) == 192
    assert not disagreements(notebook.slow_reasons, keras_fuses, cases)


@pytest.mark.parametrize(
    "options",
    [
        {"dropout": 0.2},
        {"go_backwards": True},
        {"return_sequences": True, "stateful": False},
        {"activation": "linear"},
        {"activation": None},
        {"recurrent_activation": "tanh"},
        {"unit_forget_bias": False},
    ],
    ids=str,
)
def test_other_arguments(notebook, keras_fuses, options):
    assert not disagreements(
        notebook.slow_reasons, keras_fuses, [("LSTM", options, None)]
    )


def test_slow_reasons_name_the_argument(notebook):
    """Each reason is the name of an argument that differs from the default."""
    for name, options in COMBINATIONS:
        default = LAYERS[name](1).get_config()
        changed = [
            key for key, value in options.items() if value != default.get(key, "auto")
        ]
        assert sorted(notebook.slow_reasons(LAYERS[name](1, **options))) == sorted(
            changed
        )


@pytest.mark.parametrize("name", LAYERS)
def test_slow_reasons_of_every_mask(notebook, keras_fuses, name):
    """All masks of two rows of three steps."""
    masks = [np.array(m).reshape(2, 3) for m in product([True, False], repeat=6)]
    cases = [(name, {}, mask) for mask in masks]
    assert not disagreements(notebook.slow_reasons, keras_fuses, cases)
    fused = [m for m in masks if not notebook.slow_reasons(LAYERS[name](1), m)]
    assert len(fused) == 3 * 3, "1, 2 or 3 real steps in each row"


def test_simple_rnn_has_no_fused_kernel(notebook, keras_fuses):
    layer = keras.layers.SimpleRNN(1)
    assert not keras_fuses(layer) and notebook.slow_reasons(layer)


SLOW_BUGS = {
    "dropout counts": ("layer.recurrent_dropout > 0", "layer.dropout > 0"),
    "the bias is forgotten": ("not layer.use_bias", "False"),
    "unroll is forgotten": ("layer.unroll", "False"),
    "reset_after the wrong way": ("not getattr(", "getattr("),
    "padding at the end is refused": (
        "~mask[:, :-1] & mask[:, 1:]",
        "mask[:, :-1] & ~mask[:, 1:]",
    ),
    "an empty row is fine": ("not mask.any(axis=1).all()", "False"),
    "no row may have padding": ("mask.any(axis=1).all()", "mask.all()"),
}


@pytest.mark.parametrize("bug", SLOW_BUGS)
def test_comparison_with_keras_exposes(keras_fuses, bug):
    slow_reasons = with_bug(NOTEBOOK, "slow_reasons", *SLOW_BUGS[bug])
    slow_reasons.__globals__["keras"] = keras
    cases = [
        ("LSTM", {"dropout": 0.2}, None),
        ("LSTM", {"use_bias": False}, None),
        ("LSTM", {"unroll": True}, None),
        ("GRU", {"reset_after": False}, None),
        ("LSTM", {}, np.array([[True, True], [True, False]])),
        ("LSTM", {}, np.array([[True, True], [False, False]])),
    ]
    assert disagreements(slow_reasons, keras_fuses, cases)


@pytest.mark.parametrize("units", [1, 7])
@pytest.mark.parametrize("features", [1, 5])
def test_count_weights(notebook, units, features):
    one = units * (units + features + 1)
    cells = {"SimpleRNN": one, "LSTM": 4 * one, "GRU": 3 * (one + units)}
    for name, count in cells.items():
        cell = getattr(keras.layers, name)
        assert notebook.count_weights(cell, units, features) == count


@pytest.mark.parametrize(
    ("task", "scores", "target", "epoch"),
    [
        ("films", [0.5, 0.7, 0.9], 0.7, 2),  # equal counts
        ("films", [0.9, 0.5, 0.9], 0.8, 1),  # the first time
        ("films", [0.5, 0.6, 0.6], 0.7, None),
        ("text", [2.0, 1.5, 1.2], 1.5, 2),  # lower is better
        ("text", [2.0, 1.9, 1.2], 1.5, 3),
        ("text", [2.0, 1.9, 1.8], 1.5, None),
    ],
)
def test_epochs_to(notebook, task, scores, target, epoch):
    run = pd.DataFrame({"epoch": [1, 2, 3], "score": scores}, index=[7, 4, 9])
    found = notebook.epochs_to(run, task, target)
    assert np.isnan(found) if epoch is None else found == epoch


def test_in_turn(notebook):
    """All take turns; the first round does not count; the median does."""
    order = []
    times = {"a": iter([500, 3, 1, 90]), "b": iter([0, 8, 8, 7])}

    def take(name):
        order.append(name)
        return next(times[name])

    runs = {name: (lambda name=name: take(name)) for name in "ab"}
    found = notebook.in_turn(runs, rounds=4)
    assert found.to_dict() == {"a": 3, "b": 8}
    assert "".join(order) == "abababab"


REPLACED = 'UNITS = (1, "\\\\1")  # new'


def test_replace_line_replaces_one_line():
    source = "x = UNITS\nUNITS = 5\nOTHER_UNITS = 6\n    UNITS = 7\nUNITS == 5\n"
    wanted = source.replace("\nUNITS = 5\n", f"\n{REPLACED}\n")
    assert repeat_notebook.replace_line(source, REPLACED) == wanted
    assert repeat_notebook.replace_line("UNITS = 1", REPLACED) == REPLACED


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("", 0),
        ("units = 5\nMY_UNITS = 5\nUNITS=5\nUNITS += 1", 0),
        ("UNITS = 5\nx = 1\nUNITS = 6", 2),
    ],
)
def test_replace_line_wants_exactly_one(source, count):
    with pytest.raises(ValueError, match=rf"one line 'UNITS = …' .*: {count}$"):
        repeat_notebook.replace_line(source, REPLACED)


def experiment_source(path):
    """The cells that experiments/repeat_notebook.py runs, as one text."""
    cells = code_cells(load(path))
    left_out = repeat_notebook.LEFT_OUT
    return "\n\n".join(c.source for c in cells if not left_out & set(tags(c)))


@pytest.mark.parametrize("stem", repeat_notebook.MORE)
def test_more_settings_fit_the_notebook(stem):
    """Each line replaces a whole statement and keeps the settings that are shown."""
    path = ROOT / "notebooks" / f"{stem}.ipynb"
    if path not in NOTEBOOKS:
        pytest.skip(f"{path.name} has not been written yet")
    source = experiment_source(path)
    for line in ["SEED = 1", *repeat_notebook.MORE[stem]]:
        changed = repeat_notebook.replace_line(source, line)
        old, new = (
            {
                ast.unparse(node.targets[0]): node.value
                for node in ast.parse(text).body
                if isinstance(node, ast.Assign)
            }
            for text in (source, changed)
        )
        name = line.partition(" = ")[0]
        assert ast.unparse(new[name]) == ast.unparse(ast.parse(line).body[0].value)
        shown, measured = (ast.literal_eval(names[name]) for names in (old, new))
        if isinstance(shown, int) and name != "SEED":
            assert shown < measured, f"{name}: more than what is shown"
        elif name != "SEED":
            assert set(shown) <= set(measured), f"{name}: the shown ones too"
            assert len(set(measured)) == len(measured), f"{name}: a setting twice"


IDS = [[[3, 4, 5], [6] * 70, [7]], [[8, 9], [2] * 65]]  # training, validation


def test_defaults_pad_in_front_to_the_longest():
    x, settings = speed.defaults(IDS)
    assert [part.shape for part in x] == [(3, 70), (2, 70)]
    assert x[0][0].tolist() == [0] * 67 + [3, 4, 5]
    assert x[1][0].tolist() == [0] * 68 + [8, 9]
    assert x[0][1].tolist() == [6] * 70 and x[1][1].tolist() == [0] * 5 + [2] * 65
    assert settings == {"batch": 32, "rate": 1e-3, "xla": "auto"}


def test_course_pads_at_the_end_to_60():
    x, settings = speed.course(IDS)
    assert [part.shape for part in x] == [(3, 60), (2, 60)]
    assert x[0][0].tolist() == [3, 4, 5] + [0] * 57
    assert x[1][0].tolist() == [8, 9] + [0] * 58
    assert x[0][1].tolist() == [6] * 60 and x[1][1].tolist() == [2] * 60
    xla = settings.pop("xla")
    assert settings == {"batch": 64, "rate": 2e-3}
    assert xla == runtime.jit(small_cell=True)


@pytest.mark.parametrize(
    ("backend", "devices", "small", "large"),
    [
        ("tensorflow", 0, True, False),
        ("tensorflow", 1, False, False),
        ("jax", 0, True, True),  # JAX without XLA runs operation by operation
        ("jax", 1, True, True),
        ("torch", 0, False, False),
    ],
)
def test_xla_by_backend_device_and_size(monkeypatch, backend, devices, small, large):
    monkeypatch.setattr(keras.backend, "backend", lambda: backend)
    monkeypatch.setattr(runtime, "gpus", lambda: devices)
    assert runtime.jit(small_cell=True) == small
    assert runtime.jit() == large


@pytest.mark.parametrize(
    ("backend", "limit"), [("tensorflow", 1e-12), ("jax", 1e-5), ("torch", 1e-5)]
)
def test_float64_counts_where_keras_has_it(monkeypatch, backend, limit):
    monkeypatch.setattr(keras.backend, "backend", lambda: backend)
    assert runtime.float64_limit() == limit


@pytest.mark.parametrize(("backend", "steps"), [("tensorflow", 20), ("torch", 1)])
def test_steps_per_call(monkeypatch, backend, steps):
    monkeypatch.setattr(keras.backend, "backend", lambda: backend)
    assert runtime.steps_per_call(20) == steps


def test_counting_accuracy():
    good, bad = ["good", "film"], ["bad", "film"]
    tokens = [[good, bad] * 5, [good, bad, bad, ["unknown"]]]
    labels = [np.array([1, 0] * 5), np.array([1, 0, 0, 1])]
    assert speed.counting_accuracy(tokens, labels) >= 0.75
    labels[1] = 1 - labels[1]
    assert speed.counting_accuracy(tokens, labels) <= 0.25


@pytest.mark.parametrize(
    ("target", "finite", "updates"), [(0.0, True, 2), (1.1, False, 16)]
)
def test_train_until_the_target(monkeypatch, target, finite, updates):
    """Scores come eight times per epoch; without a target, all epochs are run."""
    monkeypatch.setattr(speed, "MAX_EPOCHS", 1)
    rng = np.random.default_rng(1)
    x = [rng.integers(1, 9, (count, 4)) for count in (64, 6)]
    labels = [rng.integers(0, 2, len(part)) for part in x]
    settings = dict(batch=4, rate=1e-3, xla=False)
    found = speed.train(x, labels, 9, target, seed=1, **settings)
    assert set(found) == {"seconds", "updates", "accuracy"}
    assert np.isfinite(found["seconds"]) == finite and found["seconds"] > 0
    assert found["updates"] == updates and 0 <= found["accuracy"] <= 1


def test_side_by_side_has_every_run_once():
    columns = "task rate cell seed units epoch score seconds".split()
    table = read_results("side_by_side.csv", columns + VERSIONS)
    runs = table.groupby(["task", "cell", "rate"])["seed"]
    assert len(runs) == len(side_by_side.RUNS)
    for seeds in (set(group) for _, group in runs):
        assert seeds == set(side_by_side.SEEDS)
    assert not table.duplicated(["task", "cell", "rate", "seed", "epoch"]).any()
    for _, run in table.groupby(["task", "cell", "rate", "seed"]):
        assert run["epoch"].is_monotonic_increasing
        assert run["seconds"].is_monotonic_increasing
    films = table["task"] == "film reviews"
    assert table["score"][films].between(0, 1).all()


def test_speed_has_every_run_once_and_reached_the_target():
    columns = "longest seed way target steps batch rate seconds updates accuracy"
    table = read_results("speed.csv", columns.split() + VERSIONS)
    found = sorted(map(tuple, table[["longest", "seed", "way"]].to_numpy().tolist()))
    wanted = product(speed.LONGEST, speed.SEEDS, speed.WAYS)
    assert found == sorted(map(tuple, wanted))
    assert (table["accuracy"] >= table["target"]).all()
    assert (table["steps"] <= table["longest"]).all()
    assert (table.groupby("longest")["target"].nunique() == 1).all()


@pytest.mark.parametrize("name", ["07_bidirectional", "08_embeddings"])
def test_repeated_notebooks_have_every_quantity_for_every_seed(name):
    table = pd.read_csv(ROOT / "data" / "results" / f"{name}.csv")
    wide = table.pivot(index="seed", columns="quantity", values="value")
    assert sorted(wide.index) == [1, 2, 3, 4, 5]
    assert wide.notna().all(axis=None) and np.isfinite(wide).all(axis=None)
    shares = wide[[c for c in wide if "accuracy" in c or "F1" in c]]
    assert ((shares > 0) & (shares < 1)).all(axis=None)
    trained = shares[[c for c in shares if "baseline" not in c and "TF-IDF" not in c]]
    assert (trained.nunique() > 1).all(), "the same number for every seed"

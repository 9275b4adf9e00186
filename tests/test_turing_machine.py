"""Notebook 13's neural Turing machine: equal to its equations, and its results."""

import ast
import copy

import numpy as np
import pytest
from hypothesis import given
from notebook_cells import ROOT, code_cells, load
from recurrent_cases import (
    SEEDS,
    VERSIONS,
    few_examples,
    functions,
    read_results,
    with_bug,
)
from scipy.special import expit, softmax

from experiments import turing_machine
from utils import runtime

with runtime.quiet():
    import keras

PATHS = sorted((ROOT / "notebooks").glob("13_*.ipynb"))
if not PATHS or "TuringCell" not in PATHS[0].read_text(encoding="utf-8"):
    pytest.skip("notebook 13 has no Turing machine yet", allow_module_level=True)
NOTEBOOK = load(PATHS[0])
VALUES = dict(EPSILON=1e-6, BITS=8, softmax=softmax, sigmoid=expit, keras=keras)
BY_HAND = (
    "content_weights interpolate shift_weights sharpen address read write in_range "
    "machine_by_hand"
).split()


@pytest.fixture(scope="module")
def book():
    """What the experiment takes from the notebook, and the NumPy functions."""
    found = turing_machine.functions(NOTEBOOK)
    return found | functions(NOTEBOOK, *BY_HAND, **VALUES)


def broken(name: str, old: str, new: str) -> dict:
    """The experiment's functions, one piece of the notebook's source replaced."""
    notebook = copy.deepcopy(NOTEBOOK)
    (cell,) = (
        c
        for c in code_cells(notebook)
        if f"def {name}(" in c.source or f"class {name}(" in c.source
    )
    source = ast.unparse(ast.parse(cell.source))
    assert source.count(old) == 1, f"expected once in {name}: {old}"
    cell.source = source.replace(old, new)
    return turing_machine.functions(notebook)


# --- The task ---------------------------------------------------------------


@few_examples
@given(SEEDS)
def test_copy_batch(book, seed):
    rng = np.random.default_rng(seed)
    longest = int(rng.integers(1, 9))
    shortest = int(rng.integers(1, longest + 1))
    x, y, asked = book["copy_batch"](5, longest, rng, shortest)
    assert x.shape == (5, 2 * longest + 1, 9) and y.shape == (5, 2 * longest + 1, 8)
    for row, target, steps in zip(x, y, asked, strict=True):
        (mark,) = np.flatnonzero(row[:, 8])  # exactly one, so it is also n
        assert shortest <= mark <= longest
        assert np.flatnonzero(steps).tolist() == list(range(mark + 1, 2 * mark + 1))
        assert np.array_equal(target[steps], row[:mark, :8])
        assert not row[mark:, :8].any() and not target[~steps].any()
        assert set(np.unique(row)) <= {0, 1}


def test_copy_batch_has_all_lengths_and_fair_bits(book):
    x, _, asked = book["copy_batch"](3000, 6, np.random.default_rng(0))
    lengths = asked.sum(axis=1)
    assert sorted(set(lengths)) == [1, 2, 3, 4, 5, 6]
    assert np.bincount(lengths)[1:].min() > 400
    assert abs(x[..., :8].sum() / (8 * lengths.sum()) - 0.5) < 0.01


def test_bits_wrong_counts_only_the_steps_that_are_asked(book):
    class Always:
        """Says the same of every bit; right or wrong where it is not asked."""

        def __init__(self, sign):
            self.sign = sign

        def predict_on_batch(self, x):
            return np.full((*x.shape[:2], 8), self.sign, "float32")

    totals = []
    for sign in (-1.0, 1.0):
        rng = np.random.default_rng(3)
        totals.append(book["bits_wrong"](Always(sign), 7, rng, size=20))
    assert sum(totals) == pytest.approx(56)
    assert min(totals) > 20


# --- Addressing -------------------------------------------------------------


def addressing_case(seed):
    rng = np.random.default_rng(seed)
    rows, width = (int(n) for n in rng.integers(3, 8, 2))
    memory = rng.normal(size=(rows, width))
    memory[rng.integers(rows)] = 1e-6  # an empty row
    return memory, softmax(rng.normal(size=rows)), rng.normal(size=width + 6) * 2


def by_loops(memory, w_prev, key, strength, gate, s, gamma):
    """The four steps from their equations, one number at a time."""
    rows, scores = len(memory), []
    strength, gate, gamma = (np.asarray(v).item() for v in (strength, gate, gamma))
    for row in memory:
        dot = sum(a * b for a, b in zip(row, key, strict=True))
        sizes = sum(a * a for a in row) * sum(b * b for b in key)
        scores.append(np.exp(strength * dot / (sizes + 1e-6) ** 0.5))
    content = [score / sum(scores) for score in scores]
    mixed = [gate * content[i] + (1 - gate) * w_prev[i] for i in range(rows)]
    moved = [
        sum(s[j + 1] * mixed[(i - j) % rows] for j in (-1, 0, 1)) for i in range(rows)
    ]
    powers = [w**gamma for w in moved]
    return np.array([content, mixed, moved, [p / sum(powers) for p in powers]])


def address_error(address, in_range, seeds=range(8)):
    errors = []
    for seed in seeds:
        memory, w_prev, p = addressing_case(seed)
        inputs = in_range(p, memory.shape[1])
        expected = by_loops(memory, w_prev, *inputs)
        errors.append(np.abs(address(memory, w_prev, *inputs) - expected).max())
    return max(errors)


def test_address_equals_the_equations(book):
    assert address_error(book["address"], book["in_range"]) < 1e-12


@few_examples
@given(SEEDS)
def test_ranges(book, seed):
    p = np.random.default_rng(seed).normal(size=9 + 6) * 30
    key, strength, gate, s, gamma = book["in_range"](p, 9)
    assert key.shape == (9,) and s.shape == (3,) and np.abs(key).max() <= 1
    assert strength >= 0 and gamma >= 1 and 0 <= gate <= 1
    assert s.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("shift_weights", "j - 1", "1 - j"),
        ("shift_weights", "j - 1", "j"),
        ("interpolate", "(1 - gate) * w_prev", "gate * w_prev"),
        ("interpolate", "gate * w_content", "(1 - gate) * w_content"),
        ("sharpen", "return w ** gamma", "return w * gamma"),
        ("content_weights", "np.sqrt", "np.square"),
        ("content_weights", "(key ** 2).sum()", "1"),
    ],
)
def test_the_loops_expose(book, name, old, new):
    wrong = with_bug(NOTEBOOK, name, old, new)
    wrong.__globals__.update(VALUES)
    address = functions(NOTEBOOK, "address", **VALUES)["address"]
    address.__globals__[name] = wrong
    assert address_error(address, book["in_range"]) > 1e-3


def keras_error(keras_address, book, seeds=range(6)):
    errors = []
    for seed in seeds:
        memory, w_prev, p = addressing_case(seed)
        width = memory.shape[1]
        expected = book["address"](memory, w_prev, *book["in_range"](p, width))[-1]
        # A batch of two: the first is another case with the same sizes.
        batch = [np.stack([part[::-1], part]) for part in (memory, w_prev, p)]
        found = keras.ops.convert_to_numpy(keras_address(*batch, width))
        errors.append(np.abs(found[1] - expected).max())
    return max(errors)


def test_keras_address_equals_numpy(book):
    assert keras_error(book["keras_address"], book) <= 1e-6


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("j - 1", "1 - j"),
        ("axis=1) for j in range(3)", "axis=0) for j in range(3)"),
        ("(1 - gate) * w", "gate * w"),
        ("ops.softplus(strength)", "strength"),
        ("(1 + ops.softplus(gamma))", "ops.softplus(gamma)"),
        ("ops.softmax(s)", "ops.sigmoid(s)"),
        ("ops.tanh(key)", "key"),
    ],
)
def test_numpy_exposes_in_keras(book, old, new):
    wrong = broken("keras_address", old, new)["keras_address"]
    assert keras_error(wrong, book) > 1e-4


# --- The whole machine ------------------------------------------------------


def machine_error(make_machine, book, seeds=(0, 1)):
    errors = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        rows, width, units, steps = (int(n) for n in rng.integers(3, 7, 4))
        models = make_machine(rows, width, units, "float64")
        weights = [rng.normal(size=w.shape) for w in models[0].get_weights()]
        models[0].set_weights(weights)
        x = rng.integers(0, 2, (2, steps, 9)).astype("float64")
        for i in range(2):
            parts = book["machine_by_hand"](x[i], weights, rows)
            for model, part in zip(models, parts, strict=True):
                errors.append(np.abs(model(x)[i] - part).max())
    return max(errors)


def test_keras_machine_equals_numpy(book):
    assert machine_error(book["make_machine"], book) <= 1e-6


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("use_heads", "memory * (1 - w * erase[:, None])", "memory"),
        ("use_heads", "ops.sigmoid(erase)", "erase"),
        ("use_heads", "ops.sum(w_read[..., None] * memory", "ops.sum(memory"),
        ("TuringCell", "self.heads(h)", "self.heads(ops.tanh(h))"),
        ("make_machine", "out[..., cut:]", "out[..., cut - 1:-1]"),
    ],
)
def test_numpy_exposes_in_the_machine(book, name, old, new):
    assert machine_error(broken(name, old, new)["make_machine"], book, [0]) > 1e-4


def test_parameters_do_not_depend_on_rows(book):
    small, large = (book["make_machine"](rows)[0] for rows in (5, 50))
    assert [w.shape for w in small.weights] == [w.shape for w in large.weights]
    units, width, bits = 100, 16, 8
    assert small.count_params() == (
        units * (bits + 1 + width + 1)
        + (4 * width + 12) * (units + 1)
        + bits * (units + width + 1)
    )


def test_training_lowers_the_loss(book, monkeypatch):
    monkeypatch.setattr(runtime, "jit", lambda small_cell=False: False)
    keras.utils.set_random_seed(1)
    model = book["make_machine"](6, 6, 24)[0]
    book["prepare"](model, 1e-2)
    losses = book["practise"](model, 300, 2, np.random.default_rng(1))
    assert len(losses) == 3 and np.isfinite(losses).all()
    assert losses[-1] < 0.9 * losses[0] and losses[0] < 0.75


# --- Results ----------------------------------------------------------------

COLUMNS = "model seed length bits wrong loss updates longest weights seconds".split()


def test_results():
    table = read_results("turing_machine.csv", COLUMNS + VERSIONS)
    assert set(table["model"]) == set(turing_machine.MODELS)
    assert set(table["length"]) == set(turing_machine.LENGTHS)
    assert set(table["seed"]) == set(turing_machine.SEEDS)
    keys = ["model", "seed", "length"]
    assert not table.duplicated(keys).any()
    assert len(table) == np.prod([table[key].nunique() for key in keys])
    assert (table["bits"] == 8 * table["length"]).all()
    assert table["wrong"].between(0, table["bits"]).all()
    assert (table["updates"] == turing_machine.UPDATES).all()
    assert (table["longest"] == turing_machine.LONGEST).all()
    assert table["length"].max() >= 5 * turing_machine.LONGEST
    weights = table.groupby("model")["weights"].first()
    assert 1 <= weights["LSTM(48)"] / weights["Turing machine"] < 1.05


def test_weights_are_small_plain_and_of_the_measured_runs(book):
    path = ROOT / "data" / "results" / "turing_machine.npz"
    assert path.stat().st_size <= 1_000_000
    table = read_results("turing_machine.csv", COLUMNS + VERSIONS)
    with np.load(path, allow_pickle=False) as file:
        kept = {key: file[key] for key in file.files}
    for model, name in turing_machine.KEEP.items():
        runs = table[table["model"] == model].groupby("seed")["loss"].first()
        assert runs[int(kept[f"{name}_seed"])] == runs.min()
    built = {"machine": book["make_machine"](25)[0], "lstm": book["make_lstm"](48)}
    for name, model in built.items():
        arrays = [kept[f"{name}_{i}"] for i in range(len(model.weights))]
        assert all(a.dtype == "float32" and np.isfinite(a).all() for a in arrays)
        model.set_weights(arrays)
        (label,) = (m for m, n in turing_machine.KEEP.items() if n == name)
        run = table[(table["model"] == label) & (table["length"] == 10)]
        (wrong,) = run["wrong"][run["seed"] == int(kept[f"{name}_seed"])]
        found = book["bits_wrong"](model, 10, np.random.default_rng(5), size=30)
        assert abs(found - wrong) <= 2 + 0.25 * wrong

"""Notebook 13: attention, scans, minimal layers, PyTorch's weights, and the results."""

import importlib.util
import os
import re
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebook_cells import code_cells, definitions, load, tags
from recurrent_cases import (
    SEEDS,
    SIZES,
    VERSIONS,
    few_examples,
    functions,
    read_results,
    with_bug,
)
from scipy.special import expit, softmax

from experiments import after_recurrence
from utils import runtime
from utils.seeds import interval

with runtime.quiet():
    import keras
    from keras import ops

NOTEBOOK = load("13")
CLASSES = ("AddPositions", "MinGRU", "MinLSTM")
PARTS = (
    "loop scan minimal block attend block_model gru_model rate_at compile_for_text "
    "who_is_first reorder to_torch to_keras in_keras in_torch run parity mistakes"
).split()


@pytest.fixture(scope="module")
def book():
    """Functions and classes of the notebook, together."""
    return definitions(NOTEBOOK, *PARTS, *CLASSES, keras=keras, runtime=runtime)


@pytest.fixture(scope="module")
def numpy_part():
    names = "attention project multi_head causal_mask influence attention_gap"
    return functions(NOTEBOOK, *names.split(), keras=keras)


def array(tensor):
    return ops.convert_to_numpy(tensor)


# --- Attention ----------------------------------------------------------------


def attention_by_loops(q, k, v, mask):
    out = np.zeros((len(q), v.shape[1]))
    for t in range(len(q)):
        steps = [s for s in range(len(k)) if mask is None or mask[t, s]]
        weights = softmax([q[t] @ k[s] / np.sqrt(q.shape[1]) for s in steps])
        out[t] = sum(w * v[s] for w, s in zip(weights, steps, strict=True))
    return out


def attention_case(seed, n=5, d=3):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(3, n, d)), np.tril(np.ones((n, n), bool))


@few_examples
@given(st.integers(1, 6), SIZES, SEEDS)
def test_attention_equals_loops(numpy_part, n, d, seed):
    (q, k, v), causal = attention_case(seed, n, d)
    assert np.array_equal(numpy_part["causal_mask"](n), causal)
    for mask in (None, causal):
        output, weights = numpy_part["attention"](q, k, v, mask)
        np.testing.assert_allclose(output, attention_by_loops(q, k, v, mask))
        np.testing.assert_allclose(weights.sum(axis=-1), 1)


@few_examples
@given(SEEDS, st.booleans())
def test_heads_equal_keras(numpy_part, seed, causal):
    assert numpy_part["attention_gap"](seed, "float64", causal) <= 1e-6


def test_influence_sees_every_leak(numpy_part):
    x = np.random.default_rng(1).normal(size=(1, 6, 2))
    for ahead in (-1, 0, 2):  # a mean over everything up to `ahead` steps later
        weights = np.tri(6, k=ahead)
        moved = numpy_part["influence"](lambda x, w=weights: w[None] @ x, x)
        assert np.array_equal(moved > 0, weights.T > 0)


# --- Order --------------------------------------------------------------------


def test_who_is_first(book):
    x, y = book["who_is_first"](4000, 12, np.random.default_rng(1))
    assert x.shape == (4000, 12) and set(np.unique(x)) == set(range(10))
    assert ((x == 0).sum(axis=1) == 1).all() and ((x == 1).sum(axis=1) == 1).all()
    first = (x == 0).argmax(axis=1) < (x == 1).argmax(axis=1)
    assert np.array_equal(y, first) and abs(y.mean() - 0.5) < 0.04


def test_only_positions_or_a_mask_show_the_order(book):
    """Attention without both has the same mean for shuffled steps."""
    keras.utils.set_random_seed(1)
    x = np.random.default_rng(1).normal(size=(2, 7, 8)).astype("float32")
    order = np.random.default_rng(2).permutation(7)
    for positions, causal, same in [(0, 0, 1), (1, 0, 0), (0, 1, 0)]:
        inputs = keras.Input((7, 8))
        stream = book["AddPositions"]()(inputs) if positions else inputs
        if positions:  # larger than a new table, so that the effect is large
            stream = book["AddPositions"]()(inputs) * 1.0
        model = keras.Model(inputs, book["block"](stream, book["attend"](causal)))
        model.set_weights(
            [
                w + 0.3 * np.random.default_rng(3).normal(size=w.shape)
                for w in model.get_weights()
            ]
        )
        means = [array(model(part)).mean(axis=1) for part in (x, x[:, order])]
        assert (abs(means[0] - means[1]).max() < 1e-4) == bool(same)


# --- Scan and minimal layers ----------------------------------------------------


def states_by_hand(keep, new):
    h, out = np.zeros(keep[:, 0].shape), []
    for t in range(keep.shape[1]):
        h = keep[:, t] * h + new[:, t]
        out.append(h)
    return np.stack(out, axis=1)


def scan_case(seed, steps=7):
    rng = np.random.default_rng(seed)
    return rng.random((2, steps, 3)), rng.normal(size=(2, steps, 3))


@few_examples
@given(st.integers(1, 40), SEEDS)
def test_scan_and_loop_equal_the_equation(book, steps, seed):
    case = scan_case(seed, steps)
    for name in ("scan", "loop"):
        found = array(book[name](*map(ops.convert_to_tensor, case)))
        np.testing.assert_allclose(found, states_by_hand(*case), atol=1e-12)


@pytest.mark.parametrize("name", ["MinGRU", "MinLSTM"])
@few_examples
@given(SIZES, SIZES, st.integers(1, 20), SEEDS)
def test_minimal_layer_equals_its_equation(book, name, units, features, steps, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, steps, features))
    layer = book[name](units, dtype="float64")
    layer.build(x.shape)
    W, b = (rng.normal(size=w.shape) for w in layer.get_weights())
    layer.set_weights([W, b])
    *gates, candidate = np.split(x @ W + b, layer.parts, axis=-1)
    gates = [expit(gate) for gate in gates]
    if name == "MinGRU":
        keep = 1 - gates[0]  # z = 1 replaces
    else:
        keep = gates[0] / (gates[0] + gates[1])
    wanted = states_by_hand(keep, (1 - keep) * candidate)
    found = array(layer(x))
    assert found.shape == (2, steps, units) == layer.compute_output_shape(x.shape)
    np.testing.assert_allclose(found, wanted, atol=1e-12)


# --- Models -------------------------------------------------------------------


def looks_ahead(model, length=16, V=11):
    """True if a logit moves when only later ids change."""
    ids = np.random.default_rng(1).integers(0, V, (1, length))
    changed = ids.copy()
    changed[0, 9:] = (ids[0, 9:] + 1) % V
    before, after = (array(model(x))[0] for x in (ids, changed))
    assert abs(before - after)[9:].max() > 1e-4
    return abs(before - after)[:9].max() > 1e-5


def test_models_do_not_look_ahead_and_a_missing_mask_is_seen(book):
    keras.utils.set_random_seed(1)
    mixes = {
        "attention": book["attend"](True),
        "minGRU": book["minimal"](book["MinGRU"], 5),
        "minLSTM": book["minimal"](book["MinLSTM"], 5),
    }
    for name, mix in mixes.items():
        model = book["block_model"](11, mix, name == "attention", 8, 16)
        assert not looks_ahead(model), name
    assert not looks_ahead(book["gru_model"](11, 8))
    assert looks_ahead(book["block_model"](11, book["attend"](False), True, 8, 16))


def test_rate_goes_up_and_down(book):
    rates = [book["rate_at"](share, 2.0) for share in (0, 0.025, 0.05, 0.525, 1)]
    np.testing.assert_allclose(rates, [0, 1, 2, 1, 0])


# --- PyTorch ------------------------------------------------------------------

HAS_TORCH = importlib.util.find_spec("torch") is not None
needs_torch = pytest.mark.skipif(
    not HAS_TORCH and os.environ.get("COURSE_TORCH") != "1",
    reason="PyTorch is an optional extra: pip install torch",
)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_weights_there_and_back(book, kind):
    rng = np.random.default_rng(1)
    weights = [rng.normal(size=w.shape) for w in book_model(book, kind).get_weights()]
    again = book["to_keras"](kind, book["to_torch"](kind, weights))
    assert all(map(np.array_equal, weights, again))


def book_model(book, kind):
    book["KERAS"] = {
        "RNN": keras.layers.SimpleRNN,
        "LSTM": keras.layers.LSTM,
        "GRU": keras.layers.GRU,
    }
    return book["in_keras"](kind, 4, 3, 2)


@needs_torch
@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_outputs_equal_those_of_pytorch_both_ways(book, kind):
    import torch  # with COURSE_TORCH=1 a missing PyTorch is an error

    book["torch"] = torch
    book_model(book, kind)
    for seed in range(3):
        assert max(book["parity"](kind, seed)) <= 1e-6


@needs_torch
def test_mistakes_are_seen(book):
    import torch

    book["torch"], book["SEED"] = torch, 7
    book_model(book, "GRU")
    keras.utils.set_random_seed(7)
    assert min(book["mistakes"](7).values()) > 1e-4


def run_torch_cells(capsys):
    """Run the section's cells alone; return what they print."""
    names = definitions(NOTEBOOK, keras=keras, runtime=runtime)
    names["SEED"] = 7
    for cell in code_cells(NOTEBOOK):
        if "torch" in tags(cell):
            exec(compile(cell.source, "<section 6>", "exec"), names)
    return capsys.readouterr().out


class NoTorch:
    """A finder that hides PyTorch."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ImportError(name)


def test_section_runs_without_pytorch(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.setattr(sys, "meta_path", [NoTorch, *sys.meta_path])
    lines = run_torch_cells(capsys).splitlines()
    hints = [line for line in lines if line.endswith("pip install torch")]
    assert len(hints) == 4, lines  # one line for each cell that needs it
    assert lines[-1] == "forget gate of a new LSTM: Keras 0.73"


@needs_torch
def test_section_runs_with_pytorch(capsys):
    printed = run_torch_cells(capsys)
    assert "pip install" not in printed and "Keras → PyTorch" in printed


# --- Can these comparisons fail? ----------------------------------------------

# Name: (function, old text, new text)
BUGS = {
    "no root": ("attention", "np.sqrt(q.shape[-1])", "q.shape[-1]"),
    "no division": ("attention", " / np.sqrt(q.shape[-1])", ""),
    "wrong axis": ("attention", "axis=-1", "axis=-2"),
    "mask the other way": ("attention", "np.where(mask,", "np.where(~mask,"),
    "keep joined first": (
        "scan",
        "new = new + keep * ops.pad(new[:, :-reach], back)\n"
        "        keep = keep * ops.pad(keep[:, :-reach], back)",
        "keep = keep * ops.pad(keep[:, :-reach], back)\n"
        "        new = new + keep * ops.pad(new[:, :-reach], back)",
    ),
    "one round too few": ("scan", "reach < keep.shape[1]", "2 * reach < keep.shape[1]"),
    "z and r stay": ("reorder", "[second, first, third]", "[first, second, third]"),
    "candidate first": ("reorder", "[second, first, third]", "[third, first, second]"),
    "no transposition": ("to_keras", "arrays['out.weight'].T", "arrays['out.weight']"),
}


def bug_shows(name, function):
    """True if a comparison with the reference differs or fails."""
    if name == "attention":
        (q, k, v), mask = attention_case(1)
        with np.errstate(all="ignore"):
            ours = function(q, k, v, mask)[0]
        return not np.allclose(ours, attention_by_loops(q, k, v, mask))
    if name == "scan":
        case = scan_case(1)
        ours = array(function(*map(ops.convert_to_tensor, case)))
        return not np.allclose(ours, states_by_hand(*case))
    if name == "reorder":
        return not np.array_equal(function("GRU", np.arange(6)), [2, 3, 0, 1, 4, 5])
    shapes = dict(zip("ih hh".split(), [(9, 4), (9, 3)], strict=True))
    arrays = {f"rnn.weight_{part}_l0": np.zeros(s) for part, s in shapes.items()}
    arrays |= {f"rnn.bias_{part}_l0": np.zeros(9) for part in shapes}
    arrays |= {"out.weight": np.arange(6.0).reshape(2, 3), "out.bias": np.zeros(2)}
    return function("GRU", arrays)[3].shape != (3, 2)


@pytest.mark.parametrize("name", sorted({function for function, *_ in BUGS.values()}))
def test_case_of_the_bugs_passes_without_a_bug(name):
    assert not bug_shows(name, functions(NOTEBOOK, name)[name])


@pytest.mark.parametrize("bug", BUGS)
def test_comparison_exposes(bug):
    name, old, new = BUGS[bug]
    assert bug_shows(name, with_bug(NOTEBOOK, name, old, new))


# --- The map --------------------------------------------------------------------


def test_every_claim_on_the_map_stands_in_its_notebook():
    text = "\n".join(c.source for c in NOTEBOOK.cells if c.cell_type == "markdown")
    rows = [r for r in text[text.index("## 7 · A map") :].splitlines() if "|" in r]
    found = 0
    for row in rows:
        assert row.startswith("|")
        for claim, number in re.findall(r"(C\d\d) \(\[(\d\d)\]", row):
            cells = load(number).cells
            assert any(f"### Claim {claim}: " in cell.source for cell in cells), row
            found += 1
        for claim in re.findall(r"(C4\d)", row):
            assert f"### Claim {claim}: " in text, row
    measured = [row for row in rows if "measured, " in row or "literature: " in row]
    assert found >= 5 and len(measured) >= 12


# --- Results --------------------------------------------------------------------


def test_the_rate_is_chosen_from_complete_trials(tmp_path, monkeypatch):
    monkeypatch.setattr("experiments.results.RESULTS", tmp_path)
    rows = [(0.1, 0, 3.0), (0.2, 0, 2.0), (0.4, 0, 2.1), (0.2, 101, 9.0)]
    rows += [(0.2, 102, 9.0), (0.4, 101, 2.3), (0.4, 102, 2.2), (0.1, 101, 1.0)]
    table = pd.DataFrame(rows, columns=["rate", "seed", "bits"])
    table = table.assign(part="slice", model="A")
    other = pd.DataFrame([(0.8, 0, 0.1, "valid", "A"), (0.8, 0, 0.1, "slice", "B")])
    table = pd.concat([table, other.set_axis(table.columns, axis=1)])
    table.to_csv(tmp_path / "x.csv", index=False)
    by_score = after_recurrence.rates_by_score
    assert by_score("x.csv", "A", (0,)) == [0.2, 0.4, 0.1]
    assert by_score("x.csv", "A", (0, 101, 102)) == [0.4, 0.2]
    assert by_score("x.csv", "C", (0,)) == by_score("missing.csv", "A", (0,)) == []


def test_race():
    columns = "part model rate seed share weights updates seconds bits".split()
    table = read_results("after_recurrence_text.csv", columns + VERSIONS)
    trials = table[table["part"] == "slice"]
    runs = table[table["part"] == "valid"]
    assert trials[trials["seed"] == 0].groupby("model")["rate"].nunique().eq(4).all()
    for model, own in trials.groupby("model"):  # the slice chose the rates
        first = own[own["seed"] == 0].set_index("rate")["bits"]
        three = own.groupby("rate").filter(lambda rows: len(rows) == 3)
        assert set(three["rate"]) == set(first.nsmallest(2).index)
        best = three.groupby("rate")["bits"].mean().idxmin()
        assert set(runs.loc[runs["model"] == model, "rate"]) == {best}
    assert runs.groupby("model")["seed"].nunique().eq(5).all()
    assert runs.groupby(["model", "seed"])["share"].nunique().eq(6).all()
    assert not runs.duplicated(["model", "seed", "share"]).any()
    assert runs["weights"].max() < 1.05 * runs["weights"].min()
    assert (abs(runs["seconds"] / runs["share"] - 45) < 3).all()
    last = runs[runs["share"] == 1].pivot(index="seed", columns="model", values="bits")
    assert last["Transformer"].min() > last["GRU"].max() + 0.3  # C40
    second = table.query("part == 'other rate' and share == 1")
    assert list(second["seed"]) == [1, 2, 3, 4, 5] and second["rate"].nunique() == 1
    for level in ("minGRU", "minLSTM"):  # C44
        mean, half = interval(last[level] - last["GRU"])
        assert abs(mean) < half
        mean, half = interval(last[level] - second.set_index("seed")["bits"])
        assert mean - half > 0
    mean, half = interval(last["minGRU, one layer"] - last["GRU"])
    assert mean - half > 0


def test_order():
    table = read_results(
        "after_recurrence_order.csv", ["variant", "seed", "accuracy"] + VERSIONS
    )
    scores = table.groupby("variant")["accuracy"]
    assert scores.count().eq(5).all()
    assert abs(scores.mean()["no positions, no mask"] - 0.5) < 0.03
    for variant in ("positions, no mask", "no positions, causal mask"):
        assert scores.min()[variant] > 0.99


def test_gaps():
    columns = "layer gap seed updates accuracy solved seconds units batch learning_rate"
    table = read_results("after_recurrence_gaps.csv", columns.split() + VERSIONS)
    assert not table.duplicated(["layer", "gap", "seed"]).any()
    assert table.groupby(["layer", "gap"])["seed"].nunique().eq(5).all()
    assert ((table["accuracy"] >= 0.99) == (table["solved"] == 1)).all()
    assert table["updates"].max() <= 1000
    solved = table.pivot_table(
        index="layer", columns="gap", values="solved", aggfunc="sum"
    )
    for layer in ("minGRU, chrono", "minLSTM, chrono"):
        assert (solved.loc[layer] == 5).all() and solved.loc[layer].count() == 5
    assert (solved.loc[["minGRU", "minLSTM"], [10, 20, 50]] == [5, 1, 0]).all(axis=None)


def test_speed():
    columns = "layer batch length repeat milliseconds".split()
    table = read_results("after_recurrence_speed.csv", columns + VERSIONS)
    assert not table.duplicated(["layer", "batch", "length", "repeat"]).any()
    assert table.groupby(["layer", "batch", "length"])["repeat"].nunique().eq(5).all()
    median = table.groupby(["batch", "length", "layer"])["milliseconds"].median()
    for cell in ("minGRU", "minLSTM"):
        for length in (64, 256, 1024):
            loop, scan = (median[4, length, f"{cell}, {w}"] for w in ("loop", "scan"))
            assert loop > 2 * scan  # C43
        assert median[32, 1024, f"{cell}, scan"] > median[32, 1024, f"{cell}, loop"]

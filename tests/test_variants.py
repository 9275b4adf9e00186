"""Notebook 12: its cells equal their equations; its tasks and results hold."""

import csv
import os
from types import ModuleType
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebook_cells import ROOT, definitions, load
from recurrent_cases import (
    SEEDS,
    SIZES,
    VERSIONS,
    few_examples,
    read_results,
    with_bug,
)

from utils import runtime

with runtime.quiet():
    import keras
from keras import layers, ops

with mock.patch.dict(os.environ):  # the scripts set variables, the tests do not
    from experiments import translation, variants

NOTEBOOK = load("12")
STEPS = (
    "rnn_step lstm_step gru_step mgu_step peephole_step mrnn_step mlstm_step".split()
)
NAMES = [
    *("run stacked both_ways layer_of random_layer compare forget_open".split()),
    *STEPS,
    *("Cell MGUCell PeepholeLSTMCell MultiplicativeRNNCell".split()),
    *("MultiplicativeLSTMCell QRNN Tree linear_scan pooled qrnn convolve".split()),
    *("conv_lstm films rhythms value_of written parse tree_vector levels".split()),
    *("random_expression depth_of recurrent character_models".split()),
]
OPERATORS = {"MAX": max, "MED": lambda *v: sorted(v)[1], "MIN": min}
TOKENS = ["<pad>", *"0123456789", *OPERATORS]


@pytest.fixture(scope="module")
def notebook():
    module = ModuleType("notebook_12")
    names = definitions(
        NOTEBOOK, *NAMES, keras=keras, tested={}, OPERATORS=OPERATORS, TOKENS=TOKENS
    )
    vars(module).update(names)
    return module


def logistic(a):
    return 1 / (1 + np.exp(-a))


# --- Each cell equals a plain reference: one unit at a time, by the equations ------


def blocks_of(weights, count):
    """The blocks of W, U and b: `count` triples (W, U, b)."""
    W, U, b = (np.split(w, count, axis=-1) for w in weights[:3])
    return list(zip(W, U, b, strict=True))


def affine(x, h, block):
    """The sum before an activation, by loops."""
    W, U, b = block
    return np.array(
        [
            b[j]
            + sum(x[k] * W[k, j] for k in range(len(x)))
            + sum(h[k] * U[k, j] for k in range(len(h)))
            for j in range(len(b))
        ]
    )


def reference(kind, x, weights):
    """All states of one sequence, (timesteps, units)."""
    m = len(weights[1])
    h, c, states = np.zeros(m), np.zeros(m), []
    for x_t in x:
        if kind == "mgu":
            f_block, (W, U, b) = blocks_of(weights, 2)
            f = logistic(affine(x_t, h, f_block))
            h = (1 - f) * h + f * np.tanh(affine(x_t, f * h, (W, U, b)))
        elif kind == "mrnn":
            inner = (x_t @ weights[3]) * (h @ weights[4])
            h = np.tanh(affine(x_t, inner, weights[:3]))
        else:
            source = h
            if kind == "mlstm":
                source = (x_t @ weights[3]) * (h @ weights[4])
            i, f, g, o = (affine(x_t, source, b) for b in blocks_of(weights, 4))
            p = weights[3] if kind == "peephole" else np.zeros((3, m))
            new = logistic(f + p[1] * c) * c + logistic(i + p[0] * c) * np.tanh(g)
            c, h = new, logistic(o + p[2] * new) * np.tanh(new)
        states.append(h)
    return np.array(states)


# kind: (cell, NumPy step, states it carries)
KINDS = {
    "mgu": ("MGUCell", "mgu_step", 1),
    "mrnn": ("MultiplicativeRNNCell", "mrnn_step", 1),
    "mlstm": ("MultiplicativeLSTMCell", "mlstm_step", 2),
    "peephole": ("PeepholeLSTMCell", "peephole_step", 2),
    "lstm": (None, "lstm_step", 2),
}


def weight_shapes(kind, n, m):
    blocks = {"mgu": 2, "mrnn": 1}.get(kind, 4)
    shapes = [(n, blocks * m), (m, blocks * m), (blocks * m,)]
    if kind in ("mrnn", "mlstm"):
        shapes += [(n, m), (m, m)]
    return shapes + [(3, m)] * (kind == "peephole")


def case(kind, batch, steps, n, m, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(batch, steps, n))
    return x, [rng.normal(size=shape) for shape in weight_shapes(kind, n, m)]


@pytest.mark.parametrize("kind", KINDS)
@few_examples
@given(SIZES, SIZES, SIZES, SIZES, SEEDS)
def test_numpy_step_equals_the_equations(notebook, kind, batch, steps, n, m, seed):
    x, weights = case(kind, batch, steps, n, m, seed)
    _, step, memories = KINDS[kind]
    ours = notebook.run(getattr(notebook, step), x, weights, memories)
    wanted = np.stack([reference(kind, row, weights) for row in x])
    np.testing.assert_allclose(ours, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", [k for k, (cell, *_) in KINDS.items() if cell])
@pytest.mark.parametrize("dtype, limit", [("float64", 1e-12), ("float32", 1e-6)])
@pytest.mark.parametrize("seed", [1, 2])
def test_keras_cell_equals_the_numpy_step(notebook, kind, dtype, limit, seed):
    rng = np.random.default_rng(seed)
    batch, steps, n, m = (int(k) for k in rng.integers(1, 6, 4))
    x, weights = case(kind, batch, steps, n, m, seed)
    weights = [w / 3 for w in weights]
    name, step, memories = KINDS[kind]
    layer = keras.layers.RNN(
        getattr(notebook, name)(m, dtype=dtype), return_sequences=True, dtype=dtype
    )
    layer.build(x.shape)
    layer.set_weights(weights)
    theirs = ops.convert_to_numpy(layer(x.astype(dtype)))
    ours = notebook.run(getattr(notebook, step), x, weights, memories)
    assert abs(ours - theirs).max() <= limit
    assert layer.count_params() == sum(np.prod(s) for s in weight_shapes(kind, n, m))


def test_forget_gates_start_open(notebook):
    for name in ("PeepholeLSTMCell", "MultiplicativeLSTMCell"):
        cell = getattr(notebook, name)(2)
        cell.build((None, 3))
        start = cell.get_weights()[2]
        assert start.tolist() == [0, 0, 1, 1, 0, 0, 0, 0]


def test_compare_refuses_a_wrong_layer_and_a_wrong_formula(notebook, capsys):
    layer = lambda m: notebook.layer_of(notebook.MGUCell(m))  # noqa: E731
    right = lambda x, w: notebook.run(notebook.mgu_step, x, w)  # noqa: E731
    formula = lambda n, m: 2 * m * (n + m + 1)  # noqa: E731
    notebook.compare("unit", layer, right, formula)
    assert notebook.tested["unit"] <= 1e-12 and "unit" in capsys.readouterr().out
    for ours, count in [
        (lambda x, w: right(x, w) + 2e-6, formula),
        (right, lambda n, m: 2 * m * (n + m) + m),
    ]:
        with pytest.raises(AssertionError):
            notebook.compare("unit", layer, ours, count)
    assert keras.config.dtype_policy().name == "float32"


@few_examples
@given(SIZES, st.integers(1, 20), SIZES, SEEDS)
def test_scan_equals_the_loop(notebook, batch, steps, units, seed):
    rng = np.random.default_rng(seed)
    keep, add = (
        rng.random((batch, steps, units)),
        rng.normal(size=(batch, steps, units)),
    )
    found = notebook.linear_scan(*map(ops.convert_to_tensor, (keep, add)))
    c = np.zeros((batch, units))
    for t in range(steps):
        c = keep[:, t] * c + add[:, t]
        np.testing.assert_allclose(ops.convert_to_numpy(found)[:, t], c, atol=1e-6)
    np.testing.assert_allclose(notebook.pooled(keep, add)[:, -1], c, atol=1e-12)


@few_examples
@given(SIZES, SIZES, SIZES, SIZES, st.integers(1, 3), SEEDS)
def test_qrnn(notebook, batch, steps, n, m, width, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(batch, steps, n))
    layer = notebook.QRNN(m, width, dtype="float64")
    layer.gates = layers.Conv1D(3 * m, width, padding="causal", dtype="float64")
    layer.build(x.shape)
    weights = [rng.normal(size=w.shape) for w in layer.weights]
    layer.set_weights(weights)
    theirs = ops.convert_to_numpy(layer(ops.convert_to_tensor(x)))
    assert abs(notebook.qrnn(x, *weights) - theirs).max() <= 1e-6
    assert layer.count_params() == 3 * m * (width * n + 1)
    changed = x.copy()
    changed[:, -1] += 1
    assert np.array_equal(
        notebook.qrnn(changed, *weights)[:, :-1], notebook.qrnn(x, *weights)[:, :-1]
    )


@few_examples
@given(SIZES, SIZES, SIZES, SIZES, SEEDS)
def test_convolution(notebook, rows, columns, n, m, seed):
    rng = np.random.default_rng(seed)
    x, W = rng.normal(size=(2, rows, columns, n)), rng.normal(size=(3, 3, n, m))
    wanted = np.zeros((2, rows, columns, m))
    for r in range(rows):
        for k in range(columns):
            for i in (-1, 0, 1):
                for j in (-1, 0, 1):
                    if 0 <= r + i < rows and 0 <= k + j < columns:
                        wanted[:, r, k] += x[:, r + i, k + j] @ W[i + 1, j + 1]
    np.testing.assert_allclose(notebook.convolve(x, W), wanted, atol=1e-12)


# --- Bad input ----------------------------------------------------------------------


def test_bad_shapes_are_refused(notebook):
    x, weights = case("mgu", 2, 3, 4, 2, seed=1)
    with pytest.raises(ValueError, match=r"x: expected shape \(any, any, 4\)"):
        notebook.run(notebook.mgu_step, x[..., :3], weights)
    with pytest.raises(ValueError, match=r"U: expected shape \(any, 4\)"):
        notebook.run(notebook.mgu_step, x, [weights[0], weights[1][:, :3], weights[2]])
    with pytest.raises(ValueError, match=r"x: expected shape \(any, any, 5\)"):
        notebook.qrnn(x, np.zeros((2, 5, 6)), np.zeros(6))
    with pytest.raises(ValueError, match=r"x: .*, got \(2, 3, 4\)"):
        notebook.conv_lstm(x, *(np.zeros((3, 3, 4, 8)),) * 2, np.zeros(8))
    with pytest.raises(ValueError, match=r"U: expected shape \(6, 2\)"):
        notebook.tree_vector(3, np.zeros((14, 2)), np.zeros((4, 2)))
    with pytest.raises(ValueError, match=r"add: expected shape"):
        notebook.linear_scan(np.zeros((1, 4, 2)), np.zeros((1, 3, 2)))
    for units in (0, -1, 2.0, "4"):
        with pytest.raises(ValueError, match="units: expected 1, 2, …, got"):
            notebook.MGUCell(units)


def test_scan_asks_for_a_fixed_length(notebook):
    with pytest.raises(ValueError, match="fixed number of timesteps"):
        notebook.linear_scan(*[keras.Input((None, 2)) for _ in range(2)])


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "got no tokens"),
        ("[MAX 1 2 3", r"token 0: the '\]' of \[MAX is missing"),
        ("[MAX 1 [MIN 1 2 3 4 ]", "token 2: .* needs 3 arguments"),
        ("[MAX 1 [MIN 1 2 3 ] 4", r"the '\]' of \[MAX is missing"),
        ("[MAX 1 2 ]", "needs 3 arguments"),
        ("[MAX 1 2 3 ] ]", r"token 5: '\]' after the end"),
        ("1 2", "token 1: '2' after the end"),
        ("]", r"token 0: expected a digit or one of .* got '\]'"),
        ("[SUM 1 2 3 ]", r"got '\[SUM'"),
        ("[MAX 1 12 3 ]", "token 2: .* got '12'"),
    ],
)
def test_parser_refuses(notebook, text, message):
    with pytest.raises(ValueError, match=message):
        notebook.parse(text.split())


def test_other_bad_input(notebook):
    rng = np.random.default_rng(1)
    with pytest.raises(ValueError, match="deeper than depth=1"):
        notebook.levels(("MAX", 1, ("MIN", 1, 2, 3), 4), 1)
    with pytest.raises(ValueError, match="size ≥ 5 and frames ≥ 2, got 4 and 3"):
        notebook.films(1, 3, rng, size=4)
    with pytest.raises(ValueError, match="expected QRNN or one of RNN"):
        notebook.recurrent("stacked cell", 3)


# --- The tasks ----------------------------------------------------------------------


@few_examples
@given(st.integers(1, 4), SEEDS)
def test_expressions(notebook, depth, seed):
    rng = np.random.default_rng(seed)
    expression = notebook.random_expression(depth, rng)
    tokens = notebook.written(expression)
    assert notebook.parse(tokens) == expression
    assert 1 <= notebook.depth_of(expression) <= depth
    # an independent value: Python evaluates the text
    names = {"MAX": max, "MIN": min, "MED": lambda *v: int(np.median(v))}
    assert notebook.value_of(expression) == eval(call_of(tokens), names)
    ids = notebook.levels(expression, depth)
    assert len(ids) == (3 ** (depth + 1) - 1) // 2
    used = [TOKENS[i] for i in ids if i]
    assert sorted(used) == sorted(t.strip("[") for t in tokens if t != "]")


def call_of(tokens):
    """The tokens as Python: [MAX 1 2 3 ] becomes MAX(1,2,3,)."""
    text = "".join(
        f"{t[1:]}(" if t[0] == "[" else ")," if t == "]" else f"{t}," for t in tokens
    )
    return text.rstrip(",")


@few_examples
@given(st.integers(1, 3), SIZES, SEEDS)
def test_tree_equals_the_recursion(notebook, depth, m, seed):
    rng = np.random.default_rng(seed)
    some = [notebook.random_expression(depth, rng) for _ in range(4)]
    tree = notebook.Tree(m, len(TOKENS), dtype="float64")
    ids = np.array([notebook.levels(e, depth) for e in some])
    tree.build(ids.shape)
    weights = [rng.normal(size=w.shape) for w in tree.weights]
    tree.set_weights(weights)
    wanted = np.stack([notebook.tree_vector(e, *weights) for e in some])
    np.testing.assert_allclose(ops.convert_to_numpy(tree(ids)), wanted, atol=1e-9)
    assert tree.count_params() == len(TOKENS) * m + 3 * m * m


@few_examples
@given(st.integers(5, 12), SEEDS)
def test_films(notebook, size, seed):
    film = notebook.films(6, 15, np.random.default_rng(seed), size, shapes=1)[..., 0]
    assert film.shape == (6, 15, size, size) and set(np.unique(film)) == {0, 1}
    assert (film.sum(axis=(2, 3)) == 9).all(), "always one whole square"
    corner = np.stack([film.any(axis=a).argmax(axis=2) for a in (3, 2)], axis=-1)
    moved = np.diff(corner, axis=1)
    assert (abs(moved) <= 1).all() and (moved != 0).any(axis=(1, 2)).all()
    # it goes straight on, or turns at a wall
    turned = moved[:, 1:] != moved[:, :-1]
    at_wall = (corner[:, 1:-1] == 0) | (corner[:, 1:-1] == size - 3)
    assert (~turned | at_wall).all()


@few_examples
@given(SEEDS)
def test_rhythms(notebook, seed):
    x, y, known = notebook.rhythms(20, np.random.default_rng(seed))
    assert x.shape == y.shape == (20, 80, 1) and known.shape == (20, 80)
    assert np.array_equal(x[:, 1:], y[:, :-1]), "the target is the next input"
    for row, is_known in zip(x[..., 0], known, strict=True):
        places = np.flatnonzero(row)
        assert len(set(np.diff(places))) == 1 and 6 <= np.diff(places)[0] <= 20
        assert is_known.argmax() == places[1], "known from the second pulse on"
        assert is_known[places[1] :].all()


# --- Can these comparisons fail? ------------------------------------------------------

ADDED, NO_H = "return rnn_step(x, x @ W_m +", "return rnn_step(x, x @ W_m"
READS_H = "return lstm_step(x, h"
BUGS = {
    "mgu keeps what it should replace": (
        "mgu_step",
        "(1 - f) * h + f *",
        "f * h + (1 - f) *",
    ),
    "mgu without reset": ("mgu_step", "f * h @ U_h", "h @ U_h"),
    "mgu resets before f is known": ("mgu_step", "x @ W_f + h @ U_f", "x @ W_f"),
    "output gate sees the old cell": ("peephole_step", "o + p[2] * c", "o + p[2] * h"),
    "peepholes of i and f exchanged": ("peephole_step", "i + p[0] * c", "i + p[1] * c"),
    "no peephole at f": ("peephole_step", "f + p[1] * c", "f"),
    "m is added": ("mrnn_step", "return rnn_step(x, x @ W_m *", ADDED),
    "m without the state": (
        "mrnn_step",
        "return rnn_step(x, x @ W_m * (h @ U_m)",
        NO_H,
    ),
    "mlstm reads h": ("mlstm_step", "return lstm_step(x, x @ W_m * (h @ U_m)", READS_H),
}


@pytest.mark.parametrize("bug", BUGS)
def test_comparison_exposes(notebook, bug):
    name, old, new = BUGS[bug]
    kind = name.removesuffix("_step")
    broken = with_bug(NOTEBOOK, name, old, new)
    x, weights = case(kind, 3, 5, 4, 3, seed=1)
    wanted = np.stack([reference(kind, row, weights) for row in x])
    found = notebook.run(broken, x, weights, KINDS[kind][2])
    assert abs(found - wanted).max() > 1e-3


# --- The experiment and its results ---------------------------------------------------


def test_experiment_takes_the_cells_of_the_notebook(notebook):
    book = translation.functions(variants.NOTEBOOK)
    models = book["character_models"]("stacked QRNN", 3, 65, (4, 8))
    assert [m.output_shape for m in models] == [(None, 4, 65), (None, 8, 65)]
    assert models[0].layers[0] is models[1].layers[0], "one network, two lengths"


def test_best_rate_is_never_one_that_diverged(tmp_path, monkeypatch):
    rows = [
        dict(model=name, rate=rate, seed=seed, text=text, bits=bits)
        for name, rate, seed, text, bits in [
            ("A", 0.003, 0, "slice", 3.0),
            ("A", 0.003, 0, "slice", 2.5),
            ("A", 0.01, 0, "slice", 2.4),
            ("B", 0.003, 0, "slice", 3.0),
            ("B", 0.01, 0, "slice", 2.0),
            ("B", 0.01, 2, "diverged", 6.0),
            ("B", 0.01, 3, "valid", 1.0),
        ]
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "variants.csv", index=False)
    monkeypatch.setattr(variants, "RESULTS", tmp_path)
    monkeypatch.setattr(variants, "UNITS", {"A": (1, 1), "B": (1, 1)})
    assert variants.best_rates() == {"A": 0.01, "B": 0.003}


TEXT = "model units weights rate seed updates seconds text bits".split()
GAPS = "model units weights gap seed updates accuracy solved".split()


def test_results_on_the_text():
    table = read_results("variants.csv", TEXT + VERSIONS)
    assert set(table["model"]) == set(variants.UNITS)
    assert set(table["rate"]) == set(variants.RATES)
    assert table["bits"].between(1.5, 6.1).all() or (table["text"] == "diverged").any()
    bad = table[table["text"] == "diverged"][["model", "rate"]].drop_duplicates()
    bad = set(bad.itertuples(index=False, name=None))
    for name, rows in table[table["text"] == "valid"].groupby("model"):
        runs = rows[[(name, r) not in bad for r in rows["rate"]]]
        assert sorted(runs["seed"]) == list(variants.SEEDS), name
        assert runs["rate"].nunique() == 1, "one rate for all seeds"
        assert (runs["seconds"] >= variants.BUDGET).all()
        assert (runs["seconds"] <= variants.BUDGET + 1).all()
        assert runs["units"].eq(variants.UNITS[name][0]).all()
    weights = table.groupby("model")["weights"].first()
    small = [name for name in weights.index if "(" in name]
    ratio = weights.drop(small) / weights["LSTM"]
    assert ratio.between(0.95, 1.05).all() and len(small) == 1


def test_results_on_the_gaps():
    table = read_results("variants_gaps.csv", GAPS + VERSIONS)
    runs = table.groupby(["model", "gap"])["seed"].apply(sorted)
    assert all(seeds == list(variants.SEEDS) for seeds in runs)
    assert set(table["model"]) == set(variants.UNITS)
    assert ((table["accuracy"] >= variants.SOLVED) == (table["solved"] == 1)).all()
    assert (table["solved"].eq(1) | table["updates"].eq(variants.UPDATES)).all()
    weights = table.groupby("model")["weights"].first()
    ratio = weights.drop([n for n in weights.index if "(" in n]) / weights["LSTM"]
    assert ratio.between(0.95, 1.05).all()


def test_repeated_notebook_has_every_quantity_for_every_seed():
    path = ROOT / "data" / "results" / "12_variants.csv"
    if not path.exists():
        pytest.skip("12_variants.csv has not been measured yet")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    by_seed = {}
    for row in rows:
        by_seed.setdefault(row["seed"], {})[row["quantity"]] = float(row["value"])
    first, *others = by_seed.values()
    assert len(by_seed) >= 5 and all(set(o) == set(first) for o in others)
    for found in by_seed.values():
        assert np.isfinite(list(found.values())).all()
        shares = [v for k, v in found.items() if "(share)" in k or "(accuracy)" in k]
        assert len(shares) == 6 and all(0 <= v <= 1 for v in shares)

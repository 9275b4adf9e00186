"""Notebook 10: the sampler in its limits, the carried state, copies, Python code."""

import ast
import io
import sysconfig
import tokenize
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from notebook_cells import ROOT, load
from recurrent_cases import SEEDS, SIZES, VERSIONS, functions, read_results, with_bug
from scipy import stats
from scipy.special import log_softmax

from utils import runtime
from utils.language import NGramIds
from utils.ngram import KneserNey
from utils.text import Vocabulary

with runtime.quiet():
    import keras

NOTEBOOK = load("10")
CONSTANTS = dict(
    BASE=np.uint64(6_364_136_223_846_793_005),
    LAYOUT={
        "NEWLINE": "<newline>",
        "INDENT": "<indent>",
        "DEDENT": "<dedent>",
        "STRING": "<string>",
    },
    IGNORED={"ENCODING", "COMMENT", "NL", "ENDMARKER"},
    SHOWN={"<name>": "name", "<string>": '""', "<number>": "0"},
    LONGEST=120,
    io=io,
    ast=ast,
    tokenize=tokenize,
)
GRAMS = NGramIds(np.random.default_rng(9).integers(0, 7, 300), order=3, at_least=2)
NAMES = (
    "choices draw lstm_step window_numbers copied repeated tokens_of source_of parses "
    "gram_rows function_end cut sliding counted_log_p wilson lstm_reader counter_reader"
).split()
many = settings(max_examples=60, deadline=None, derandomize=True)
LOGITS = arrays(
    float,
    st.tuples(st.integers(1, 4), st.integers(1, 9)),
    elements=st.one_of(
        st.floats(-40, 40), st.integers(-2, 2), st.just(-np.inf), st.just(1e300)
    ),
).filter(lambda rows: np.isfinite(rows.max(axis=1)).all())
SETTING = st.fixed_dictionaries(
    {},
    optional=dict(
        temperature=st.sampled_from([0, 1e-300, 0.1, 0.7, 1.0, 3.0, 1e300, np.inf]),
        k=st.integers(1, 12),
        p=st.sampled_from([1e-9, 0.3, 0.5, 0.9, 1.0]),
    ),
)


@pytest.fixture(scope="module")
def notebook():
    module = ModuleType("notebook_10")
    vars(module).update(functions(NOTEBOOK, *NAMES, **CONSTANTS, grams=GRAMS))
    return module


# --- The sampler ------------------------------------------------------------


@many
@given(LOGITS, SETTING)
@example(np.array([[-np.inf, 0.0, -np.inf]]), {"temperature": np.inf})
@example(np.array([[1e300, -1e300, 1e300]]), {"temperature": 0.1})
def test_every_setting_gives_a_distribution(notebook, logits, setting):
    with np.errstate(all="raise", under="ignore"):
        log_p = notebook.choices(logits, **setting)
    assert log_p.shape == logits.shape and not np.isnan(log_p).any()
    np.testing.assert_allclose(np.exp(log_p).sum(axis=1), 1, atol=1e-9)
    assert np.isneginf(log_p[np.isneginf(logits)]).all(), "impossible stays impossible"
    best = np.take_along_axis(log_p, logits.argmax(axis=1)[:, None], axis=1)
    assert (best[:, 0] >= log_p.max(axis=1) - 1e-12).all(), "the best stays the best"


@many
@given(LOGITS)
def test_temperature_one_is_softmax(notebook, logits):
    np.testing.assert_allclose(
        np.exp(notebook.choices(logits)),
        np.exp(log_softmax(logits, axis=1)),
        atol=1e-12,
    )


@many
@given(LOGITS)
def test_limits_of_the_temperature(notebook, logits):
    best = logits == logits.max(axis=1, keepdims=True)
    cold = np.exp(notebook.choices(logits, 0))
    np.testing.assert_allclose(cold, best / best.sum(axis=1, keepdims=True))
    possible = np.isfinite(logits)
    hot = np.exp(notebook.choices(logits, np.inf))
    np.testing.assert_allclose(hot, possible / possible.sum(axis=1, keepdims=True))


@many
@given(
    arrays(int, (3, 6), elements=st.integers(-4, 4)),
    st.sampled_from([1e-3, 1e-30, 1e-300]),
)
def test_a_small_temperature_is_near_zero_and_a_large_one_near_infinity(
    notebook, logits, small
):
    for near, limit in ((small, 0), (1 / small * 10, np.inf)):
        ours, wanted = (np.exp(notebook.choices(logits, t)) for t in (near, limit))
        np.testing.assert_allclose(ours, wanted, atol=1e-3)


@many
@given(
    arrays(int, (3, 7), elements=st.integers(-60, 60)),
    SETTING,
    st.integers(-100, 100),
)
def test_a_shift_of_the_logits_changes_nothing(notebook, eighths, setting, shift):
    logits = eighths / 8  # these sums have no rounding
    ours, moved = (notebook.choices(x, **setting) for x in (logits, logits + shift))
    np.testing.assert_array_equal(ours, moved)


@many
@given(LOGITS, st.integers(1, 12))
def test_top_k_keeps_exactly_k_and_ties_go_to_lower_ids(notebook, logits, k):
    kept = np.isfinite(notebook.choices(logits, k=k))
    for row, possible in zip(kept, notebook.choices(logits), strict=True):
        ranked = sorted(range(len(possible)), key=lambda i: (-possible[i], i))
        wanted = {i for i in ranked[:k] if np.isfinite(possible[i])}
        assert set(np.flatnonzero(row)) == wanted


@many
@given(
    arrays(float, (2, 6), elements=st.floats(-3, 3)),
    st.sampled_from([0.05, 0.2, 0.5, 0.75, 0.9, 0.999, 1.0]),
)
def test_top_p_keeps_the_smallest_set_that_reaches_p(notebook, logits, p):
    p_all = np.exp(log_softmax(logits, axis=1))
    for kept, row in zip(
        np.isfinite(notebook.choices(logits, p=p)), p_all, strict=True
    ):
        assert row[kept].sum() >= p - 1e-9
        assert row[kept].sum() - row[kept].min() < p + 1e-9 or kept.sum() == 1
        assert row[kept].min() >= row[~kept].max(initial=0) - 1e-12


@pytest.mark.parametrize(
    ("p", "kept"), [(0.5, 1), (0.500001, 2), (0.8, 2), (0.80001, 3), (1.0, 4)]
)
def test_top_p_at_its_borders(notebook, p, kept):
    log_p = notebook.choices(np.log([[0.05, 0.5, 0.15, 0.3]]), p=p)
    assert np.isfinite(log_p).sum() == kept


def test_equal_logits(notebook):
    flat = np.full((1, 8), 3.3)
    assert (
        np.isfinite(notebook.choices(flat, k=3))[0].tolist() == [True] * 3 + [False] * 5
    )
    assert np.isfinite(notebook.choices(flat, p=0.5)).sum() == 4
    np.testing.assert_allclose(np.exp(notebook.choices(flat, 0)), 1 / 8)


@pytest.mark.parametrize(
    ("logits", "setting", "message"),
    [
        ([[-np.inf, -np.inf]], {}, "finite largest logit"),
        ([[0, np.nan]], {}, "finite largest logit"),
        ([[0, np.inf]], {}, "finite largest logit"),
        ([[0, 1]], dict(temperature=-1), "temperature ≥ 0, got -1"),
        ([[0, 1]], dict(temperature=np.nan), "temperature ≥ 0, got nan"),
        ([[0, 1]], dict(k=0), "top_k ≥ 1, got 0"),
        ([[0, 1]], dict(p=0), "0 < top_p ≤ 1, got 0"),
        ([[0, 1]], dict(p=1.2), "0 < top_p ≤ 1, got 1.2"),
    ],
)
def test_bad_settings_are_refused(notebook, logits, setting, message):
    with pytest.raises(ValueError, match=message):
        notebook.choices(np.array(logits, float), **setting)


def test_draws_follow_the_distribution(notebook):
    rng = np.random.default_rng(3)
    for setting in ({}, dict(temperature=0.5), dict(k=3), dict(p=0.8)):
        log_p = notebook.choices(np.array([[2.0, 0.3, 1.0, -np.inf, 1.5]]), **setting)
        drawn = notebook.draw(np.repeat(log_p, 40_000, axis=0), rng)
        counts, p = np.bincount(drawn, minlength=5), np.exp(log_p[0])
        assert (counts[p == 0] == 0).all(), "never an impossible token"
        assert stats.chisquare(counts[p > 0], 40_000 * p[p > 0]).pvalue > 1e-4, setting


def test_rows_are_drawn_independently(notebook):
    log_p = np.log(np.full((2, 2), 0.5))
    rng = np.random.default_rng(5)
    pairs = np.array([notebook.draw(log_p, rng) for _ in range(2000)])
    table = np.histogram2d(*pairs.T, bins=2)[0]
    assert stats.chi2_contingency(table).pvalue > 1e-4


FAULTS = [
    ("scaled", "gap / temperature", "gap * temperature"),
    ("scaled", "z[gap == 0] = 0", "z[gap == 1] = 0"),
    ("scaled", "z[np.isneginf(gap)] = -np.inf", "z = z"),
    ("scaled", "gap = logits - best", "gap = logits"),
    ("top_k", "rank < k", "rank <= k"),
    ("top_k", "rank < k", "log_p >= np.sort(log_p)[:, [-min(k, log_p.shape[1])]]"),
    ("top_p", "keep[:, 0] = True", "keep[:, 0] = keep[:, 0]"),
    ("top_p", "sorted_p.cumsum(axis=1) - sorted_p", "sorted_p.cumsum(axis=1)"),
    ("top_p", "- 1e-12", "+ 1e-12"),
]


def properties_hold(choices) -> bool:
    """The hand-made cases that every planted fault must break."""
    inf = np.inf
    table = [
        ([0, np.log(3)], dict(temperature=0.5), [0.1, 0.9]),
        ([2, 2, 1], dict(temperature=0), [0.5, 0.5, 0]),
        ([0, -inf, 5], dict(temperature=inf), [0.5, 0, 0.5]),
        ([1e4, 1e4], {}, [0.5, 0.5]),
        ([1e4, 1e4 - 2e3], dict(temperature=1e-300), [1, 0]),
        ([0, 0, 0, 0], dict(k=2), [0.5, 0.5, 0, 0]),
        (np.log([0.5, 0.3, 0.2]), dict(p=0.8), [0.625, 0.375, 0]),
        (np.log([0.5, 0.3, 0.2]), dict(p=0.6), [0.625, 0.375, 0]),
        (np.log([0.5, 0.3, 0.2]), dict(p=1e-13), [1, 0, 0]),
    ]
    with np.errstate(all="ignore"):
        for logits, setting, wanted in table:
            found = np.exp(choices(np.array([logits], float), **setting)[0])
            if not np.allclose(found, wanted, atol=1e-6):
                return False
    return True


def test_the_notebook_passes_the_table(notebook):
    assert properties_hold(notebook.choices)


@pytest.mark.parametrize(("name", "old", "new"), FAULTS)
def test_planted_faults_of_the_sampler_are_found(name, old, new):
    space = functions(NOTEBOOK, "choices")
    space[name] = with_bug(NOTEBOOK, name, old, new)
    choices = space["choices"]
    choices.__globals__[name] = space[name]
    assert not properties_hold(choices)


# --- The carried state ------------------------------------------------------


@settings(max_examples=8, deadline=None, derandomize=True)
@given(SIZES, st.integers(2, 6), SIZES, SIZES, SEEDS)
def test_steps_equal_keras(notebook, rows, steps, features, units, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, steps, features))
    layer = keras.layers.LSTM(
        units,
        return_sequences=True,
        dtype="float64",
        bias_initializer=keras.initializers.RandomNormal(seed=seed % 1000),
    )
    theirs = keras.ops.convert_to_numpy(layer(x))
    h, c = 0, 0
    for t in range(steps):
        h, c = notebook.lstm_step(x[:, t], h, c, *layer.get_weights())
        np.testing.assert_allclose(h, theirs[:, t], atol=1e-12)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("i, f, g, o", "f, i, g, o"),  # Python 3.10 unparses with ( )
        ("sigmoid(f) * c +", "sigmoid(f) +"),
        ("sigmoid(o) * np.tanh(c)", "sigmoid(o) * c"),
        ("h @ U if np.ndim(h) else 0", "0"),
    ],
)
def test_planted_faults_of_the_step_are_found(old, new):
    rng = np.random.default_rng(4)
    x, h, c = rng.normal(size=(3, 2, 4))
    weights = rng.normal(size=(4, 16)), rng.normal(size=(4, 16)), rng.normal(size=16)
    layer = keras.layers.LSTM(4, dtype="float64")
    layer.build((2, 1, 4))
    layer.set_weights(weights)
    wanted = keras.ops.convert_to_numpy(layer(x[:, None], initial_state=[h, c]))
    right = functions(NOTEBOOK, "lstm_step")["lstm_step"](x, h, c, *weights)[0]
    wrong = with_bug(NOTEBOOK, "lstm_step", old, new)(x, h, c, *weights)[0]
    np.testing.assert_allclose(right, wanted, atol=1e-12)
    assert abs(wrong - wanted).max() > 1e-3


def random_weights(rng, size=7, width=3, units=4):
    table = (len(GRAMS), width)
    shapes = [table, (width, 4 * units), (units, 4 * units), (4 * units,)]
    return [rng.normal(size=s) for s in [*shapes, (units, size), (size,)]]


def test_ngrams_stay_inside_their_row(notebook):
    ids = np.random.default_rng(2).integers(0, 7, (4, 6))
    wanted = [GRAMS.encode(row) for row in ids]
    np.testing.assert_array_equal(notebook.gram_rows(ids), wanted)


def test_a_carried_state_equals_reading_everything_again(notebook):
    rng = np.random.default_rng(0)
    weights, ids = random_weights(rng), rng.integers(0, 7, (3, 12))
    carried = notebook.lstm_reader(weights)
    for t in range(4, 13):
        again = notebook.lstm_reader(weights)(ids[:, :t])
        np.testing.assert_allclose(carried(ids[:, :t]), again, atol=1e-12)


def test_a_context_of_five_sees_five_tokens_only(notebook):
    rng = np.random.default_rng(1)
    weights, ids = random_weights(rng), rng.integers(0, 7, (3, 12))
    other = ids.copy()
    other[:, :7] = (other[:, :7] + 1) % 7
    reader = notebook.lstm_reader(weights, context=5)
    np.testing.assert_array_equal(reader(ids), reader(other))
    other[:, 7] = (other[:, 7] + 1) % 7
    assert (reader(ids) != reader(other)).any()


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(1, 5), SEEDS)
def test_counted_distribution_equals_the_models_own(notebook, order, seed):
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, 6, 80)
    model = KneserNey(order).fit(ids, vocabulary=range(8))  # 6 and 7 are never seen
    contexts = rng.integers(0, 8, (5, order + 2))
    ours = (
        np.exp(notebook.counter_reader(model)(contexts))
        if order > 1
        else np.exp(notebook.counted_log_p(model, contexts[:, :0]))
    )
    wanted = [model.distribution(row) for row in contexts]
    np.testing.assert_allclose(ours, wanted, atol=1e-12)


# --- Measures of text -------------------------------------------------------


@many
@given(st.text("ab", max_size=30), st.integers(1, 6))
def test_equal_windows_get_equal_numbers(notebook, text, n):
    numbers = notebook.window_numbers(text, n).tolist()
    pieces = [text[i : i + n] for i in range(len(text) - n + 1)]
    assert len(numbers) == len(pieces)
    assert len(set(numbers)) == len(set(pieces))


def test_copied_share_and_longest_run():
    rng = np.random.default_rng(2)
    train = "".join(rng.choice(list("abcdefgh"), 3000))
    space = functions(NOTEBOOK, "copied", **CONSTANTS)
    space["train"] = train
    space["in_training"] = np.unique(space["window_numbers"](train))
    text = "x" * 30 + train[500:560] + "y" * 30 + train[9:34]
    share, longest = space["copied"](text)
    windows = len(text) - 19
    assert longest == 60 and np.isclose(share, (41 + 6) / windows)
    assert space["copied"]("z" * 50) == (0, 0)


def test_repeated_word_triples(notebook):
    assert notebook.repeated("a b c a b c".split()) == pytest.approx(1 / 4)
    assert notebook.repeated("a b c d e".split()) == 0
    assert notebook.repeated(["a"] * 10) == pytest.approx(7 / 8)
    assert notebook.repeated(["a"]) == 0


@pytest.mark.parametrize(("successes", "n"), [(0, 200), (3, 7), (100, 200), (200, 200)])
def test_wilson_equals_scipy(notebook, successes, n):
    wanted = stats.binomtest(successes, n).proportion_ci(method="wilson")
    np.testing.assert_allclose(notebook.wilson(successes, n), wanted, atol=1e-4)


# --- Python code ------------------------------------------------------------


def test_tokens_and_the_sliding_window(notebook):
    tokens = notebook.tokens_of("def function(a, b): return a + b")
    pairs = notebook.sliding(tokens, 5)
    assert pairs[:2] == [
        (["def", "function", "(", "a", ","], "b"),
        (["function", "(", "a", ",", "b"], ")"),
    ]
    assert len(pairs) == len(tokens) - 5


def test_classes_of_tokens(notebook):
    source = 'x = 1 + 27  # why\nif x:\n    y = f"{x} and {x!r}" "b"\n'
    assert notebook.tokens_of(source) == [
        *["x", "=", "1", "+", "<number>", "<newline>", "if", "x", ":", "<newline>"],
        *["<indent>", "y", "=", "<string>", "<string>", "<newline>", "<dedent>"],
    ]


class Shape(ast.NodeTransformer):
    """Replace every constant by one of its class, as the tokens do."""

    def visit_JoinedStr(self, node):
        return ast.Constant("")

    def visit_Constant(self, node):
        if isinstance(node.value, str | bytes):
            return ast.Constant("")
        if isinstance(node.value, int | float | complex) and not isinstance(
            node.value, bool
        ):
            return ast.Constant(node.value if repr(node.value) in "012" else 0)
        return node


def shape_of(source: str) -> str:
    return ast.dump(Shape().visit(ast.parse(source)))


@pytest.mark.parametrize("name", ["bisect", "heapq", "queue", "shlex", "textwrap"])
def test_source_survives_the_round_trip(notebook, name):
    """The tokens keep everything but the values of strings and numbers."""
    path = Path(sysconfig.get_path("stdlib")) / f"{name}.py"
    source = path.read_text(encoding="utf-8")
    again = notebook.source_of(notebook.tokens_of(source))
    assert shape_of(again) == shape_of(source)


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("def f():\n    if a:\n        b\n    c\nd = 1\n", 4),
        ("def f(): return 1\nd = 1\n", 1),
        ("def f():\n    def g():\n        pass\n    return g\nd = 1\n", 4),
    ],
)
def test_a_function_ends_where_its_block_ends(notebook, source, lines):
    tokens = notebook.tokens_of(source)
    function = notebook.cut(tokens)
    wanted = "\n".join(source.split("\n")[:lines])
    assert ast.dump(ast.parse(notebook.source_of(function))) == ast.dump(
        ast.parse(wanted)
    )


def test_a_function_without_an_end(notebook):
    tokens = notebook.tokens_of("def f():\n    if a:\n        b\n    c\nd\n")
    end = notebook.function_end(tokens)
    assert notebook.function_end(tokens[: end - 1]) is None
    longest = ["def", "f", *["x"] * 117, "<newline>", "y"]
    assert notebook.cut(longest) == longest[:120]
    assert notebook.cut([*longest[:119], "x", "<newline>", "y"]) is None


@pytest.mark.parametrize(
    ("tokens", "right"),
    [
        ("def f ( ) : return <number> <newline>", True),
        ("def f ( ) : <newline> <indent> pass <newline> <dedent>", True),
        ("def f ( : return <number> <newline>", False),
        ("def f ( ) : <newline> pass <newline>", False),
        ("def f ( ) <indent> : pass <newline>", False),
        ("def f ( ) : <newline> <indent> x <dedent> <newline>", False),
        ("def f ( ) : <newline> <indent> x = [ y ) <newline> <dedent>", False),
    ],
)
def test_the_parser_decides(notebook, tokens, right):
    assert notebook.parses(tokens.split()) is right


# --- Results files ----------------------------------------------------------

BEST_COLUMNS = [
    *"model units weights batch length rate decay".split(),
    *("dropout of ngrams", "dropout of inputs", "dropout of outputs"),
    *"updates seconds slice network counts weight mixture float16 seed".split(),
]


def test_results_of_the_best_model():
    table = read_results("best_language_model.csv", BEST_COLUMNS + VERSIONS)
    assert table["updates"].is_monotonic_increasing
    assert table["seconds"].is_monotonic_increasing
    final = table.iloc[-1]
    assert (table["mixture"] < table[["network", "counts"]].min(axis=1)).all()
    assert final["network"] == table["network"].min(), "no overfitting at the end"
    assert abs(final["float16"] - final["network"]) < 1e-3
    assert np.isclose(final["counts"], 1.5165, atol=1e-4), "Kneser–Ney of notebook 01"


def test_weights_of_the_best_model():
    path = ROOT / "data" / "results" / "best_language_model.npz"
    assert path.stat().st_size <= 8_000_000
    stored = np.load(path, allow_pickle=False)
    count = sum(stored[n].size for n in ("embedding", "W", "U", "b", "W_out", "b_out"))
    table = read_results("best_language_model.csv", BEST_COLUMNS + VERSIONS)
    assert count == table["weights"].iloc[-1]
    known = sum(len(stored[f"grams_{n}"]) for n in (1, 2, 3))
    assert len(stored["embedding"]) == known + 1
    alphabet = Vocabulary("".join(stored["characters"]))
    assert len(alphabet) == stored["b_out"].size == 65


def test_results_of_the_first_rungs():
    columns = ["model", "weights", "seconds", "bits"]
    table = read_results("rungs.csv", columns + VERSIONS).set_index("model")
    assert np.isclose(table.loc["uniform", "bits"], np.log2(65), atol=1e-4)
    assert table.loc["unigram", "bits"] > table.loc["bigram", "bits"]
    assert (table["seconds"] > 0).all() and (table["weights"] >= 0).all()
    assert len(table) == 8


def test_results_over_seeds():
    path = ROOT / "data" / "results" / "10_generating_text_and_code.csv"
    runs = pd.read_csv(path).pivot(index="seed", columns="quantity", values="value")
    assert len(runs) >= 5 and not runs.isna().any(axis=None)
    shares = runs.filter(regex="^(parse|end|copies|copied|repeated)")
    assert shares.min(axis=None) >= 0 and shares.max(axis=None) <= 1

"""The helper that checks the students' answers."""

import numpy as np
import pytest

from utils import exercises
from utils.exercises import check


@pytest.fixture(autouse=True)
def no_remembered_cases(monkeypatch):
    monkeypatch.setattr(exercises, "_cases", {})


def accepts(result, expected) -> bool:
    """Whether a function that returns `result` passes one case."""
    return check("0.1", lambda unused: result, [([0], expected)])


EQUAL = [
    (1, 1.0),
    (np.float32(0.5), 0.5),
    (0.3 + 1e-9, 0.3),
    (np.array([1, 2]), [1, 2]),
    ([1.0, 2.0], np.array([1, 2])),
    ((1, 2), [1, 2]),
    (np.nan, np.nan),
    (-np.inf, -np.inf),
    ("abc", "abc"),
    (True, True),
    (np.bool_(False), False),
    (["a", "b"], ["a", "b"]),
    ([["a"], ["b", "c"]], [["a"], ["b", "c"]]),
    ([[1], [2, 3]], [[1], [2, 3]]),
    ([np.array([1.0]), np.array([2, 3])], [[1], [2, 3]]),
    ({"a": 1.0}, {"a": 1}),
    ([], []),
]
DIFFERENT = [
    (2, 1),
    (0.3001, 0.3),
    (0, 0.5),
    (np.zeros(2), [1, 2]),
    (np.zeros(2), [0, 1e-3]),
    ([1, 2, 3], [1, 2]),
    (np.array([[1, 2]]), [1, 2]),
    (1, [1, 1]),
    (np.ones((2, 3)), np.ones((3, 2))),
    (np.nan, 1),
    (np.array([1, np.nan]), [1, 2]),
    (np.inf, 1e9),
    (np.inf, -np.inf),
    (None, 0),
    (None, [1]),
    (None, "None"),
    ("abd", "abc"),
    (1, "1"),
    ("1", 1),
    (1, True),
    (0, False),
    ("True", True),
    (["a"], ["a", "b"]),
    (["b", "a"], ["a", "b"]),
    ("ab", ["a", "b"]),
    ([[1], [2, 4]], [[1], [2, 3]]),
    ([[1], [2]], [[1], [2, 3]]),
    ({"a": 2}, {"a": 1}),
    ({"b": 1}, {"a": 1}),
    ({"a": 1, "b": 1}, {"a": 1}),
    ([], [1]),
    (object(), 1),
]


@pytest.mark.parametrize(("result", "expected"), EQUAL, ids=str)
def test_right_results_pass(result, expected, capsys):
    assert accepts(result, expected)
    assert capsys.readouterr().out == "✓ 0.1: all 1 cases pass.\n"


@pytest.mark.parametrize(
    ("result", "expected"), DIFFERENT, ids=[str(n) for n in range(len(DIFFERENT))]
)
def test_wrong_results_fail_with_one_message(result, expected, capsys):
    assert not accepts(result, expected)
    first, called = capsys.readouterr().out.splitlines()
    assert first.startswith("✗ 0.1, case 1: ")
    assert called == "  called with: 0"


def test_messages_say_expected_and_found(capsys):
    accepts(np.zeros(3), [0.0, 0.0])
    assert "expected shape (2,), got (3,)" in capsys.readouterr().out
    accepts(2, 5)
    assert "expected 5, got 2" in capsys.readouterr().out
    accepts(None, 5)
    assert "returned None. Is a return missing?" in capsys.readouterr().out


def test_the_reason_of_a_case_is_shown(capsys):
    assert not check("0.1", lambda x: x, [([1], 1), ([2], 4, "two by two")])
    printed = capsys.readouterr().out
    assert "case 2: expected 4, got 2" in printed
    assert "  this case: two by two" in printed


def test_an_error_of_the_student_is_reported(capsys):
    assert not check("0.1", lambda x: x / 0, [([1], 1)])
    assert "your function raised ZeroDivisionError" in capsys.readouterr().out
    assert not check("0.1", lambda: 1, [([1], 1)])
    assert "your function raised TypeError" in capsys.readouterr().out


def test_a_changed_argument_does_not_reach_the_next_case():
    def spoils(values):
        total = sum(values)
        values.clear()
        return total

    shared = [1, 2]
    cases = [([shared], 3), ([shared], 3)]
    assert check("0.1", spoils, cases)
    assert check("0.1", spoils)
    assert shared == [1, 2]


def test_a_generator_starts_anew_in_each_case():
    rng = np.random.default_rng(0)
    first = np.random.default_rng(0).random()
    assert check("0.1", lambda r: r.random(), [([rng], first), ([rng], first)])


def test_expected_may_be_a_function(capsys):
    def positive(value):
        return value > 0 or f"{value} is not positive"

    assert accepts(3, positive)
    assert accepts(3, lambda value: np.bool_(value == 3))
    assert not accepts(-1, positive)
    assert "-1 is not positive" in capsys.readouterr().out
    assert not accepts(3, lambda value: False)
    assert "got 3" in capsys.readouterr().out
    assert not accepts("x", positive)
    assert "has the wrong form" in capsys.readouterr().out


def test_untouched_functions(capsys):
    def student(x): ...

    def with_docstring(x):
        """What to do."""
        ...

    assert not check("0.1", student, [([1], 1)])
    assert not check("0.1", with_docstring, [([1], 1)])
    assert capsys.readouterr().out == "· 0.1: not attempted yet.\n" * 2


def test_cases_are_remembered_per_exercise():
    assert check("0.1", lambda x: x, [([1], 1)])
    assert check("0.2", lambda x: -x, [([1], -1)])
    assert check("0.1", lambda x: x)
    assert not check("0.2", lambda x: x)


def test_no_cases_yet():
    with pytest.raises(ValueError, match="Run the check cell of exercise 0.7 first"):
        check("0.7", lambda: 1)


def test_long_values_are_cut(capsys):
    accepts("a" * 1000, "b")
    assert max(map(len, capsys.readouterr().out.splitlines())) < 260

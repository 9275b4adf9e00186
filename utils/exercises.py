"""Automatic checks for the exercises. They need NumPy and the student's function."""

import copy
import dis
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

_cases: dict[str, Sequence[tuple]] = {}


def check(
    exercise: str,
    function: Callable,
    cases: Sequence[tuple] | None = None,
    tolerance: float = 1e-6,
) -> bool:
    """Try a student's function on a table of cases and say what happened.

    Args:
        exercise: The exercise's number, for example `"2.3"`.
        function: The student's function. A body of `...` means not attempted.
        cases: Rows `(arguments, expected)` or `(arguments, expected, why)`.
            `expected` is a value, or a function that takes the result and returns
            True, or a text that says what is wrong. Left out: the table of the
            last call for this exercise is used again.
        tolerance: Largest absolute difference between numbers.

    Returns:
        True if every case passes. A wrong answer prints a message and returns False;
        it never raises, so that Run All goes on.

    Raises:
        ValueError: If no cases were ever given for this exercise.

    Example:
        >>> check("0.1", lambda x: 2 * x, [([3], 6), ([-1], -2)])
        ✓ 0.1: all 2 cases pass.
        True
    """
    if cases is None and exercise not in _cases:
        raise ValueError(f"Run the check cell of exercise {exercise} first.")
    _cases[exercise] = cases = _cases[exercise] if cases is None else cases
    if _not_attempted(function):
        print(f"· {exercise}: not attempted yet.")
        return False
    for number, (arguments, expected, *why) in enumerate(cases, start=1):
        problem = _try(function, arguments, expected, tolerance)
        if problem:
            print(f"✗ {exercise}, case {number}: {problem}")
            print(f"  called with: {', '.join(map(_short, arguments))}")
            for reason in why:
                print(f"  this case: {reason}")
            return False
    print(f"✓ {exercise}: all {len(cases)} cases pass.")
    return True


def _not_attempted(function: Any) -> bool:
    """True for a function whose body is only `...` (and perhaps a docstring)."""
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    steps = [s for s in dis.get_instructions(code) if s.opname not in ("RESUME", "NOP")]
    names = {step.opname for step in steps}
    constant = names <= {"LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}
    return constant and steps[0].argval is None


def _try(function: Callable, arguments: Sequence, expected: Any, tolerance: float):
    """Return what is wrong with one call, or an empty string."""
    try:
        result = function(*copy.deepcopy(arguments))
    except Exception as error:
        return f"your function raised {type(error).__name__}: {error}"
    if result is None and expected is not None:
        return "your function returned None. Is a return missing?"
    if not callable(expected):
        return _difference(result, expected, tolerance)
    try:
        verdict = expected(result)
    except Exception as error:
        return f"got {_short(result)}, which has the wrong form ({error})"
    if isinstance(verdict, str):
        return verdict
    return "" if verdict else f"got {_short(result)}"


def _difference(result: Any, expected: Any, tolerance: float) -> str:
    """Compare values of any nesting; an empty string means equal."""
    both = f"expected {_short(expected)}, got {_short(result)}"
    if isinstance(expected, dict):
        if not isinstance(result, dict) or set(result) != set(expected):
            return both
        pairs = [(result[key], expected[key]) for key in expected]
        return next((d for r, e in pairs if (d := _difference(r, e, tolerance))), "")
    if isinstance(expected, str | bool | type(None)):
        same = isinstance(result, type(expected) | np.bool_) and result == expected
        return "" if same else both
    if isinstance(expected, list | tuple) and not _numeric(expected):
        if not isinstance(result, list | tuple) or len(result) != len(expected):
            return both
        pairs = zip(result, expected, strict=True)
        return next((d for r, e in pairs if (d := _difference(r, e, tolerance))), "")
    if not _numeric(result):
        return both
    got, want = np.asarray(result, float), np.asarray(expected, float)
    if got.shape != want.shape:
        return f"expected shape {want.shape}, got {got.shape}"
    if not np.allclose(got, want, rtol=0, atol=tolerance, equal_nan=True):
        return both
    return ""


def _numeric(value: Any) -> bool:
    """True if NumPy can read the value as an array of numbers."""
    try:
        return np.asarray(value).dtype.kind in "biuf"
    except ValueError:
        return False


def _short(value: Any) -> str:
    """A value in at most 160 characters."""
    with np.printoptions(precision=4, threshold=20, suppress=True):
        text = " ".join(repr(value).split())
    return text if len(text) <= 160 else text[:157] + "…"

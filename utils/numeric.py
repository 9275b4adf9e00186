"""What the NumPy layers of several notebooks share: shapes and gradients, checked."""

from collections.abc import Callable

import numpy as np


def expect_shape(name: str, array: np.ndarray, *shape: int | None) -> None:
    """Raise an error unless an array has the expected shape.

    Args:
        name: What to call the array in the message.
        array: Any array.
        *shape: The expected size of each axis; `None` accepts any size.

    Raises:
        ValueError: If the number of axes or a size differs.

    Example:
        >>> expect_shape("x", np.zeros((2, 3)), None, 4)
        Traceback (most recent call last):
        ValueError: x: expected shape (any, 4), got (2, 3).
    """
    found = np.shape(array)
    fits = len(found) == len(shape) and all(
        want is None or want == got for want, got in zip(shape, found, strict=True)
    )
    if not fits:
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        comma = "," if len(shape) == 1 else ""
        raise ValueError(f"{name}: expected shape ({wanted}{comma}), got {found}.")


def numerical_gradient(
    loss: Callable[[], float], array: np.ndarray, step: float = 1e-5
) -> np.ndarray:
    """Return the gradient of a loss by central differences.

    Each number of the array is moved up and down by `step`, in place, and put back.
    The error is of order `step` squared (and of rounding divided by `step`), so use
    float64. Notebook 03 builds this function.

    Args:
        loss: Function without arguments that reads `array`.
        array: float64, any shape.
        step: Half the distance between the two points.

    Returns:
        An array of the shape of `array`.

    Raises:
        TypeError: If the array is not float64.

    Example:
        >>> w = np.array([3.0, -1.0])
        >>> numerical_gradient(lambda: (w**2).sum(), w).round(6)
        array([ 6., -2.])
    """
    if getattr(array, "dtype", None) != np.float64:
        kind = getattr(array, "dtype", type(array).__name__)
        raise TypeError(f"Expected a float64 array, got {kind}. Use astype('float64').")
    gradient = np.zeros_like(array)
    for index in np.ndindex(*array.shape):
        value = array[index]
        array[index] = value + step
        above = loss()
        array[index] = value - step
        below = loss()
        array[index] = value
        gradient[index] = (above - below) / (2 * step)
    return gradient


def relative_error(a: np.ndarray, b: np.ndarray) -> float:
    """Return ‖a − b‖ / (‖a‖ + ‖b‖): 0 for equal arrays, 1 for opposite ones.

    Args:
        a: Any array.
        b: An array of the same shape.

    Raises:
        ValueError: If the shapes differ.

    Example:
        >>> relative_error(np.array([1.0, 0.0]), np.array([1.0, 0.0]))
        0.0
    """
    expect_shape("b", b, *np.shape(a))
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(np.asarray(a) - b) / size) if size else 0.0

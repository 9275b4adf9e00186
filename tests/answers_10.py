"""Wrong and right answers to the exercises of notebook 10."""

import numpy as np


def softmax(logits):
    share = np.exp(logits - np.max(logits))
    return share / share.sum()


def plain_softmax(logits, temperature):
    share = np.exp(logits / temperature)
    return share / share.sum()


def greedy_at_zero(logits, temperature):
    if temperature == 0:
        return np.eye(len(logits))[np.argmax(logits)]
    return softmax(logits / temperature)


def by_division_of_probabilities(logits, temperature):
    if temperature == 0:
        return softmax(np.where(logits == logits.max(), 0, -np.inf))
    share = softmax(logits) / temperature
    return share / share.sum()


def times_temperature(logits, temperature):
    if temperature == 0:
        return softmax(np.where(logits == logits.max(), 0, -np.inf))
    return softmax(logits * temperature)


def power_of_probabilities(logits, temperature):
    share = np.exp(logits - logits.max())
    share = share == 1 if temperature == 0 else share ** (1 / temperature)
    return share / np.sum(share)


def kept(ids, size):
    return np.isin(np.arange(size), ids)


def top_k_by_rank(logits, k):
    better = [
        sum(other > own or (other == own and j < i) for j, other in enumerate(logits))
        for i, own in enumerate(logits)
    ]
    return np.array(better) < k


def nucleus_by(stop):
    """Add tokens, the best first, until stop(sum before, sum after, p)."""

    def answer(probabilities, p):
        keep, total = np.zeros(len(probabilities), bool), 0.0
        for i in sorted(range(len(probabilities)), key=lambda i: -probabilities[i]):
            if stop(total, total + probabilities[i], p):
                break
            keep[i] = True
            total += probabilities[i]
        return keep

    return answer


def nucleus_in_the_order_of_ids(probabilities, p):
    return np.cumsum(probabilities) - probabilities < p


def mask_of_the_sorted(probabilities, p):
    sorted_p = np.sort(probabilities)[::-1]
    return np.cumsum(sorted_p) - sorted_p < p


def writer(
    history=list, choose_again=None, with_end=False, extra=0, first_step=True, stop=True
):
    """A loop with a mistake (or without: the defaults are right)."""

    def answer(next_log_p, choose, end, limit):
        ids = []
        for step in range(limit + extra):
            if not first_step and step == limit - 1:
                break
            new = (choose_again or choose)(next_log_p(history(ids)))
            if new == end and stop:
                return [*ids, end] if with_end else ids
            ids.append(new)
        return ids

    return answer


def never_looks_at_the_limit(next_log_p, choose, end, limit):
    ids = []
    while (new := choose(next_log_p(ids))) != end:
        ids.append(new)
    return ids


def recursive(next_log_p, choose, end, limit, so_far=()):
    if len(so_far) == limit:
        return list(so_far)
    new = choose(next_log_p(list(so_far)))
    if new == end:
        return list(so_far)
    return recursive(next_log_p, choose, end, limit, (*so_far, new))


WRONG = {
    "10.1": {
        "no care for 0 or for overflow": plain_softmax,
        "the first best takes all": greedy_at_zero,
        "multiplies by the temperature": times_temperature,
        "divides the probabilities": by_division_of_probabilities,
        "not normalised": lambda logits, t: np.exp(
            (logits - logits.max()) / max(t, 1e-9)
        ),
        "ignores the temperature": lambda logits, t: softmax(logits),
        "equal shares at 0": lambda logits, t: (
            softmax(logits / t) if t else np.full(len(logits), 1 / len(logits))
        ),
        "forgets impossible tokens": lambda logits, t: softmax(
            np.maximum(logits - logits.max(), -50) / max(t, 1e-9)
        ),
    },
    "10.2": {
        "not below the k-th: keeps ties": lambda logits, k: (
            logits >= np.sort(logits)[::-1][min(k, len(logits)) - 1]
        ),
        "above the k-th": lambda logits, k: (
            logits > np.sort(logits)[::-1][min(k, len(logits)) - 1]
        ),
        "the higher id first": lambda logits, k: kept(
            np.argsort(logits, kind="stable")[::-1][:k], len(logits)
        ),
        "the k smallest": lambda logits, k: kept(
            np.argsort(logits, kind="stable")[:k], len(logits)
        ),
        "the last k of a rising sort": lambda logits, k: kept(
            np.argsort(logits, kind="stable")[-k:], len(logits)
        ),
        "one too few": lambda logits, k: kept(
            np.argsort(-logits, kind="stable")[: k - 1], len(logits)
        ),
        "ids, no mask": lambda logits, k: np.argsort(-logits, kind="stable")[:k],
        "by absolute value": lambda logits, k: kept(
            np.argsort(-abs(logits), kind="stable")[:k], len(logits)
        ),
    },
    "10.3": {
        "drops the token that passes p": nucleus_by(lambda old, new, p: new > p),
        "stops before p is reached": nucleus_by(lambda old, new, p: new >= p),
        "one more when p is reached exactly": nucleus_by(lambda old, new, p: old > p),
        "not sorted": nucleus_in_the_order_of_ids,
        "the mask of the sorted row": mask_of_the_sorted,
        "each token at least p": lambda probabilities, p: probabilities >= p,
        "all": lambda probabilities, p: np.ones(len(probabilities), bool),
        "only the best": lambda probabilities, p: probabilities == probabilities.max(),
    },
    "10.4": {
        "geometric mean": lambda a, b, w: w * a + (1 - w) * b,
        "through probabilities": lambda a, b, w: np.log(
            w * np.exp(a) + (1 - w) * np.exp(b)
        ),
        "the weights are swapped": lambda a, b, w: np.logaddexp(
            np.log1p(-w) + a, np.log(w) + b
        ),
        "no weights": lambda a, b, w: np.logaddexp(a, b),
        "equal weights": lambda a, b, w: np.logaddexp(a, b) - np.log(2),
        "weights not as logarithms": lambda a, b, w: np.logaddexp(w + a, (1 - w) + b),
        "weights times logarithms": lambda a, b, w: np.logaddexp(w * a, (1 - w) * b),
        "a probability, no logarithm": lambda a, b, w: (
            w * np.exp(a) + (1 - w) * np.exp(b)
        ),
    },
    "10.5": {
        "keeps the end mark": writer(with_end=True),
        "one too many": writer(extra=1),
        "one too few": writer(first_step=False),
        "gives the last id only": writer(history=lambda ids: ids[-1:]),
        "always the best": writer(choose_again=np.argmax),
        "does not stop at the end mark": writer(stop=False),
        "never looks at the limit": never_looks_at_the_limit,
        "gives an empty history": writer(history=lambda ids: []),
    },
}
RIGHT = {
    "10.1": {
        "powers of the probabilities": power_of_probabilities,
        "a list": lambda logits, t: list(power_of_probabilities(logits, t)),
    },
    "10.2": {
        "by counting the better ones": top_k_by_rank,
        "two keys": lambda logits, k: kept(
            np.lexsort((np.arange(len(logits)), -logits))[:k], len(logits)
        ),
    },
    "10.3": {
        "by a loop": nucleus_by(lambda old, new, p: old >= p),
        "by the smaller ones": lambda probabilities, p: (
            np.array([probabilities[probabilities > q].sum() for q in probabilities])
            < p
        ),
    },
    "10.4": {
        "the larger one in front": lambda a, b, w: (
            np.maximum(a, b)
            + np.log(
                w * np.exp(a - np.maximum(a, b))
                + (1 - w) * np.exp(b - np.maximum(a, b))
            )
        ),
    },
    "10.5": {
        "by a for loop": writer(),
        "recursive": recursive,
    },
}

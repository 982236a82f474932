# SPDX-License-Identifier: Apache-2.0
"""Covering arrays: rows in which every two values of every two factors meet."""

from __future__ import annotations

import random
from itertools import combinations
from typing import Any, Dict, List, Sequence

ATTEMPTS = 12


def pairs(factors: Dict[str, Sequence[Any]]) -> List[Dict[str, Any]]:
    """Rows with a value for every factor. Each pair of values of two factors is in one of them.

    Greedy, as in AETG (Cohen et al. 1997): a row begins with the first pair that is missing; each other factor takes the
    value that makes the most missing pairs with those chosen so far. Of some attempts the best one stays.
    """
    names = list(factors)
    if len(names) == 1:
        return [{names[0]: value} for value in factors[names[0]]]
    chance = random.Random(0)
    missing = {((a, i), (b, j)): None for a, b in combinations(names, 2)  # a dict keeps the order
               for i in range(len(factors[a])) for j in range(len(factors[b]))}
    order = {name: i for i, name in enumerate(names)}

    def pair(a: str, i: int, b: str, j: int) -> Any:
        return ((a, i), (b, j)) if order[a] < order[b] else ((b, j), (a, i))

    rows: List[Dict[str, Any]] = []
    while missing:
        best: Dict[str, int] = {}
        most = -1
        for _ in range(ATTEMPTS):
            row = dict(next(iter(missing)))
            rest = [name for name in names if name not in row]
            chance.shuffle(rest)
            for name in rest:
                gains = [sum(pair(name, i, other, j) in missing for other, j in row.items()) for i in range(len(factors[name]))]
                row[name] = chance.choice([i for i, gain in enumerate(gains) if gain == max(gains)])
            gain = sum(pair(a, row[a], b, row[b]) in missing for a, b in combinations(names, 2))
            if gain > most:
                best, most = row, gain
        for a, b in combinations(names, 2):
            missing.pop(((a, best[a]), (b, best[b])), None)
        rows.append({name: factors[name][best[name]] for name in names})
    return rows

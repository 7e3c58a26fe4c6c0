"""What scripts/soak measured, as a table, and whether it drifts.

It is measured while the camera rests: nobody calls, and all that was called for is given back. The first fifth of the
run is the camera's beginning, and what it is compared with. It drifts where the last fifth's median is more than
`ALLOWED` above the first fifth's, or where the slope behind the first fifth (Theil and Sen's: the median of those
between all pairs) makes as much of the length of the run.
"""

import itertools
import statistics
from dataclasses import dataclass

from soak_camera import Usage

# By the sound of the calls before, memory at rest differs by up to 3 MiB either way.
ALLOWED = {"memory": 3.0, "descriptors": 1, "threads": 1}  # MiB, and numbers
FEWEST = 20  # samples; with fewer a slope is chance


@dataclass
class Round:
    """What came of it."""

    hours: float  # since the start
    fault: str
    callers: list[str]  # their behaviors
    pictures: int  # calls in which one was seen
    excused: int  # calls that went otherwise than those who made them wanted, by the fault
    left: int  # calls of people who did not stay for one
    complaints: list[str]
    outages: list[float]  # seconds
    usage: Usage | None  # where it rested afterwards


def tenths(rounds: list[Round]) -> list[list[Round]]:
    """By time; all but the first and last may be empty."""
    end = rounds[-1].hours
    parts: list[list[Round]] = [[] for _ in range(10)]
    for round in rounds:
        parts[min(9, int(10 * round.hours / end))].append(round)
    return parts


def table(rounds: list[Round]) -> str:
    lines = [
        f"{'hours':>11} {'rounds':>6} {'calls':>5} {'picture':>7} {'excused':>7} {'left':>5} {'wrong':>5} "
        f"{'outages':>7} {'longest':>7} {'MiB':>6} {'descriptors':>11} {'threads':>7}"
    ]
    end = rounds[-1].hours
    for number, part in enumerate(tenths(rounds)):
        outages = [outage for round in part for outage in round.outages]
        lines.append(
            f"{number * end / 10:5.2f}-{(number + 1) * end / 10:5.2f} {len(part):6} "
            f"{sum(len(r.callers) for r in part):5} "
            f"{sum(r.pictures for r in part):7} {sum(r.excused for r in part):7} {sum(r.left for r in part):5} "
            f"{sum(len(r.complaints) for r in part):5} {len(outages):7} {max(outages, default=0):5.0f} s "
            f"{middle(part, 'memory'):>6} {middle(part, 'descriptors'):>11} {middle(part, 'threads'):>7}"
        )
    return "\n".join(lines)


def middle(part: list[Round], what: str) -> str:
    values = [getattr(round.usage, what) for round in part if round.usage]
    return f"{statistics.median(values):.3g}" if values else "-"


def drifts(rounds: list[Round]) -> list[str]:
    samples = [round for round in rounds if round.usage]
    if len(samples) < 2:
        return ["it never rested, and nothing was measured"]
    end = rounds[-1].hours
    begun = [round for round in samples if round.hours <= end / 5] or samples[:1]
    rest = [round for round in samples if round not in begun] or samples[-1:]
    last = [round for round in samples if round.hours >= end * 4 / 5] or samples[-1:]
    found = []
    for what, allowed in ALLOWED.items():
        first, final = (statistics.median(getattr(r.usage, what) for r in part) for part in (begun, last))
        print(f"{what}: {first:.4g} at first, {final:.4g} at last", end="")
        if final - first > allowed:
            found.append(f"{what} rose from {first:.4g} to {final:.4g}; {allowed:g} more are allowed")
        if len(rest) >= FEWEST:
            slope = slope_of([(r.hours, getattr(r.usage, what)) for r in rest])
            print(f", {slope:+.3g} an hour", end="")
            if slope * end > allowed:
                found.append(f"{what} rises by {slope:.3g} an hour")
        print(f", {len(samples)} times measured")
    return found


def slope_of(points: list[tuple[float, float]]) -> float:
    pairs = itertools.combinations(points, 2)
    return statistics.median((b[1] - a[1]) / (b[0] - a[0]) for a, b in pairs if b[0] > a[0])

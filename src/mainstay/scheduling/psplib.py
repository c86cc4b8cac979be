"""Reads published instances: PSPLIB's single-mode files (.sm) and Patterson's format (.rcp)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from mainstay.scheduling.graph import Link

RULE = re.compile(r"^[\s*\-=]*$")
PRECEDENCE, REQUESTS, CAPACITIES = (
    "PRECEDENCE RELATIONS",
    "REQUESTS/DURATIONS",
    "RESOURCEAVAILABILITIES",
)


class Instance(NamedTuple):
    """One instance: the plain inputs of `level`, and the horizon it names (or the sum of work)."""

    durations: dict[int, int]
    links: list[Link[int]]
    demands: dict[int, dict[str, int]]
    capacities: dict[str, int]
    horizon: int


@dataclass(slots=True)
class _Numbers:
    """The whole numbers of some lines, one after the other; lines may break anywhere."""

    lines: Iterator[tuple[int, str]]
    what: str
    line: int = 0
    left: tuple[str, ...] = ()

    def more(self) -> bool:
        """Say whether there is another number, and move to its line."""
        while not self.left:
            following = next(self.lines, None)
            if following is None:
                return False
            self.line = following[0]
            self.left = tuple(following[1].split())
        return True

    def take(self, meaning: str, least: int = 0, most: int | None = None) -> int:
        """Return the next number, or say which one is missing or wrong, and where."""
        if not self.more():
            raise ValueError(f"Line {self.line}: {self.what} end before {meaning}.")
        text, *rest = self.left
        self.left = tuple(rest)
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or number < least or (most is not None and number > most):
            limits = f"from {least}" if most is None else f"from {least} to {most}"
            raise ValueError(
                f"Line {self.line}: {meaning} must be a whole number {limits}, not {text!r}."
            )
        return number


def read(text: str) -> Instance:
    """Read an instance of either format; a mistake raises ValueError with its line."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise ValueError("Line 1: the file is empty.")
    if any(line.strip().upper().startswith(PRECEDENCE) for _, line in lines):
        return _read_sm(lines)
    return _read_rcp(lines)


def _read_rcp(lines: list[tuple[int, str]]) -> Instance:
    """Read: jobs and resources; capacities; a job: duration, demands, its number of successors."""
    numbers = _Numbers(iter(lines), "the numbers")
    jobs = numbers.take("the number of jobs", 1)
    names = [f"R{one}" for one in range(1, numbers.take("the number of resources") + 1)]
    capacities = {name: numbers.take(f"the capacity of {name}") for name in names}
    durations: dict[int, int] = {}
    demands: dict[int, dict[str, int]] = {}
    links: list[Link[int]] = []
    for job in range(1, jobs + 1):
        durations[job] = numbers.take(f"the duration of job {job}")
        needs = {name: numbers.take(f"what job {job} needs of {name}") for name in names}
        demands[job] = {name: need for name, need in needs.items() if need}
        links += _successors(numbers, job, jobs)
    if numbers.more():
        raise ValueError(f"Line {numbers.line}: there is more than {jobs} jobs' numbers.")
    return Instance(durations, links, demands, capacities, sum(durations.values()))


def _one_mode(numbers: _Numbers, job: int) -> None:
    if numbers.take(f"the mode of job {job}", 1) != 1:
        raise ValueError(f"Line {numbers.line}: job {job} has several modes; only one is read.")


def _successors(numbers: _Numbers, job: int, jobs: int) -> list[Link[int]]:
    count = numbers.take(f"job {job}'s number of successors", 0, jobs)
    return [Link(job, numbers.take(f"a successor of job {job}", 1, jobs)) for _ in range(count)]


def _read_sm(lines: list[tuple[int, str]]) -> Instance:
    head, sections = _sections(lines)
    jobs = _said(head, "jobs", lines[-1][0])
    names = _resources(head)
    links = _precedence(sections[PRECEDENCE], jobs)
    durations: dict[int, int] = {}
    demands: dict[int, dict[str, int]] = {}
    numbers = sections[REQUESTS]
    for _ in range(jobs):
        job = numbers.take("a job's number", 1, jobs)
        if job in durations:
            raise ValueError(f"Line {numbers.line}: job {job} was there before.")
        _one_mode(numbers, job)
        durations[job] = numbers.take(f"the duration of job {job}")
        needs = {name: numbers.take(f"what job {job} needs of {name}") for name in names}
        demands[job] = {name: need for name, need in needs.items() if need}
    if numbers.more():
        raise ValueError(f"Line {numbers.line}: there is more than {jobs} jobs' requests.")
    numbers = sections[CAPACITIES]
    capacities = {name: numbers.take(f"the capacity of {name}") for name in names}
    horizon = sum(durations.values())
    if any(key.startswith("horizon") for _, key, _ in head):
        horizon = _said(head, "horizon", lines[-1][0])
    return Instance(durations, links, demands, capacities, horizon)


Head = list[tuple[int, str, str]]


def _sections(lines: list[tuple[int, str]]) -> tuple[Head, dict[str, _Numbers]]:
    """Split a file into what its head says and the numbers of its three tables."""
    head: Head = []
    tables: dict[str, list[tuple[int, str]]] = {}
    begins: dict[str, int] = {}
    title = ""
    for number, line in lines:
        word = line.strip().upper().rstrip(": ")
        if word in (PRECEDENCE, REQUESTS, CAPACITIES):
            title = word
            tables[title], begins[title] = [], number
        elif not title:
            key, _, value = line.strip(" -\t").partition(":")
            head.append((number, key.strip().lower(), value.strip()))
        elif not RULE.match(line) and not re.match(r"\s*[A-Za-z]", line):
            tables[title].append((number, line))
    for title in (PRECEDENCE, REQUESTS, CAPACITIES):
        if title not in tables:
            raise ValueError(f"Line {lines[-1][0]}: the file ends without {title}.")
    return head, {
        title: _Numbers(iter(rows), f"the {title}", begins[title]) for title, rows in tables.items()
    }


def _said(head: Head, key: str, last: int) -> int:
    """Return the number that the head gives for a key."""
    for number, name, value in head:
        if name.startswith(key):
            if value[:1].isdigit():
                return int(value.split()[0])
            raise ValueError(f"Line {number}: {key} must be a whole number, not {value!r}.")
    raise ValueError(f"Line {last}: the file does not say its number of {key}.")


def _resources(head: Head) -> list[str]:
    for number, name, value in head:
        kind = name.startswith(("nonrenewable", "doubly"))
        if kind and value[:1].isdigit() and int(value.split()[0]):
            raise ValueError(f"Line {number}: only renewable resources are read, not {name}.")
    count = _said(head, "renewable", head[-1][0])
    return [f"R{one}" for one in range(1, count + 1)]


def _precedence(numbers: _Numbers, jobs: int) -> list[Link[int]]:
    links: list[Link[int]] = []
    seen: set[int] = set()
    for _ in range(jobs):
        job = numbers.take("a job's number", 1, jobs)
        if job in seen:
            raise ValueError(f"Line {numbers.line}: job {job} was there before.")
        seen.add(job)
        _one_mode(numbers, job)
        links += _successors(numbers, job, jobs)
    if numbers.more():
        raise ValueError(f"Line {numbers.line}: there is more than {jobs} jobs' successors.")
    return links

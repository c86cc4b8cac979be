"""Both formats of published instances are read back as written, however they are spaced."""

import pytest

from mainstay.scheduling import critical_path, level, read_psplib
from tests.scheduling.networks import network

STARS = "*" * 72
SMALL = f"""{STARS}
file with basedata            : small.bas
initial value random generator: 1
{STARS}
projects                      :  1
jobs (incl. supersource/sink ):  5
horizon                       :  9
RESOURCES
  - renewable                 :  2   R
  - nonrenewable              :  0   N
  - doubly constrained        :  0   D
{STARS}
PROJECT INFORMATION:
pronr.  #jobs rel.date duedate tardcost  MPM-Time
    1      3      0        7        0        7
{STARS}
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          2           2   3
   2        1          1           4
   3        1          1           5
   4        1          1           5
   5        1          0
{STARS}
REQUESTS/DURATIONS:
jobnr. mode duration  R 1  R 2
------------------------------------------------------------------------
  1      1     0       0    0
  2      1     3       2    0
  3      1     2       1    1
  4      1     4       0    2
  5      1     0       0    0
{STARS}
RESOURCEAVAILABILITIES:
  R 1  R 2
    2    2
{STARS}
"""
RCP = "5 2\n2 2\n\n0 0 0 2 2 3\n3 2 0 1 4\n2 1 1 1 5\n4 0 2 1 5\n0 0 0 0\n"


def as_sm(made):
    jobs = len(made.durations)
    names = sorted(made.capacities)
    after = {
        key: [link.later for link in made.links if link.earlier == key] for key in made.durations
    }
    lines = [f"jobs (incl. supersource/sink ):  {jobs}", f"  - renewable : {len(names)} R"]
    lines += [STARS, "PRECEDENCE RELATIONS:", "jobnr. #modes #successors successors"]
    lines += [
        f" {k + 1} 1 {len(v)} {' '.join(str(s + 1) for s in v)}" for k, v in sorted(after.items())
    ]
    lines += [STARS, "REQUESTS/DURATIONS:", "jobnr. mode duration  R 1  R 2", "-" * 72]
    for key, length in sorted(made.durations.items()):
        needs = [made.demands.get(key, {}).get(name, 0) for name in names]
        lines.append(f" {key + 1} 1 {length} {' '.join(map(str, needs))}")
    lines += [STARS, "RESOURCEAVAILABILITIES:", "R 1 R 2"]
    return "\r\n".join([*lines, "\t".join(str(made.capacities[name]) for name in names), STARS])


@pytest.mark.parametrize("text", [SMALL, SMALL.replace("   ", " \t "), RCP, RCP.replace("\n", " ")])
def test_a_small_instance_in_both_formats(text):
    durations, links, demands, capacities, horizon = read_psplib(text)
    assert durations == {1: 0, 2: 3, 3: 2, 4: 4, 5: 0}
    assert {link[:2] for link in links} == {(1, 2), (1, 3), (2, 4), (3, 5), (4, 5)}
    assert demands == {1: {}, 2: {"R1": 2}, 3: {"R1": 1, "R2": 1}, 4: {"R2": 2}, 5: {}}
    assert capacities == {"R1": 2, "R2": 2}
    assert horizon == 9
    assert critical_path(durations, links).length == 7
    # 3 shares R1 with 2 and R2 with 4, so it comes before, between or after: 9.
    assert level(durations, links, demands, capacities).makespan == 9


def test_a_made_up_network_is_read_back():
    made = network(30, seed=2)
    read = read_psplib(as_sm(made))
    assert read.durations == {key + 1: length for key, length in made.durations.items()}
    assert {(a - 1, b - 1) for a, b, *_ in read.links} == {link[:2] for link in made.links}
    assert read.capacities == made.capacities
    assert read.demands[5] == made.demands[4]
    assert read.horizon == sum(made.durations.values())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Line 1: the file is empty"),
        ("5 x", "Line 1: the number of resources must be a whole number from 0, not 'x'"),
        (RCP.replace("2 1 1 1 5", "2 1 1 1 9"), "Line 6: a successor of job 3 .* to 5, not '9'"),
        (RCP.replace("0 0 0 0\n", ""), "Line 7: the numbers end before the duration of job 5"),
        (RCP + "7", "Line 9: there is more than 5 jobs"),
        (
            SMALL.replace("3        1          1", "3        2          1"),
            "Line 21: job 3 has several modes",
        ),
        (
            SMALL.replace("  4      1     4  ", "  4      1    -4  "),
            "Line 31: the duration of job 4",
        ),
        (SMALL.replace("  3      1     2", "  2      1     2"), "Line 30: job 2 was there before"),
        (SMALL.replace("0   N", "2   N"), "Line 10: only renewable"),
        (SMALL.replace(":  5", ":  five"), "Line 6: jobs must be a whole number, not 'five'"),
        (SMALL.split("REQUESTS", maxsplit=1)[0], "ends without REQUESTS/DURATIONS"),
        (SMALL.replace("    2    2\n", "    2\n"), "the capacity of R2"),
    ],
)
def test_a_mistake_is_named_with_its_line(text, says):
    with pytest.raises(ValueError, match=says):
        read_psplib(text)

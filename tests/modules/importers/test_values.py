"""Dates, lengths of time and numbers, as other programs write them."""

from datetime import UTC, date, datetime

import pytest

from mainstay.modules.importers import crosswalk
from mainstay.modules.importers.loading.values import hours, pieces, spread
from mainstay.modules.importers.model import Worklog
from mainstay.modules.importers.values import Days, number_of, seconds_of

AFTERNOON = datetime(2021, 3, 12, 16, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("12/Mar/21 4:05 PM", AFTERNOON),
        ("2021-03-12T16:05:00.000+0000", AFTERNOON),
        ("2021-03-12T17:05:00+01:00", AFTERNOON),
        ("Fri, 12 Mar 2021 17:05:00 +0100", AFTERNOON),
        ("12.03.2021 16:05", AFTERNOON),
        ("12. März 2021 16:05", AFTERNOON),
        ("12/mars/21 16:05", AFTERNOON),
        ("12/Mär/21 4:05 nachm.", AFTERNOON),
        ("14/06/2021 16:05", datetime(2021, 6, 14, 16, 5, tzinfo=UTC)),
        ("Mar 12, 2021", datetime(2021, 3, 12, tzinfo=UTC)),
        ("Fri, 12 Mar 2021", datetime(2021, 3, 12, tzinfo=UTC)),
        (1615565100000, AFTERNOON),
        ("1615565100", AFTERNOON),
        ("P-1D", None),
        ("soon", None),
        ("31/Feb/21 4:05 PM", None),
        ("", None),
        (None, None),
    ],
)
def test_an_instant_is_read_in_whichever_form(text: object, at: datetime | None) -> None:
    assert Days().instant(text) == at


def test_the_whole_file_tells_which_part_is_the_day() -> None:
    day_first, month_first = Days(), Days()
    day_first.learn(["03/04/2021", "25/04/2021"])
    month_first.learn(["03/04/2021", "04/25/2021"])
    assert day_first.day("03/04/2021") == date(2021, 4, 3)
    assert month_first.day("03/04/2021") == date(2021, 3, 4)


@pytest.mark.parametrize(
    "text",
    [
        "2021-03-12",
        "2021-03-12T00:00:00.000+0100",
        "Fri, 12 Mar 2021 00:00:00 +0100",
        "12/Mar/21 12:00 AM",
        "12.03.2021",
    ],
)
def test_a_day_is_the_one_that_is_named_whatever_the_zone(text: str) -> None:
    assert Days().day(text) == date(2021, 3, 12)


@pytest.mark.parametrize(
    ("raw", "seconds"),
    [
        (3600, 3600),
        ("28800", 28800),
        ("1d 4h", 8 * 3600 + 4 * 3600),
        ("1 week", 5 * 8 * 3600),
        ("2 hours, 30 minutes", 9000),
        ("1,5 Stunden", 5400),
        ("PT3H", 10800),
        ("P1D", 8 * 3600),
        ("later", None),
        ("", None),
        (None, None),
    ],
)
def test_a_length_of_time_is_read(raw: object, seconds: int | None) -> None:
    assert seconds_of(raw) == seconds


@pytest.mark.parametrize(
    ("raw", "number"),
    [("1.234,5", 1234.5), ("1,234.5", 1234.5), ("3,5", 3.5), (8.0, 8.0), ("x", None), ("", None)],
)
def test_a_number_is_read_with_either_sign(raw: object, number: float | None) -> None:
    assert number_of(raw) == number


def test_rounded_hours_of_parts_add_up_to_the_rounded_whole() -> None:
    # Three times 20 minutes: 0.33 + 0.34 + 0.33 = 1.00, not 0.99.
    logs = [Worklog(key=str(n), seconds=1200) for n in range(3)]
    assert [str(one) for one in spread(logs)] == ["0.33", "0.34", "0.33"]
    assert sum(spread(logs)) == hours(3600)


@pytest.mark.parametrize(
    ("name", "stage", "status"),
    [
        ("To Do", "", "todo"),
        ("Selected for Development", "", "todo"),
        ("Backlog", "", "backlog"),
        ("In Bearbeitung", "", "in_progress"),
        ("In Review", "", "review"),
        ("Ready for QA", "", "testing"),
        ("Waiting for customer", "", "blocked"),
        ("Done this sprint", "", "done"),
        ("Fertig", "", "done"),
        ("Won't Do", "", "cancelled"),
        ("Banana", "", "todo"),
        ("Banana", "doing", "in_progress"),
        ("QA sign-off", "done", "done"),
    ],
)
def test_a_status_means_what_its_words_say(name: str, stage: str, status: str) -> None:
    assert crosswalk.status_of(name, stage) == status  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "kind"), [("Epic", "epic"), ("Bug", "bug"), ("Sub-task", "task"), ("Zebra", "task")]
)
def test_a_type_means_what_its_words_say(name: str, kind: str) -> None:
    assert crosswalk.type_of(name) == kind


@pytest.mark.parametrize(
    ("name", "priority"),
    [
        ("Blocker", "highest"),
        ("Major", "high"),
        ("P2", "medium"),
        ("Minor", "low"),
        ("?", "medium"),
    ],
)
def test_a_priority_means_what_its_words_say(name: str, priority: str) -> None:
    assert crosswalk.priority_of(name) == priority


def test_long_words_are_cut_between_lines_and_nothing_is_lost() -> None:
    text = "\n".join(f"line {n} " + "x" * 90 for n in range(200))
    parts = pieces(text, 4900)
    assert len(parts) == 5
    assert max(map(len, parts)) <= 4900
    assert "\n".join(parts) == text

"""A program that writes one sheet of a workbook as lines of JSON, in a process of its own.

A damaged or hostile workbook can ask for any amount of memory, and its reader gives up by
ending the process. So it runs apart, with a limit, and needs nothing of Mainstay.
"""

import json
import resource
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

MEMORY = 2 * 1024**3
INFLATED = 600 * 1024**2
PARTS = 5000
ZIP = b"PK\x03\x04"
MOST_COLUMNS = 1000


def inflated(path: str) -> None:
    """Refuse an archive whose parts, truly inflated, are too large; sizes in it may be lies."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if len(parts) > PARTS:
            raise ValueError(f"it has {len(parts)} parts")
        if sum(size(archive, part) for part in parts) > INFLATED:
            raise ValueError("its contents are larger than 600 MB")


def size(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """Return how large a part truly is, read no further than the limit."""
    # The reader stops at the declared size; a high one lets it go on to the true end.
    part.file_size = INFLATED * 2
    found = 0
    with archive.open(part) as stream:
        while found <= INFLATED and (chunk := stream.read(1 << 20)):
            found += len(chunk)
    return found


def plain(value: Any) -> Any:
    """Return a cell as JSON can hold it; moments carry a mark so that they are not mere text."""
    if isinstance(value, (datetime, date, time)):
        return {"t": value.isoformat()}
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value


def convert(source: str, target: str, wanted: str = "") -> dict[str, Any]:
    """Write the sheet of that name, or the first that has rows; return its name and all names."""
    from python_calamine import CalamineWorkbook

    workbook = CalamineWorkbook.from_path(source)
    if wanted and wanted not in workbook.sheet_names:
        raise ValueError(f"it has no sheet {wanted}, only {', '.join(workbook.sheet_names)}")
    filled = [n for n in workbook.sheet_names if workbook.get_sheet_by_name(n).height]
    for name in [wanted] if wanted else filled:
        sheet = workbook.get_sheet_by_name(name)
        if not sheet.height:
            raise ValueError(f"its sheet {name} has no rows")
        if sheet.width > MOST_COLUMNS:
            raise ValueError(f"its sheet {name} has {sheet.width} columns")
        with open(target, "w", encoding="utf-8") as out:  # noqa: PTH123 - no imports needed
            for row in sheet.iter_rows():
                out.write(json.dumps([plain(cell) for cell in row]))
                out.write("\n")
        return {"sheet": name, "sheets": filled}
    raise ValueError("no sheet has any rows")


def main() -> int:
    """Convert `source` into `target`; what is wrong goes to standard error in one line."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
    source, target = sys.argv[1:3]
    wanted = sys.argv[3] if len(sys.argv) > 3 else ""
    try:
        with open(source, "rb") as head:  # noqa: PTH123 - no imports needed
            zipped = head.read(4) == ZIP
        if zipped:
            inflated(source)
        found = convert(source, target, wanted)
    except MemoryError:
        print("it needs more memory than is allowed", file=sys.stderr)  # noqa: T201 - its answer
        return 3
    except Exception as error:  # noqa: BLE001 - whatever a damaged file brings about
        print(str(error).splitlines()[0][:200] or "it is damaged", file=sys.stderr)  # noqa: T201
        return 2
    print(json.dumps(found))  # noqa: T201 - its answer
    return 0


if __name__ == "__main__":
    sys.exit(main())

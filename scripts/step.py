"""Writes the next migration from the declarations: `python -m scripts.step "what it does"`."""

import sys
from pathlib import Path

from mainstay.app import registry
from mainstay.kernel.migrate import write_step

FOLDER = Path(__file__).parent.parent / "src" / "mainstay" / "migrations" / "versions"


def main() -> int:
    """Write the step and say where it is."""
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    print(write_step(registry(), sys.argv[1], FOLDER))
    return 0


if __name__ == "__main__":
    sys.exit(main())

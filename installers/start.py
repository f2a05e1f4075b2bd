"""What the bundle starts: the same entry as ``python -m assessor_app``."""

from __future__ import annotations

import sys

from assessor_app.__main__ import main

if __name__ == "__main__":
    sys.exit(main())

"""``python -m assessor_server``."""

from __future__ import annotations

import sys

from assessor_server.cli import main

sys.exit(main())

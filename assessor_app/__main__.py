"""``asesor`` and ``python -m assessor_app``: the command line, which starts the window."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; a bundle's child process serves isolated calls."""
    if "--isolated-child" in sys.argv[1:2]:
        from assessor_app.isolate import child_main

        return child_main()
    if "--isolated-file" in sys.argv[1:2]:
        from assessor_app import isolated_file

        return isolated_file.child_main()
    if "--sound" in sys.argv[1:2]:
        from assessor_app.workflow import sound_child

        return sound_child.main()
    from multiprocessing import freeze_support

    from assessor_app.cli.main import main as run

    freeze_support()  # a bundle is its own interpreter also where pages are laid out beside the window
    return run()


if __name__ == "__main__":
    sys.exit(main())

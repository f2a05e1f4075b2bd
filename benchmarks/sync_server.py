"""The server of the sync benchmarks, with the one account that both devices use.

    sync_server.py --port P --db URL [--data DIR]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--db", default="", help="sqlite:///FILE or postgresql://…; a file of its own where it is left out")
    parser.add_argument("--data", type=Path, help="folder of blobs and keys (default: a new one)")
    asked = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from assessor_server import accounts, authority, cli
    from assessor_server.store import Store
    from benchmarks.sync_device import ACCOUNT, PASSWORD

    folder = asked.data or Path(tempfile.mkdtemp(prefix="asesor-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    store = Store(folder, asked.db)
    store.create()
    with store.transaction() as connection:
        if accounts.account_of(connection, ACCOUNT) is None:
            authority.make(connection, "Tolok Ukur")
            account = accounts.add_account(connection, ACCOUNT, "Tolok Ukur", "assessor", PASSWORD)
            accounts.assign(connection, account, "93.02", 0)
    store.close()
    return cli.main(["--data", str(folder), *(["--database", asked.db] if asked.db else []), "serve", "--port", str(asked.port)])


if __name__ == "__main__":
    sys.exit(main())

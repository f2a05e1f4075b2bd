"""Write resources/regions/regencies.csv from the data folder of the package idn-area-data 4.x.

Usage: python resources/make/regions.py PATH/TO/idn-area-data/data
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "regions" / "regencies.csv"

#: Time zone by province (Keputusan Presiden 41/1987; the newer provinces keep their parent's zone).
WIB = {"11", "12", "13", "14", "15", "16", "17", "18", "19", "21", "31", "32", "33", "34", "35", "36", "61", "62"}
WITA = {"51", "52", "53", "63", "64", "65", "71", "72", "73", "74", "75", "76"}
WIT = {"81", "82", "91", "92", "93", "94", "95", "96"}


def zone(province: str) -> str:
    """Return the zone of a province code; a new province must be added above by hand."""
    for name, codes in (("WIB", WIB), ("WITA", WITA), ("WIT", WIT)):
        if province in codes:
            return name
    raise SystemExit(f"province {province} has no zone yet")


def main(data: Path) -> None:
    """Read provinces.csv and regencies.csv below ``data`` and write the one file that the program reads."""
    with (data / "provinces.csv").open(encoding="utf-8", newline="") as file:
        provinces = {row["code"]: row["name"] for row in csv.DictReader(file)}
    with (data / "regencies.csv").open(encoding="utf-8", newline="") as file:
        regencies = list(csv.DictReader(file))
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["code", "name", "type", "province_code", "province", "zone"])
        for row in sorted(regencies, key=lambda r: r["code"]):
            kind, _, name = row["name"].partition(" ")
            code = row["province_code"]
            out.writerow([row["code"], name, kind.lower(), code, provinces[code], zone(code)])


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""The first ten hits, newest first, over 100,000 notes and 10,000 pages of books."""

from __future__ import annotations

import random
import time
from functools import partial

from sqlalchemy import text as sql

from assessor_app.models import search
from assessor_app.workflow import books
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.queries.books import search_pages
from benchmarks.figure import Figure, fill, notebook, p95, text

NOTES, BOOKS, PAGES = 100_000, 34, 300
#: Beginnings of one letter, the commonest word, words that are being typed, several words, and words that have others of their root.
QUERIES = ("a", "k", "desa", "desa war", "musyawarah", "keluhan ad", "sagu karet", "puskesmas bidan", "perahu der", "hambatan", "layanan",
           "bangun jalan", "pendidikan")


def _fill_books(account: Account) -> None:
    rng = random.Random(5)
    blocks = [text(rng, 1800) for _ in range(300)]
    for number in range(BOOKS):
        digest = f"{number:064x}"
        new = books.NewBook(f"buku {number}.pdf", digest, 40_000_000, PAGES, f"Buku {number}", "other")
        account.writer.run(lambda unit, new=new: books.add_book(unit, "93.02", new), purpose="book")  # type: ignore[misc]
        rows = [(page, f"{page} {rng.choice(blocks)[rng.randrange(300):]}") for page in range(1, PAGES + 1)]
        account.writer.run(partial(books._write, digest=digest, rows=rows), purpose="book.index", origin="sync")


def measure() -> list[Figure]:
    """Measure as the window asks: records, and pages of books."""
    ours: list[float] = []
    both: list[float] = []
    scans: list[float] = []
    with notebook() as account:
        fill(account, NOTES, characters=800)
        _fill_books(account)
        with account.reading() as session:
            for query in QUERIES * 5:
                began = time.perf_counter()
                hits = search.search(session, query, limit=10)
                ours.append(time.perf_counter() - began)
                pages = search_pages(session, query, limit=10)
                both.append(time.perf_counter() - began)
                assert len(hits) == 10, query
                assert len(pages) == 10, query
            for query in random.Random(3).sample(QUERIES, 3):
                began = time.perf_counter()
                session.execute(sql("SELECT id FROM interview WHERE body LIKE :q ORDER BY held_at DESC LIMIT 10"),
                                {"q": f"%{query}%"}).all()
                scans.append(time.perf_counter() - began)
    a, b, c = p95(ours), sorted(scans)[1], p95(both)
    return [Figure(f"search p95, {NOTES:,} notes, first ten", f"{a * 1000:.1f} ms", f"{b * 1000:.0f} ms", a / b, 1 / 20),
            Figure(f"the same and {BOOKS * PAGES:,} pages of books", f"{c * 1000:.1f} ms", "50 ms", c / 0.05, 1.0)]

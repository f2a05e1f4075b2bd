"""Where whole blobs lie, by the SHA-256 of their content: on the server's disk, or in an S3-compatible store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from assessor_app.errors import AppError

#: What is read at a time, in bytes.
BLOCK = 256 * 1024
#: The size of one part of a large upload to an S3 store, in bytes.
PART = 16 * 1024 * 1024
#: Seconds to connect to an S3 store, and between two bytes of its reply.
TIMEOUT = (10.0, 60.0)
#: How often a request to an S3 store is tried again before its fault is told.
TRIES = 3


class StoreFault(Exception):
    """The store cannot be reached or refuses just now."""


class BlobStore(Protocol):
    """A place of whole blobs."""

    def size(self, digest: str) -> int | None:
        """Return a blob's length in bytes, or None where it is not here. Raises StoreFault."""

    def put(self, digest: str, file: Path) -> None:
        """Take over a file as a blob, durably; the file is gone afterwards. Raises StoreFault."""

    def read(self, digest: str, start: int, length: int) -> Iterator[bytes]:
        """Yield ``length`` bytes of a blob from ``start`` on. Raises StoreFault."""

    def erase(self, digest: str) -> None:
        """Remove a blob where there is one. Raises StoreFault."""


class DiskStore:
    """Blobs as files, spread over folders by the first two digits of their names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def size(self, digest: str) -> int | None:
        """Return a blob's length in bytes, or None where it is not here."""
        try:
            return self._path(digest).stat().st_size
        except FileNotFoundError:
            return None

    def put(self, digest: str, file: Path) -> None:
        """Move a file, which must be on the same disk and synced, to its place."""
        target = self._path(digest)
        target.parent.mkdir(exist_ok=True)
        os.replace(file, target)
        _sync_folder(target.parent)

    def read(self, digest: str, start: int, length: int) -> Iterator[bytes]:
        """Yield bytes of a blob."""
        with self._path(digest).open("rb") as f:
            f.seek(start)
            while length > 0 and (block := f.read(min(BLOCK, length))):
                length -= len(block)
                yield block

    def erase(self, digest: str) -> None:
        """Remove a blob's file."""
        self._path(digest).unlink(missing_ok=True)

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest


class S3Store:
    """Blobs as objects ``PREFIX/DIGEST`` of one bucket; large ones go there in parts."""

    def __init__(self, client: Any, bucket: str, prefix: str) -> None:
        self.client = client
        self.bucket = bucket
        self.prefix = f"{prefix}/" if prefix else ""

    def size(self, digest: str) -> int | None:
        """Ask for an object's length in bytes; None where it is not there."""
        from minio.error import S3Error

        with _s3_faults():
            try:
                return int(self.client.stat_object(self.bucket, self.prefix + digest).size)
            except S3Error as e:
                if e.code in {"NoSuchKey", "NoSuchObject", "NotFound"}:
                    return None
                raise

    def put(self, digest: str, file: Path) -> None:
        """Store a file as an object, then remove it."""
        with _s3_faults():
            self.client.fput_object(self.bucket, self.prefix + digest, str(file), part_size=PART, num_parallel_uploads=2)
        file.unlink()

    def read(self, digest: str, start: int, length: int) -> Iterator[bytes]:
        """Yield bytes of an object."""
        if length <= 0:
            return
        with _s3_faults():
            response = self.client.get_object(self.bucket, self.prefix + digest, offset=start, length=length)
            try:
                yield from response.stream(BLOCK)
            finally:
                response.close()
                response.release_conn()

    def erase(self, digest: str) -> None:
        """Remove an object; one that is not there is no fault."""
        with _s3_faults():
            self.client.remove_object(self.bucket, self.prefix + digest)


def open_store(place: str, endpoint: str, folder: Path) -> BlobStore:
    """Return the store that ``place`` names: empty for ``folder``, or ``s3://BUCKET/PREFIX`` at ``endpoint``. Raises AppError.

    The key of an S3 store comes from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, its region from AWS_REGION.
    """
    if not place:
        return DiskStore(folder)
    parts = urlsplit(place)
    if parts.scheme != "s3" or not parts.netloc:
        raise AppError("The place of the blobs is not understood.", place, "Write s3://BUCKET or s3://BUCKET/PREFIX.")
    where = urlsplit(endpoint or "https://s3.amazonaws.com")
    if where.scheme not in {"http", "https"} or not where.netloc:
        raise AppError("The address of the S3 store is not understood.", endpoint, "Write it as https://HOST or https://HOST:PORT.")
    key, secret = os.environ.get("AWS_ACCESS_KEY_ID", ""), os.environ.get("AWS_SECRET_ACCESS_KEY", "")
    if not key or not secret:
        raise AppError("The key of the S3 store is missing.", hint="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.")
    try:
        import urllib3
        from minio import Minio
    except ModuleNotFoundError:
        raise AppError("Blobs in an S3 store need the package minio.", hint="Install asesor[s3].") from None
    pool = urllib3.PoolManager(timeout=urllib3.Timeout(*TIMEOUT), maxsize=10,
                               retries=urllib3.Retry(TRIES, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]))
    client = Minio(where.netloc, key, secret, secure=where.scheme == "https", region=os.environ.get("AWS_REGION", "us-east-1"),
                   http_client=pool)
    return S3Store(client, parts.netloc, parts.path.strip("/"))


@contextmanager
def _s3_faults() -> Iterator[None]:
    from minio.error import MinioException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except (MinioException, HTTPError, OSError) as e:
        raise StoreFault(type(e).__name__) from None


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""The stores of contents, each by the same promises: a folder, and a server that speaks S3."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from lib.domain.blobs import BlobStore
from lib.gateways.blobs import FolderBlobs
from lib.gateways.blobs_s3 import S3Blobs

NOBODYS = "0" * 64
AGES = timedelta(days=1)


@pytest.fixture(scope="module")
def s3_address() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "folder":
        return FolderBlobs(tmp_path)
    bucket = f"relais-{tmp_path.name[-20:].replace('_', '-').lower().strip('-')}-{os.getpid()}"
    address = request.getfixturevalue("s3_address")
    store = S3Blobs(f"s3://{bucket}/des/fichiers", endpoint=address, key="testing", secret="testing")
    store._fs.mkdir(bucket)
    return store


def tomorrow() -> datetime:
    return datetime.now(UTC) + AGES


def test_a_content_lies_under_its_sha256_and_comes_back_whole_or_in_part(blobs: BlobStore):
    data = os.urandom(700_000)
    blob = blobs.put(data[start : start + 100_000] for start in range(0, len(data), 100_000))
    assert (blob.sha256, blob.size_bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert b"".join(blobs.open(blob.sha256)) == data
    assert b"".join(blobs.open(blob.sha256, start=300_000, end=300_010)) == data[300_000:300_010]
    assert b"".join(blobs.open(blob.sha256, start=699_990)) == data[-10:]
    with blobs.local(blob.sha256) as path:
        assert path.read_bytes() == data


def test_the_same_content_is_kept_once(blobs: BlobStore):
    assert blobs.put([b"a", b"b"]) == blobs.put([b"ab"])
    assert [blob.size_bytes for blob in blobs.stored()] == [2]


def test_an_upload_that_breaks_off_leaves_nothing(blobs: BlobStore):
    def broken() -> Iterator[bytes]:
        yield b"the beginning"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        blobs.put(broken())
    assert not list(blobs.stored())


@pytest.mark.parametrize("name", [NOBODYS, "../../etc/passwd", "", "x" * 64, f"{NOBODYS}/..", NOBODYS.upper() + "A"])
def test_what_isn_t_there_or_isn_t_a_name_is_not_found(blobs: BlobStore, name: str):
    with pytest.raises(FileNotFoundError):
        blobs.open(name)
    with pytest.raises(FileNotFoundError), blobs.local(name):
        pass


def test_only_what_is_old_is_deleted(blobs: BlobStore):
    blob = blobs.put([b"young"])
    assert not blobs.delete(blob.sha256, stored_before=datetime.now(UTC) - AGES)
    assert blobs.exists(blob.sha256)
    assert blobs.delete(blob.sha256, stored_before=tomorrow())
    assert not blobs.exists(blob.sha256)
    assert not blobs.delete(blob.sha256, stored_before=tomorrow())


def test_what_is_put_again_is_young_again(tmp_path: Path):
    blobs = FolderBlobs(tmp_path)
    blob = blobs.put([b"old"])
    with blobs.local(blob.sha256) as path:
        os.utime(path, (0, 0))
    blobs.put([b"old"])
    [stored] = blobs.stored()
    assert datetime.now(UTC) - stored.stored_at < AGES


def test_a_folder_s_contents_are_for_the_app_s_user_only(tmp_path: Path):
    blobs = FolderBlobs(tmp_path / "files")
    blob = blobs.put([b"private"])
    with blobs.local(blob.sha256) as path:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path == tmp_path / "files" / blob.sha256[:2] / blob.sha256[2:4] / blob.sha256
        assert {stat.S_IMODE(each.stat().st_mode) for each in (path.parent, blobs.root)} == {0o700}


def test_what_a_stopped_server_left_half_written_is_cleared_away_in_time(tmp_path: Path):
    blobs = FolderBlobs(tmp_path)
    blobs.put([b"whole"])
    left, going = tmp_path / "incoming" / "left", tmp_path / "incoming" / "going"
    left.write_bytes(b"half")
    going.write_bytes(b"half")
    os.utime(left, (0, 0))
    assert len(list(blobs.stored())) == 1
    assert (left.exists(), going.exists()) == (False, True)

"""Download of the official files from a local server: resumed, checked, never half there."""

import io
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from helpers import datasets
from helpers.course import download
from tests.builders.files import zipped


@pytest.fixture
def server():
    """A file server on loopback: `files` it holds, `log` of range headers, `cut` bytes sent per reply."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.server.files.get(self.path)
            header = self.headers.get("Range")
            self.server.log.append(header)
            if body is None:
                return self.send_error(404)
            start = int(header[6:-1]) if header and self.server.ranges else 0
            if header and start >= len(body):
                return self.send_error(416)
            self.send_response(206 if header and self.server.ranges else 200)
            self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            self.wfile.write(body[start : start + self.server.cut])
            return None

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.files, httpd.log, httpd.cut, httpd.ranges = {}, [], 10**9, True
        httpd.url = f"http://127.0.0.1:{httpd.server_port}"
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield httpd
        httpd.shutdown()


def npy(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def archive(dataset, change=None):
    """The official zip of a dataset; change(name, array) → array may spoil it."""
    files = {}
    for i, (name, shape) in enumerate(dataset.shapes.items()):
        array = np.random.default_rng(i).normal(size=shape).astype(np.float32)
        if change:
            array = change(name, array)
        files[name.split("/", 1)[1]] = npy(array)
    return zipped(files)


@pytest.fixture
def dataset(small, server):
    return replace(small["diphoton"], urls=(server.url + "/tutorial-2-data.zip",))


def everything(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_zip_is_unpacked_under_the_official_names(dataset, server, data_folder, small):
    server.files["/tutorial-2-data.zip"] = archive(dataset)
    download.fetch_dataset(dataset)
    assert everything(data_folder) == sorted(dataset.shapes)
    assert datasets.load_diphoton().source == "official"
    download.fetch_dataset(dataset)
    assert len(server.log) == 1  # what is there and good is not fetched again


def test_plain_npy_files(small, server, data_folder):
    ttbarj = replace(small["ttbarj"], urls=tuple(f"{server.url}/{name}" for name in small["ttbarj"].shapes))
    for name, shape in ttbarj.shapes.items():
        server.files[f"/{name}"] = npy(np.ones(shape, np.float32))
    download.fetch_dataset(ttbarj)
    assert everything(data_folder) == sorted(ttbarj.shapes)


def test_broken_connection_is_resumed(dataset, server, data_folder):
    server.files["/tutorial-2-data.zip"] = body = archive(dataset)
    server.cut = len(body) // 2
    with pytest.raises(
        OSError, match=rf"broke after {server.cut} of {len(body)} bytes.*course data --official"
    ):
        download.fetch_dataset(dataset)
    assert everything(data_folder) == ["download/tutorial-2-data.zip.part"]
    server.cut = 10**9
    download.fetch_dataset(dataset)
    assert server.log == [None, f"bytes={len(body) // 2}-"]
    assert everything(data_folder) == sorted(dataset.shapes)


def test_server_without_ranges_starts_anew(dataset, server, data_folder):
    server.files["/tutorial-2-data.zip"] = body = archive(dataset)
    server.ranges, server.cut = False, len(body) // 3
    with pytest.raises(OSError, match="broke after"):
        download.fetch_dataset(dataset)
    server.cut = 10**9
    download.fetch_dataset(dataset)
    assert everything(data_folder) == sorted(dataset.shapes)


def test_part_that_was_complete_is_used(dataset, server, data_folder):
    server.files["/tutorial-2-data.zip"] = body = archive(dataset)
    (data_folder / "download").mkdir(parents=True)
    (data_folder / "download/tutorial-2-data.zip.part").write_bytes(body)
    download.fetch_dataset(dataset)
    assert everything(data_folder) == sorted(dataset.shapes)


def flip_byte(body):
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 0xFF]) + body[middle + 1 :]


@pytest.mark.parametrize("spoil", [flip_byte, lambda body: body[:-200], lambda body: b"<html>moved</html>"])
def test_damaged_zip_changes_nothing(dataset, server, data_folder, spoil):
    server.files["/tutorial-2-data.zip"] = spoil(archive(dataset))
    with pytest.raises(ValueError, match=r"tutorial-2-data\.zip arrived damaged.*course data --official"):
        download.fetch_dataset(dataset)
    assert not (data_folder / "download/tutorial-2-data.zip").exists()
    server.files["/tutorial-2-data.zip"] = archive(dataset)
    download.fetch_dataset(dataset)
    assert everything(data_folder) == sorted(dataset.shapes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda name, a: a[:-1], r"trn_dat\.npy arrived damaged: it holds float32 \(19, 5, 4\), expected"),
        (lambda name, a: a * np.nan, r"20 rows with NaN"),
    ],
)
def test_wrong_content_never_takes_its_place(dataset, server, data_folder, change, message):
    server.files["/tutorial-2-data.zip"] = archive(dataset, change)
    with pytest.raises(ValueError, match=message):
        download.fetch_dataset(dataset)
    assert everything(data_folder) == []


def test_broken_download_keeps_the_good_file_that_was_there(dataset, server, data_folder):
    server.files["/tutorial-2-data.zip"] = archive(dataset)
    download.fetch_dataset(dataset)
    first, *_, last = dataset.shapes
    (data_folder / last).unlink()
    kept = (data_folder / first).read_bytes()
    server.files["/tutorial-2-data.zip"] = archive(dataset, lambda name, a: a * np.nan)
    with pytest.raises(ValueError, match="NaN"):
        download.fetch_dataset(dataset)
    assert (data_folder / first).read_bytes() == kept


def test_absent_file_and_absent_network(dataset, server):
    with pytest.raises(OSError, match="the server answers 404"):
        download.fetch_dataset(dataset)
    nowhere = replace(dataset, urls=("http://127.0.0.1:9/tutorial-2-data.zip",))
    with pytest.raises(OSError, match=r"Connection refused.*check network and disk"):
        download.fetch_dataset(nowhere)


def test_no_room_is_said_before_the_download(dataset, server, data_folder, monkeypatch):
    server.files["/tutorial-2-data.zip"] = archive(dataset)
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 10}))
    with pytest.raises(OSError, match="no room for"):
        download.fetch_dataset(dataset)
    assert everything(data_folder) == []

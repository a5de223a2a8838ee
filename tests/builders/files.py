"""Files and zips, made and opened."""

import io
import zipfile


def put(path, content):
    """Write text or bytes, with the folders on the way. Returns: the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, str):
        content = content.encode()
    path.write_bytes(content)
    return path


def zipped(files, infos=()):
    """The bytes of a zip of files, name → content; infos: (ZipInfo, content) for links and doubled names."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in [*files.items(), *infos]:
            archive.writestr(name, data)
    return content.getvalue()


def put_zip(path, files):
    """Write a zip of files (name → content). Returns: its path."""
    return put(path, zipped(files))


def unzipped(path):
    """What a zip holds, name → bytes; it must be whole."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}

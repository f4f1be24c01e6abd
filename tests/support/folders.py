"""Folders of our own: runs of pytest that go on at the same time clear away each other's, and a gateway
whose folder becomes another's would follow that one's configuration."""
import shutil
import tempfile
from pathlib import Path

import pytest


class Folders:
    def __init__(self, root):
        self.root = root

    def mktemp(self, name, numbered=True):
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.root))


@pytest.fixture(scope="session")
def tmp_path_factory():
    root = tempfile.mkdtemp(prefix="sluice-tests-")
    yield Folders(root)
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def tmp_path(tmp_path_factory):
    return tmp_path_factory.mktemp("test")

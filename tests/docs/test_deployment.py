"""What docker/ offers to install is sound."""
import re
import shutil
import subprocess

import pytest
import yaml

from conftest import PROJECT

UNIT = PROJECT / "docker" / "systemd" / "sluice.service"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_accepts_the_unit(binary, tmp_path):
    # The paths of an installed system become those of this build; the rest stays.
    unit = UNIT.read_text().replace("/usr/bin/sluice", binary)
    (tmp_path / UNIT.name).write_text(unit)

    done = subprocess.run(["systemd-analyze", "verify", "--man=no", tmp_path / UNIT.name], capture_output=True, text=True)

    complaints = [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert done.returncode == 0 and complaints == [], done.stderr


def test_compose_builds_and_mounts_what_exists():
    compose = PROJECT / "docker" / "compose.yaml"
    service = yaml.safe_load(compose.read_text())["services"]["sluice"]
    context = compose.parent / service["build"]["context"]

    assert (context / service["build"]["dockerfile"]).exists()
    for volume in service["volumes"]:
        source = volume.split(":")[0]
        assert not source.startswith(".") or (compose.parent / source).exists()


def test_the_image_copies_what_exists_and_does_not_run_as_root():
    text = (PROJECT / "docker" / "Dockerfile").read_text()

    for source in re.findall(r"^COPY (?!--from)(\S+) ", text, re.MULTILINE):
        assert (PROJECT / source).exists()
    assert re.findall(r"^USER (\S+)$", text, re.MULTILINE)[-1] == "65532:65532"

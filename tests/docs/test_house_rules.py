"""The checks of .ci find what they are there to find."""
import subprocess
import sys

import pytest

from conftest import PROJECT


def put(root, path, text=""):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def floors(root):
    return subprocess.run([sys.executable, PROJECT / ".ci" / "floors.py", root], capture_output=True, text=True)


@pytest.mark.parametrize("including, included", [
    ("include/sluice/reply.h", "base/text.h"),
    ("src/base/text.cpp", "net/loop.h"),
    ("src/net/loop.cpp", "server/connection.h"),
    ("src/telemetry/metrics/counter.h", "telemetry/exposition.h"),
    ("providers/openai/provider.cpp", "routing/attempts.h"),
])
def test_an_include_that_runs_up_is_refused(including, included, tmp_path):
    put(tmp_path, "src/" + included)
    put(tmp_path, including, f'#pragma once\n#include "{included}"\n')

    done = floors(tmp_path)

    assert done.returncode == 1
    assert f"{including}:2: includes src/{included}" in done.stdout
    assert " up to " in done.stdout


@pytest.mark.parametrize("including, included", [
    ("src/dialect/chat.cpp", "config/snapshot.h"),
    ("src/routing/router.cpp", "middleware/chain.h"),
    ("src/store/sqlite/keys.cpp", "store/memory/keys.h"),
    ("src/ledger/prices.cpp", "providers/catalogue.h"),
])
def test_an_include_of_a_neighbour_is_refused(including, included, tmp_path):
    put(tmp_path, included if included.startswith("providers") else "src/" + included)
    put(tmp_path, including, f"#include <{included}>\n")

    done = floors(tmp_path)

    assert done.returncode == 1
    assert " sideways to " in done.stdout


def test_a_path_with_dots_is_followed_to_where_it_leads(tmp_path):
    put(tmp_path, "src/server/connection.h")
    put(tmp_path, "src/net/loop.cpp", '#include "../server/connection.h"\n')

    assert "from src/net up to src/server" in floors(tmp_path).stdout


def test_a_folder_that_is_no_room_is_refused(tmp_path):
    put(tmp_path, "src/utils/misc.h")

    done = floors(tmp_path)

    assert done.returncode == 1
    assert "src/utils/misc.h:1: lies in no room" in done.stdout


def test_includes_that_run_down_or_stay_are_accepted(tmp_path):
    for header in ["include/sluice/reply.h", "src/base/text.h", "src/telemetry/metrics/counter.h", "src/net/loop.h"]:
        put(tmp_path, header)
    put(tmp_path, "src/telemetry/log.h", '#include "telemetry/metrics/counter.h"\n#include "net/loop.h"\n#include <vector>\n')
    put(tmp_path, "src/server/connection.cpp", '#include "telemetry/log.h"\n#include "sluice/reply.h"\n#include "writer.h"\n')
    put(tmp_path, "src/server/writer.h")

    assert floors(tmp_path).returncode == 0


def texts(root):
    subprocess.run(["git", "init", "-q", root], check=True)
    return subprocess.run([sys.executable, PROJECT / ".ci" / "texts.py", root], capture_output=True, text=True)


def test_a_file_that_is_too_long_is_refused(tmp_path):
    put(tmp_path, "src/base/long.cpp", "\n" * 501)
    put(tmp_path, "src/base/right.cpp", "\n" * 500)

    done = texts(tmp_path)

    assert done.returncode == 1
    assert "src/base/long.cpp:501:" in done.stdout
    assert "right.cpp" not in done.stdout


def test_a_word_that_defers_work_is_refused(tmp_path):
    put(tmp_path, "src/base/text.cpp", "int a;  // TO" + "DO: finish\n")

    done = texts(tmp_path)

    assert done.returncode == 1
    assert "src/base/text.cpp:1:" in done.stdout


def test_a_stranger_on_the_top_level_is_refused(tmp_path):
    put(tmp_path, "notes.md")

    assert "notes.md:1: the top level holds only" in texts(tmp_path).stdout

"""The gateway that both SDKs talk to, and how to run a command beside it:

    gateway.py COMMAND…   starts it, runs COMMAND with its addresses in the environment, stops and judges it
"""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.client import KEY  # noqa: E402
from support.sluice import Sluice, merged, usual_config  # noqa: E402

LIMITED_KEY = "sk-client-limited-2c71e9"


def config():
    """Two keys, two workers, the simulator, and a model under a known name."""
    tester = usual_config()["auth"]["keys"][0]
    limited = {"name": "limited", "secret": LIMITED_KEY, "models": ["gpt-4o"], "may": ["chat"]}
    return merged(usual_config(), {
        "server": {"workers": 2},
        "models": {"gpt-4o": "simulator/echo"},
        "auth": {"keys": [tester, limited]},
    })


def environment(sluice):
    return {"SLUICE_URL": f"http://{sluice.address}", "SLUICE_KEY": KEY, "SLUICE_LIMITED_KEY": LIMITED_KEY,
            "SLUICE_ADMIN_URL": f"http://{sluice.admin}"}


def main(command):
    with tempfile.TemporaryDirectory(prefix="sluice-clients-") as folder:
        sluice = Sluice(folder, config())
        try:
            return subprocess.run(command, env={**os.environ, **environment(sluice)}).returncode
        finally:
            sluice.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The gateway that all clients talk to, and how to run a command beside it:

    gateway.py COMMAND…   starts it, runs COMMAND with its addresses in the environment, stops and judges it
"""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from support.client import KEY  # noqa: E402
from support.sluice import UPSTREAM_KEY, Sluice, merged, usual_config  # noqa: E402
from upstreams.server import Upstreams  # noqa: E402

LIMITED_KEY = "sk-client-limited-2c71e9"


def start_upstreams():
    return Upstreams(UPSTREAM_KEY, callers=[KEY, LIMITED_KEY])


def config(upstreams):
    """Two keys, two workers, the simulator, a model under a known name, and other APIs' providers."""
    tester = usual_config()["auth"]["keys"][0]
    limited = {"name": "limited", "secret": LIMITED_KEY, "models": ["gpt-4o"], "may": ["chat"]}
    return merged(usual_config(), {
        "server": {"workers": 2},
        "providers": upstreams.providers(),
        "models": {
            "gpt-4o": "simulator/echo",
            "busy": "simulator/echo+error=429",
            # What the Gemini CLI asks for, told otherwise.
            "gemini-2.5-pro": "anthropic/claude-sonnet-4-5",
            "gemini-2.5-flash": "openai/gpt-4o",
            "gemini-2.5-flash-lite": "bedrock/us.amazon.nova-2-lite-v1:0",
            "gemini-3.1-pro-preview": "simulator/lorem-20",
        },
        "auth": {"keys": [tester, limited]},
    })


def environment(sluice, upstreams):
    return {"SLUICE_URL": f"http://{sluice.address}", "SLUICE_KEY": KEY, "SLUICE_LIMITED_KEY": LIMITED_KEY,
            "SLUICE_ADMIN_URL": f"http://{sluice.admin}", "SLUICE_UPSTREAMS_URL": upstreams.url}


def main(command):
    upstreams = start_upstreams()
    with tempfile.TemporaryDirectory(prefix="sluice-clients-") as folder:
        sluice = Sluice(folder, config(upstreams))
        try:
            return subprocess.run(command, env={**os.environ, **environment(sluice, upstreams)}).returncode
        finally:
            sluice.stop()
            upstreams.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

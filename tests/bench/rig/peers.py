"""Other gateways for models, installed through their registries when asked for (--peers)."""

import json
import subprocess
import sys

from .process import free_port


NAMES = ("portkey", "litellm", "bifrost")


def place(folder, name):
    return folder / "peers" / name


def install(folder):
    """Installs what can be; says what cannot. Gives the names of those that are there."""
    there = []
    for name, how in (("portkey", install_portkey), ("litellm", install_litellm),
                      ("bifrost", install_bifrost)):
        target = place(folder, name)
        target.mkdir(parents=True, exist_ok=True)
        try:
            if not (target / "installed").exists():
                print(f"installing {name} …", file=sys.stderr)
                how(target)
                (target / "installed").touch()
            there.append(name)
        except (OSError, subprocess.SubprocessError, RuntimeError) as reason:
            print(f"{name} cannot be installed here: {reason}", file=sys.stderr)
    return there


def do(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600,
                          stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.strip()[-400:]}")


def install_portkey(target):
    do(["npm", "install", "--no-audit", "--no-fund", "--prefix", target, "@portkey-ai/gateway"],
       target)


def install_litellm(target):
    do([sys.executable, "-m", "venv", target / "venv"], target)
    do([target / "venv/bin/pip", "install", "--quiet", "litellm[proxy]"], target)


def install_bifrost(target):
    do(["npm", "install", "--no-audit", "--no-fund", "--prefix", target, "@maximhq/bifrost"],
       target)
    # The package fetches the program itself when first called.
    do([target / "node_modules/.bin/bifrost", "-help"], target)


def versions(folder):
    found = {}
    for name, package in (("portkey", "@portkey-ai/gateway"), ("bifrost", "@maximhq/bifrost")):
        manifest = place(folder, name) / "node_modules" / package / "package.json"
        if manifest.exists():
            found[name] = json.loads(manifest.read_text())["version"]
    pip = place(folder, "litellm") / "venv/bin/pip"
    if pip.exists():
        shown = subprocess.run([pip, "show", "litellm"], capture_output=True, text=True)
        found["litellm"] = next((line.split()[1] for line in shown.stdout.splitlines()
                                 if line.startswith("Version:")), "?")
    return found


def gateway(name, process, port, **more):
    from .subjects import Subject  # Not at the top: that module lists the starters of this one.
    return Subject(name, process, port, exact=False, **more)


def plain(layout):
    return not (layout.tls_client or layout.tls_upstream)


def start_portkey(rig, fleet, upstream, layout):
    """It has no configuration: each request says by headers where to go."""
    if not plain(layout):
        return None
    port = free_port()
    server = place(rig.folder, "portkey") / "node_modules/@portkey-ai/gateway/build/start-server.js"
    process = fleet.start("portkey", ["node", server, f"--port={port}", "--headless"],
                          cpu=layout.subject_cpu, env={"NODE_ENV": "production"})
    return gateway("portkey", process, port, headers={
        "x-portkey-provider": "openai",
        "x-portkey-custom-host": f"http://127.0.0.1:{upstream.port}/v1"})


def start_litellm(rig, fleet, upstream, layout):
    if not plain(layout):
        return None
    port = free_port()
    configuration = fleet.folder / "litellm.yaml"
    configuration.write_text(json.dumps({
        "model_list": [{"model_name": "*", "litellm_params": {
            "model": "openai/*", "api_base": f"http://127.0.0.1:{upstream.port}/v1",
            "api_key": "sk-up"}}],
        "litellm_settings": {"telemetry": False}}))
    process = fleet.start(
        "litellm", [place(rig.folder, "litellm") / "venv/bin/litellm", "--config", configuration,
                    "--host", "127.0.0.1", "--port", port, "--num_workers", "1"],
        cpu=layout.subject_cpu, env={
            "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
            "LITELLM_LOCAL_MODEL_COST_MAP": "True"})
    return gateway("litellm", process, port)


def start_bifrost(rig, fleet, upstream, layout):
    if not plain(layout):
        return None
    port = free_port()
    home = fleet.folder / "bifrost"
    home.mkdir(exist_ok=True)
    (home / "config.json").write_text(json.dumps({"providers": {"openai": {
        "keys": [{"name": "bench", "value": "sk-up", "weight": 1.0, "models": []}],
        "network_config": {"base_url": f"http://127.0.0.1:{upstream.port}"}}}}))
    program = place(rig.folder, "bifrost") / "node_modules/.bin/bifrost"
    process = fleet.start("bifrost", [program, "-host", "127.0.0.1", "-port", port, "-app-dir", home],
                          cpu=layout.subject_cpu, env={"GOMAXPROCS": "1"})
    return gateway("bifrost", process, port)

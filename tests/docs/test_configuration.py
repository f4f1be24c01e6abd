"""Every configuration in the tree loads, and the schema says the same as the loader."""
import json
import subprocess

import jsonschema
import pytest
import yaml

from conftest import PROJECT

# Files beside the configurations that are something else.
OTHERS = {"prices.yaml"}
OTHER_FOLDERS = {"prompts", "catalogues"}


def configurations():
    found = [file for file in sorted((PROJECT / "config").rglob("*.yaml"))
             if file.name not in OTHERS and not OTHER_FOLDERS & set(file.relative_to(PROJECT).parts)]
    return [*found, PROJECT / "docker" / "sluice.yaml"]


def name(path):
    return path.relative_to(PROJECT).as_posix()


def check(binary, file):
    return subprocess.run([binary, "check", "--no-secrets", file], capture_output=True, text=True, timeout=30)


@pytest.fixture(scope="module")
def schema(binary):
    done = subprocess.run([binary, "schema"], capture_output=True, text=True, check=True, timeout=30)
    return json.loads(done.stdout)


def test_the_schema_is_a_schema(schema):
    jsonschema.Draft7Validator.check_schema(schema)


def test_there_is_a_default_configuration():
    assert (PROJECT / "config" / "sluice.yaml") in configurations()


@pytest.mark.parametrize("file", configurations(), ids=name)
def test_a_configuration_loads(file, binary):
    done = check(binary, file)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", configurations(), ids=name)
def test_a_configuration_fits_the_schema(file, schema):
    jsonschema.Draft7Validator(schema).validate(yaml.safe_load(file.read_text()))


@pytest.mark.parametrize("text", ["version: 1\nservr: {}\n", "version: 1\nserver: {listen: 5}\n", "version: two\n"])
def test_loader_and_schema_refuse_the_same(text, binary, schema, tmp_path):
    file = tmp_path / "bad.yaml"
    file.write_text(text)

    done = check(binary, file)

    assert done.returncode == 1
    assert f"{file}:" in done.stdout + done.stderr
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(schema).validate(yaml.safe_load(text))

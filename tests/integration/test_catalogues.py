"""A provider that speaks like OpenAI is a file: docs/add_a_provider.md, word by word, against an upstream of ours."""
import re

import pytest
import yaml

from support.client import chat
from support.sluice import PROJECT, UPSTREAM_KEY
from support.wait import eventually

BLOCKS = re.findall(r"^```yaml[ \w]*\n(.*?)^```$", (PROJECT / "docs" / "add_a_provider.md").read_text(), re.MULTILINE | re.DOTALL)
CATALOGUE, CONFIGURATION, CHANGE, PRICES = BLOCKS


@pytest.fixture(scope="module")
def folder(tmp_path_factory, module_upstream):
    """The page's catalogue and prices, with the upstream in the place of Acme."""
    folder = tmp_path_factory.mktemp("acme")
    (folder / "catalogues").mkdir()
    (folder / "catalogues" / "acme.yaml").write_text(CATALOGUE.replace("https://api.acme.example/v1", module_upstream.url))
    (folder / "catalogues" / "groq.yaml").write_text(CHANGE)
    (folder / "prices.yaml").write_text(PRICES)
    return folder


@pytest.fixture(scope="module")
def acme(start, folder):
    config = yaml.safe_load(CONFIGURATION)
    config["catalogues"] = [str(folder / "catalogues")]
    config["prices"] = str(folder / "prices.yaml")
    return start(config, environment={"ACME_API_KEY": UPSTREAM_KEY})


@pytest.mark.parametrize("asked,sent", [("fast", "acme-small"), ("acme-large", "acme-large"), ("acme/acme-other", "acme-other")])
def test_the_provider_answers(acme, upstream, asked, sent):
    response = acme.chat(chat(asked))

    assert response.status == 200, response
    assert response.json()["choices"][0]["message"]["content"] == "Hi."
    assert upstream.requests[0].json()["model"] == sent
    assert upstream.requests[0].header("authorization") == f"Bearer {UPSTREAM_KEY}"


def test_its_models_are_listed(acme):
    listed = [one["id"] for one in acme.ask("GET", "/v1/models").json()["data"]]

    assert listed[0] == "fast"
    assert {"acme-small", "acme-large", "acme/acme-small", "acme/acme-large"} <= set(listed)
    assert not any("*" in name for name in listed)
    assert acme.ask("GET", "/v1/models/acme-large").json()["owned_by"] == "acme"


def test_a_changed_catalogue_is_picked_up(acme, folder):
    file = folder / "catalogues" / "acme.yaml"
    before = file.read_text()

    file.write_text(before + "  acme-next: {}\n")

    eventually(lambda: "acme/acme-next" in acme.ask("GET", "/v1/models").body.decode(), what="the new model")


def test_a_broken_catalogue_keeps_the_old_one(acme, folder, upstream):
    (folder / "catalogues" / "broken.yaml").write_text("type: broken\nmodles: {}\n")

    eventually(lambda: "broken.yaml:2:1: modles: unknown key" in acme.log(), what="told")

    assert acme.chat(chat("fast")).status == 200

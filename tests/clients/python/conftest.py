import sys
from pathlib import Path

import pytest
from openai import AsyncOpenAI, OpenAI

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import gateway  # noqa: E402


@pytest.fixture(scope="session")
def upstreams():
    running = gateway.start_upstreams()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def sluice(tmp_path_factory, upstreams):
    running = gateway.Sluice(tmp_path_factory.mktemp("sluice"), gateway.config(upstreams))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def url(sluice):
    return f"http://{sluice.address}"


@pytest.fixture
def client(url):
    """As people make it; only the retries are off, so that an error is what the gateway said first."""
    with OpenAI(base_url=f"{url}/v1", api_key=gateway.KEY, max_retries=0) as made:
        yield made


@pytest.fixture
def async_client(url):
    """To be closed by its test, in that test's event loop."""
    return AsyncOpenAI(base_url=f"{url}/v1", api_key=gateway.KEY, max_retries=0)

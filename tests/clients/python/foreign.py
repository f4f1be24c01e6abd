"""Providers whose API is not the client's, and what every client must hear from them."""
import json
from dataclasses import dataclass

from upstreams.scripted import PLACE

# Each recorded call is one of these; a client offers them all.
TOOLS = {
    "get_weather": ("The weather at a place", {"location": {"type": "string"}, "unit": {"type": "string"}, "city": {"type": "string"}}),
    "get_time": ("The time in a zone", {"timezone": {"type": "string"}}),
    "get_current_weather": ("The weather now", {"location": {"type": "string", "description": "A city"}}),
    "get_user_country": ("Where the user lives", {}),
    "best_language_to_learn": ("Gets the best language to learn", {}),
    "search_games": ("Finds the games in a city", {"city": {"type": "string"}}),
}
PLACE_VALUE = json.loads(PLACE)


def schema(properties):
    return {"type": "object", "properties": properties, "required": []}


@dataclass
class Foreign:
    """A provider that plays recordings; `says` is what it said last."""
    name: str
    model: str
    upstreams: object

    @property
    def asked(self):
        return self.upstreams.asked[-1]

    @property
    def says(self):
        return self.upstreams.said[-1]

    @property
    def text(self):
        return self.says["text"].get("0", "")

    @property
    def reasoning(self):
        return self.says["reasoning"].get("0", "")

    @property
    def calls(self):
        return [(call["name"], call["arguments"]) for call in self.says["tool_calls"]]

    @property
    def usage(self):
        return self.says["usage"]["input"], self.says["usage"]["output"]


MODELS = {
    "anthropic": "anthropic/claude-sonnet-4-5",
    "gemini": "gemini/gemini-2.5-flash",
    "bedrock": "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "openai": "openai/gpt-4o",
    "deepseek": "deepseek/deepseek-reasoner",
}


def foreign(name, upstreams):
    return Foreign(name, MODELS[name], upstreams)

"""Tools and structured output with the OpenAI SDK."""
import json
from enum import Enum
from typing import Optional

import openai
from pydantic import BaseModel

from words import function, user

WEATHER = function("weather", city={"type": "string"}, days={"type": "integer", "minimum": 1})
CLOCK = function("clock", zone={"type": "string", "enum": ["UTC", "CET"]})


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Part(BaseModel):
    name: str
    colour: Colour
    weight: Optional[float]


class Machine(BaseModel):
    title: str
    parts: list[Part]
    main: Part
    working: bool


class Search(BaseModel):
    """Looks something up."""
    query: str
    limit: int


def test_a_tool_is_called_with_arguments_that_fit_it(client):
    choice = client.chat.completions.create(model="simulator/tool", messages=user(), tools=[WEATHER]).choices[0]

    assert choice.finish_reason == "tool_calls"
    call, = choice.message.tool_calls
    arguments = json.loads(call.function.arguments)
    assert call.type == "function" and call.id and call.function.name == "weather"
    assert isinstance(arguments["city"], str) and arguments["days"] >= 1


def test_two_tools_are_called_at_once(client):
    calls = client.chat.completions.create(model="simulator/tool-2", messages=user(), tools=[WEATHER, CLOCK]).choices[0].message.tool_calls

    assert [call.function.name for call in calls] == ["weather", "clock"]
    assert len({call.id for call in calls}) == 2
    assert json.loads(calls[1].function.arguments)["zone"] in ("UTC", "CET")


def test_calls_in_parallel_can_be_forbidden(client):
    calls = client.chat.completions.create(model="simulator/tool-2", messages=user(), tools=[WEATHER, CLOCK],
                                           parallel_tool_calls=False).choices[0].message.tool_calls

    assert len(calls) == 1


def test_a_named_tool_is_called_by_a_model_that_would_not(client):
    choice = client.chat.completions.create(model="simulator/echo", messages=user(), tools=[WEATHER, CLOCK],
                                            tool_choice={"type": "function", "function": {"name": "clock"}}).choices[0]

    assert [call.function.name for call in choice.message.tool_calls] == ["clock"]


def test_a_tools_result_leads_to_words(client):
    messages = user()
    message = client.chat.completions.create(model="simulator/tool", messages=messages, tools=[WEATHER]).choices[0].message
    messages += [message, {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "Sunny"}]

    choice = client.chat.completions.create(model="simulator/tool", messages=messages, tools=[WEATHER]).choices[0]

    assert choice.finish_reason == "stop" and choice.message.content and not choice.message.tool_calls


def test_streamed_tool_calls_are_put_together(client):
    with client.chat.completions.stream(model="simulator/tool-2", messages=user(), tools=[WEATHER, CLOCK]) as stream:
        events = list(stream)
        final = stream.get_final_completion().choices[0]

    calls = final.message.tool_calls
    assert final.finish_reason == "tool_calls" and [call.function.name for call in calls] == ["weather", "clock"]
    done = [event for event in events if event.type == "tool_calls.function.arguments.done"]
    assert [event.arguments for event in done] == [call.function.arguments for call in calls]
    assert all(isinstance(json.loads(event.arguments), dict) for event in done)


def test_arguments_are_parsed_into_the_model_of_the_tool(client):
    completion = client.chat.completions.parse(model="simulator/tool", messages=user(),
                                               tools=[openai.pydantic_function_tool(Search)])

    assert isinstance(completion.choices[0].message.tool_calls[0].function.parsed_arguments, Search)


def test_an_answer_is_parsed_into_a_model(client):
    message = client.chat.completions.parse(model="simulator/json", messages=user(), response_format=Machine).choices[0].message

    assert isinstance(message.parsed, Machine) and isinstance(message.parsed.main.colour, Colour)


def test_a_streamed_answer_is_parsed_into_a_model(client):
    with client.chat.completions.stream(model="simulator/json", messages=user(), response_format=Machine) as stream:
        parsed = [event.parsed for event in stream if event.type == "content.done"]

    assert len(parsed) == 1 and isinstance(parsed[0], Machine)


def test_a_json_object_is_one(client):
    completion = client.chat.completions.create(model="simulator/json", messages=user(), response_format={"type": "json_object"})

    assert json.loads(completion.choices[0].message.content) == {"echo": "Hello there!"}


def test_a_refusal_is_not_parsed(client):
    message = client.chat.completions.parse(model="simulator/refusal", messages=user(), response_format=Machine).choices[0].message

    assert message.refusal and message.parsed is None

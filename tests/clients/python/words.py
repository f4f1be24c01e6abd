"""What the tests of the Python SDK say again and again."""


def user(text="Hello there!"):
    return [{"role": "user", "content": text}]


def numbers(count):
    """What the simulator's model numbered-COUNT answers."""
    return "".join(f"{number} " for number in range(count))


def text_of(chunks):
    return "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)


def function(name, **properties):
    return {"type": "function", "function": {
        "name": name, "description": f"About {name}",
        "parameters": {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}}}

// Tools and structured output with the OpenAI SDK for Node.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zodFunction, zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { makeClient, tool, user } from './words.mjs';

const client = makeClient();
const weather = tool('weather', { city: { type: 'string' }, days: { type: 'integer', minimum: 1 } });
const clock = tool('clock', { zone: { type: 'string', enum: ['UTC', 'CET'] } });

const Part = z.object({ name: z.string(), colour: z.enum(['red', 'blue']), weight: z.number().nullable() });
const Machine = z.object({ title: z.string(), parts: z.array(Part), main: Part, working: z.boolean() });

test('a tool is called with arguments that fit it', async () => {
  const completion = await client.chat.completions.create({ model: 'simulator/tool', messages: user(), tools: [weather] });
  const [choice] = completion.choices;
  const [call] = choice.message.tool_calls;

  assert.equal(choice.finish_reason, 'tool_calls');
  assert.equal(call.function.name, 'weather');
  assert.ok(JSON.parse(call.function.arguments).days >= 1);
});

test('two tools are called at once', async () => {
  const completion = await client.chat.completions.create({ model: 'simulator/tool-2', messages: user(), tools: [weather, clock] });
  const calls = completion.choices[0].message.tool_calls;

  assert.deepEqual(calls.map((call) => call.function.name), ['weather', 'clock']);
  assert.notEqual(calls[0].id, calls[1].id);
});

test('calls in parallel can be forbidden', async () => {
  const completion = await client.chat.completions.create({
    model: 'simulator/tool-2',
    messages: user(),
    tools: [weather, clock],
    parallel_tool_calls: false,
  });

  assert.equal(completion.choices[0].message.tool_calls.length, 1);
});

test('streamed tool calls are put together', async () => {
  const runner = client.chat.completions.stream({ model: 'simulator/tool-2', messages: user(), tools: [weather, clock] });
  const done = [];
  runner.on('tool_calls.function.arguments.done', (event) => done.push(event.arguments));

  const { message, finish_reason: reason } = (await runner.finalChatCompletion()).choices[0];

  assert.equal(reason, 'tool_calls');
  assert.deepEqual(message.tool_calls.map((call) => call.function.arguments), done);
  assert.ok(done.every((text) => typeof JSON.parse(text) === 'object'));
});

// The loop that answers calls until the model speaks: twice through the gateway.
for (const stream of [false, true]) {
  test(`the SDK runs a tool and hands its result back${stream ? ', streamed' : ''}`, async () => {
    const asked = [];
    const runner = client.chat.completions.runTools({
      model: 'simulator/tool',
      messages: user(),
      stream,
      tools: [
        {
          type: 'function',
          function: { ...weather.function, parse: JSON.parse, function: (given) => asked.push(given.city) && 'Sunny' },
        },
      ],
    });

    const content = await runner.finalContent();

    assert.equal(asked.length, 1);
    assert.ok(content);
    assert.deepEqual(runner.messages.map((message) => message.role), ['user', 'assistant', 'tool', 'assistant']);
  });
}

test("arguments are parsed by the tool's schema", async () => {
  const completion = await client.chat.completions.parse({
    model: 'simulator/tool',
    messages: user(),
    tools: [zodFunction({ name: 'search', parameters: z.object({ query: z.string(), limit: z.number().int() }) })],
  });
  const parsed = completion.choices[0].message.tool_calls[0].function.parsed_arguments;

  assert.equal(typeof parsed.query, 'string');
  assert.ok(Number.isInteger(parsed.limit));
});

test('an answer is parsed by a schema', async () => {
  const completion = await client.chat.completions.parse({
    model: 'simulator/json',
    messages: user(),
    response_format: zodResponseFormat(Machine, 'machine'),
  });

  assert.ok(Machine.safeParse(completion.choices[0].message.parsed).success);
});

test('a streamed answer is parsed by a schema', async () => {
  const runner = client.chat.completions.stream({
    model: 'simulator/json',
    messages: user(),
    response_format: zodResponseFormat(Machine, 'machine'),
  });

  assert.ok(Machine.safeParse((await runner.finalChatCompletion()).choices[0].message.parsed).success);
});

test('a refusal is not parsed', async () => {
  const completion = await client.chat.completions.parse({
    model: 'simulator/refusal',
    messages: user(),
    response_format: zodResponseFormat(Machine, 'machine'),
  });

  assert.ok(completion.choices[0].message.refusal);
  assert.equal(completion.choices[0].message.parsed, null);
});

test('a response is parsed by a schema', async () => {
  const response = await client.responses.parse({
    model: 'simulator/json',
    input: 'Hi',
    text: { format: zodTextFormat(Machine, 'machine') },
  });

  assert.ok(Machine.safeParse(response.output_parsed).success);
});

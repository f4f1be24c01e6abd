// The OpenAI SDK for Node with providers that do not speak its API.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { heard, last, models, tools } from './foreign.mjs';
import { collect, makeClient, textOf, user } from './words.mjs';

const client = makeClient();
const Place = z.object({ city: z.string(), country: z.string() });
const chatTools = Object.entries(tools).map(([name, { about, schema }]) => ({
  type: 'function',
  function: { name, description: about, parameters: schema },
}));
const responseTools = chatTools.map((tool) => ({ type: 'function', strict: false, ...tool.function }));
const called = (calls) => calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)]);

for (const provider of ['anthropic', 'gemini', 'bedrock']) {
  const model = models[provider];

  test(`${provider}: a chat is answered`, async () => {
    const completion = await client.chat.completions.create({ model, messages: user() });

    const { prompt_tokens: input, completion_tokens: output } = completion.usage;
    const said = await heard({ text: completion.choices[0].message.content, usage: [input, output] });
    assert.equal(completion.choices[0].finish_reason, said.finish);
  });

  test(`${provider}: a chat streams`, async () => {
    const chunks = await collect(
      await client.chat.completions.create({ model, messages: user(), stream: true, stream_options: { include_usage: true } }),
    );

    const { prompt_tokens: input, completion_tokens: output } = chunks.at(-1).usage;
    assert.ok((await heard({ text: textOf(chunks), usage: [input, output] })).stream);
  });

  test(`${provider}: the stream helper accumulates the answer`, async () => {
    const runner = client.chat.completions.stream({ model, messages: user() });
    const pieces = [];
    runner.on('content', (piece) => pieces.push(piece));

    const content = await runner.finalContent();

    assert.equal(pieces.join(''), content);
    await heard({ text: content });
  });

  for (const stream of [false, true]) {
    test(`${provider}: the SDK runs tools and hands their results back${stream ? ', streamed' : ''}`, async () => {
      const runs = [];
      const runner = client.chat.completions.runTools({
        model,
        messages: user('What is it like outside?'),
        stream,
        tools: chatTools.map((tool) => ({
          type: 'function',
          function: { ...tool.function, parse: JSON.parse, function: () => runs.push(tool.function.name) && '21 degrees' },
        })),
      });

      const content = await runner.finalContent();

      const said = await heard({ text: content });
      assert.ok(runs.length >= 1);
      assert.deepEqual(said.results, runs.map(() => '21 degrees'));
    });
  }

  test(`${provider}: streamed tool calls are put together`, async () => {
    const runner = client.chat.completions.stream({ model, messages: user(), tools: chatTools });
    const { message, finish_reason: reason } = (await runner.finalChatCompletion()).choices[0];

    assert.equal(reason, 'tool_calls');
    await heard({ calls: called(message.tool_calls) });
  });

  test(`${provider}: answers are parsed by a schema`, async () => {
    const asking = { model, messages: user('Where?'), response_format: zodResponseFormat(Place, 'place') };
    const whole = await client.chat.completions.parse(asking);
    assert.deepEqual(whole.choices[0].message.parsed, JSON.parse((await last()).text));

    const runner = client.chat.completions.stream(asking);
    const { parsed } = (await runner.finalChatCompletion()).choices[0].message;
    assert.deepEqual(parsed, JSON.parse((await last()).text));
  });

  test(`${provider}: a response is answered`, async () => {
    const response = await client.responses.create({ model, input: 'Hello', instructions: 'Be brief.' });

    await heard({ text: response.output_text, usage: [response.usage.input_tokens, response.usage.output_tokens] });
  });

  test(`${provider}: the stream helper accumulates a response`, async () => {
    const runner = client.responses.stream({ model, input: 'Hello' });
    const events = await collect(runner);
    const final = await runner.finalResponse();

    const deltas = events.filter((event) => event.type === 'response.output_text.delta').map((event) => event.delta);
    assert.equal(deltas.join(''), final.output_text);
    await heard({ text: final.output_text, usage: [final.usage.input_tokens, final.usage.output_tokens] });
  });

  test(`${provider}: a response calls tools and reads their results, streamed`, async () => {
    const input = user('What is it like outside?');
    const ask = async () => client.responses.stream({ model, input, tools: responseTools }).finalResponse();
    const first = await ask();
    const calls = first.output.filter((item) => item.type === 'function_call');
    await heard({ calls: calls.map((call) => [call.name, JSON.parse(call.arguments)]) });

    // eslint-disable-next-line no-unused-vars
    input.push(...first.output.map(({ parsed_arguments, ...item }) => item));
    input.push(...calls.map((call) => ({ type: 'function_call_output', call_id: call.call_id, output: '21 degrees' })));
    const second = await ask();

    assert.deepEqual((await heard({ text: second.output_text })).results, calls.map(() => '21 degrees'));
  });

  test(`${provider}: a response is parsed by a schema`, async () => {
    const response = await client.responses.parse({ model, input: 'Where?', text: { format: zodTextFormat(Place, 'place') } });

    assert.deepEqual(response.output_parsed, JSON.parse((await last()).text));
  });
}

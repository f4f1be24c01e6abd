// Chats with the OpenAI SDK for Node: whole and streamed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect, makeClient, numbers, textOf, user } from './words.mjs';

const client = makeClient();

test('a chat is answered', async () => {
  const completion = await client.chat.completions.create({ model: 'simulator/echo', messages: user('Grüße, 世界 🌍') });

  assert.equal(completion.object, 'chat.completion');
  assert.equal(completion.choices[0].message.content, 'Grüße, 世界 🌍');
  assert.equal(completion.choices[0].finish_reason, 'stop');
  assert.ok(completion.usage.prompt_tokens > 0);
  assert.equal(completion.usage.total_tokens, completion.usage.prompt_tokens + completion.usage.completion_tokens);
});

test('a large prompt comes back whole', async () => {
  const text = Array.from({ length: 60_000 }, (_, number) => `line ${number} é世\n`).join('');

  const completion = await client.chat.completions.create({ model: 'simulator/echo', messages: user(text) });

  assert.equal(completion.choices[0].message.content, text);
});

test('a refusal is no content', async () => {
  const { message } = (await client.chat.completions.create({ model: 'simulator/refusal', messages: user() })).choices[0];

  assert.ok(message.refusal);
  assert.equal(message.content, null);
});

test('reasoning is kept as a field that the SDK does not know', async () => {
  const completion = await client.chat.completions.create({ model: 'simulator/reasoning-12', messages: user() });

  assert.equal(completion.choices[0].message.content, 'Hello there!');
  assert.ok(completion.choices[0].message.reasoning_content);
  assert.equal(completion.usage.completion_tokens_details.reasoning_tokens, 12);
});

test('reasoning streams before the answer', async () => {
  const stream = await client.chat.completions.create({ model: 'simulator/reasoning-12', messages: user(), stream: true });
  const chunks = await collect(stream);
  const kinds = chunks.map(({ choices: [{ delta }] }) => (delta.reasoning_content ? 'thought' : delta.content ? 'word' : ''));

  assert.equal(kinds.filter((kind) => kind === 'thought').length, 12);
  assert.ok(kinds.lastIndexOf('thought') < kinds.indexOf('word'));
  assert.equal(textOf(chunks), 'Hello there!');
});

test('a stream brings every delta once and in order', async () => {
  const stream = await client.chat.completions.create({ model: 'simulator/numbered-500', messages: user(), stream: true });

  assert.equal(textOf(await collect(stream)), numbers(500));
});

test('a stream whose usage was not asked for shows none', async () => {
  const stream = await client.chat.completions.create({ model: 'simulator/numbered-5', messages: user(), stream: true });
  const chunks = await collect(stream);

  assert.ok(chunks.every((chunk) => chunk.choices.length === 1 && !chunk.usage));
  assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
});

test('a stream whose usage was asked for ends with it', async () => {
  const stream = await client.chat.completions.create({
    model: 'simulator/numbered-5',
    messages: user(),
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = await collect(stream);

  assert.deepEqual(chunks.at(-1).choices, []);
  assert.equal(chunks.at(-1).usage.completion_tokens, 5);
  assert.equal(chunks.at(-2).choices[0].finish_reason, 'stop');
  assert.ok(chunks.slice(0, -1).every((chunk) => chunk.usage === null));
});

test('the stream helper accumulates the answer', async () => {
  const deltas = [];
  const runner = client.chat.completions.stream({ model: 'simulator/numbered-20', messages: user() });
  runner.on('content', (delta) => deltas.push(delta));

  const final = await runner.finalChatCompletion();

  assert.equal(deltas.join(''), numbers(20));
  assert.equal(final.choices[0].message.content, numbers(20));
  assert.equal(final.choices[0].finish_reason, 'stop');
});

test('the stream helper keeps the usage that was asked for', async () => {
  const runner = client.chat.completions.stream({
    model: 'simulator/numbered-20',
    messages: user(),
    stream_options: { include_usage: true },
  });

  assert.equal((await runner.totalUsage()).completion_tokens, 20);
});

test('a stream can be handed on as a readable stream', async () => {
  const stream = await client.chat.completions.create({ model: 'simulator/numbered-20', messages: user(), stream: true });
  const lines = (await new Response(stream.toReadableStream()).text()).trim().split('\n');

  assert.equal(textOf(lines.map((line) => JSON.parse(line))), numbers(20));
});

test('a stream can be read twice', async () => {
  const stream = await client.chat.completions.create({ model: 'simulator/numbered-20', messages: user(), stream: true });

  const [one, other] = await Promise.all(stream.tee().map(collect));

  assert.equal(textOf(one), numbers(20));
  assert.deepEqual(one, other);
});

for (const gap of ['', '+gap=2ms']) {
  test(`fifty streams at once do not mix${gap && ' when they take their time'}`, async () => {
    const counts = Array.from({ length: 50 }, (_, number) => 50 + number);
    const texts = await Promise.all(
      counts.map(async (count) => {
        const model = `simulator/numbered-${count}${gap}`;
        return textOf(await collect(await client.chat.completions.create({ model, messages: user(), stream: true })));
      }),
    );

    assert.deepEqual(texts, counts.map(numbers));
  });
}

test('fifty calls at once get their own answers', async () => {
  const wanted = Array.from({ length: 50 }, (_, number) => `Number ${number}`);
  const completions = await Promise.all(
    wanted.map((text) => client.chat.completions.create({ model: 'simulator/echo+delay=20ms', messages: user(text) })),
  );

  assert.deepEqual(completions.map((completion) => completion.choices[0].message.content), wanted);
  assert.equal(new Set(completions.map((completion) => completion._request_id)).size, 50);
});

// Everything beside chats with the OpenAI SDK for Node.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { toFile } from 'openai';
import { collect, makeClient, numbers, tool, user } from './words.mjs';

const client = makeClient();
const sound = (size) => Buffer.alloc(size, Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)));

test('a completion is answered', async () => {
  const completion = await client.completions.create({ model: 'simulator/echo', prompt: 'Once upon' });

  assert.equal(completion.choices[0].text, 'Once upon');
});

test('a completion streams', async () => {
  const chunks = await collect(await client.completions.create({ model: 'simulator/numbered-50', prompt: 'x', stream: true }));

  assert.equal(chunks.flatMap((chunk) => chunk.choices.map((choice) => choice.text)).join(''), numbers(50));
  assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
});

test("embeddings in the SDK's own coding are unit vectors", async () => {
  const { data } = await client.embeddings.create({ model: 'simulator/embedding-256', input: ['one', 'two', 'one'] });
  const [one, two, again] = data.map((item) => Array.from(item.embedding));

  assert.equal(one.length, 256);
  assert.deepEqual(one, again);
  assert.notDeepEqual(one, two);
  assert.ok(Math.abs(Math.hypot(...one) - 1) < 1e-3);
});

test('embeddings as numbers are the same', async () => {
  const request = { model: 'simulator/embedding', input: 'one', dimensions: 64 };
  const coded = (await client.embeddings.create(request)).data[0].embedding;
  const plain = (await client.embeddings.create({ ...request, encoding_format: 'float' })).data[0].embedding;

  assert.equal(plain.length, 64);
  assert.ok(plain.every((value, index) => Math.abs(value - coded[index]) < 1e-6));
});

test('moderations flag', async () => {
  const { results } = await client.moderations.create({ model: 'simulator/moderation', input: ['peace', 'violence'] });

  assert.deepEqual(results.map((result) => result.flagged), [false, true]);
});

test('models are listed', async () => {
  const models = await collect(client.models.list());

  assert.ok(models.some((model) => model.id === 'gpt-4o'));
});

for (const name of ['gpt-4o', 'simulator/echo']) {
  test(`the model ${name} is described`, async () => {
    assert.equal((await client.models.retrieve(name)).id, name);
  });
}

test('images are answered as bytes in base64', async () => {
  const { data } = await client.images.generate({
    model: 'simulator/image',
    prompt: 'a grey pixel',
    n: 2,
    response_format: 'b64_json',
  });

  assert.equal(data.length, 2);
  assert.ok(data.every((image) => Buffer.from(image.b64_json, 'base64').subarray(1, 4).equals(Buffer.from('PNG'))));
});

test('an image is edited', async () => {
  const image = await toFile(Buffer.alloc(500), 'pixel.png', { type: 'image/png' });

  const { data } = await client.images.edit({ model: 'simulator/image', image, prompt: 'greyer' });

  assert.equal(data.length, 1);
});

test('speech is sound', async () => {
  const response = await client.audio.speech.create({ model: 'simulator/speech', voice: 'alloy', input: 'Hello there!' });
  const bytes = Buffer.from(await response.arrayBuffer());

  assert.equal(response.headers.get('content-type'), 'audio/wav');
  assert.equal(bytes.subarray(0, 4).toString(), 'RIFF');
});

for (const size of [3000, 3_000_000]) {
  test(`a recording of ${size} bytes is transcribed`, async () => {
    const file = await toFile(sound(size), 'speech.wav', { type: 'audio/wav' });

    const { text } = await client.audio.transcriptions.create({ model: 'simulator/transcription', file, language: 'en' });

    assert.ok(Number(text.match(/\d+/)[0]) >= size);
  });
}

test('a recording that is read as a stream is transcribed', async () => {
  const file = await toFile(Readable.from([sound(2000), sound(2000)]), 'speech.wav');

  const { text } = await client.audio.transcriptions.create({ model: 'simulator/transcription', file });

  assert.ok(Number(text.match(/\d+/)[0]) >= 4000);
});

test('a response is answered', async () => {
  const response = await client.responses.create({ model: 'simulator/echo', input: 'Hello there!', instructions: 'Be brief.' });

  assert.equal(response.status, 'completed');
  assert.equal(response.output_text, 'Hello there!');
  assert.equal(response.usage.total_tokens, response.usage.input_tokens + response.usage.output_tokens);
});

test('a response to messages is answered', async () => {
  const input = [...user('One'), { role: 'assistant', content: 'Two' }, ...user('Three')];

  assert.equal((await client.responses.create({ model: 'simulator/echo', input })).output_text, 'Three');
});

test('a response streams from created to completed', async () => {
  const events = await collect(await client.responses.create({ model: 'simulator/numbered-30', input: 'x', stream: true }));
  const deltas = events.filter((event) => event.type === 'response.output_text.delta').map((event) => event.delta);

  assert.equal(events[0].type, 'response.created');
  assert.equal(events.at(-1).type, 'response.completed');
  assert.deepEqual(events.map((event) => event.sequence_number), events.map((_, index) => index));
  assert.equal(deltas.join(''), numbers(30));
});

test('the helper for responses accumulates', async () => {
  const final = await client.responses.stream({ model: 'simulator/numbered-30', input: 'x' }).finalResponse();

  assert.equal(final.output_text, numbers(30));
});

test('a response calls a tool', async () => {
  const weather = { type: 'function', strict: true, ...tool('weather', { city: { type: 'string' } }).function };

  const response = await client.responses.create({ model: 'simulator/tool', input: 'Hi', tools: [weather] });

  assert.deepEqual(response.output.filter((item) => item.type === 'function_call').map((item) => item.name), ['weather']);
});

// Where the OpenAI SDK for Node may be pointed, as which client, and what comes back beside the answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AzureOpenAI } from 'openai';
import { collect, key, makeClient, numbers, textOf, url, user } from './words.mjs';

for (const form of ['/v1', '/v1/', '', '/', '/openai/v1', '/openai']) {
  test(`the base URL with "${form}" works`, async () => {
    const client = makeClient({ baseURL: url + form });

    const completion = await client.chat.completions.create({ model: 'gpt-4o', messages: user() });
    const stream = await client.chat.completions.create({ model: 'simulator/numbered-3', messages: user(), stream: true });

    assert.equal(completion.choices[0].message.content, 'Hello there!');
    assert.equal(textOf(await collect(stream)), numbers(3));
    assert.equal((await client.models.retrieve('gpt-4o')).id, 'gpt-4o');
    assert.equal((await client.responses.create({ model: 'gpt-4o', input: 'Hi' })).output_text, 'Hi');
  });
}

test('raw headers tell who answered', async () => {
  const { data, response, request_id: id } = await makeClient()
    .chat.completions.create({ model: 'gpt-4o', messages: user() })
    .withResponse();

  assert.equal(response.headers.get('x-sluice-provider'), 'simulator');
  assert.equal(response.headers.get('x-sluice-model'), 'echo');
  assert.equal(response.headers.get('x-sluice-attempts'), '1');
  assert.match(response.headers.get('server-timing'), /gw;dur=[0-9.]+/);
  assert.ok(id);
  assert.equal(data._request_id, id);
});

test('raw headers of a stream tell who answered', async () => {
  const { data, response } = await makeClient()
    .chat.completions.create({ model: 'gpt-4o', messages: user(), stream: true })
    .withResponse();

  assert.equal(response.headers.get('x-sluice-provider'), 'simulator');
  assert.equal(textOf(await collect(data)), 'Hello there!');
});

test("a caller's own id is kept", async () => {
  const completion = await makeClient().chat.completions.create(
    { model: 'gpt-4o', messages: user() },
    { headers: { 'x-request-id': 'mine-43' } },
  );

  assert.equal(completion._request_id, 'mine-43');
});

const makeAzure = (options = {}) => new AzureOpenAI({ endpoint: url, apiVersion: '2024-10-21', apiKey: key, maxRetries: 0, ...options });

for (const model of ['gpt-4o', 'simulator/echo']) {
  test(`Azure's client finds ${model} by its deployment`, async () => {
    const completion = await makeAzure().chat.completions.create({ model, messages: user() });

    assert.equal(completion.choices[0].message.content, 'Hello there!');
  });
}

test("Azure's client with a fixed deployment streams", async () => {
  const stream = await makeAzure({ deployment: 'gpt-4o' }).chat.completions.create({ model: '', messages: user(), stream: true });

  assert.equal(textOf(await collect(stream)), 'Hello there!');
});

test("Azure's client with a token is let in", async () => {
  const client = makeAzure({ apiKey: undefined, azureADTokenProvider: async () => key });

  assert.equal((await client.chat.completions.create({ model: 'gpt-4o', messages: user() })).choices[0].message.content, 'Hello there!');
});

test("Azure's client asks for embeddings", async () => {
  const { data } = await makeAzure().embeddings.create({ model: 'simulator/embedding-8', input: 'x' });

  assert.equal(data[0].embedding.length, 8);
});

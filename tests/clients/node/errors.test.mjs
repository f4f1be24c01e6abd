// Which error of the OpenAI SDK for Node each failure becomes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { eventually, limitedKey, makeClient, metric, numbers, refused, textOf, user } from './words.mjs';

const client = makeClient();
const chat = (model = 'simulator/echo', more = {}, options = {}, from = client) =>
  from.chat.completions.create({ model, messages: user(), ...more }, options);

test('an unknown key is an authentication error', async () => {
  const error = await refused(OpenAI.AuthenticationError, () => chat('gpt-4o', {}, {}, makeClient({ apiKey: 'sk-unknown' })));

  assert.equal(error.code, 'invalid_api_key');
  assert.equal(error.type, 'authentication_error');
  assert.ok(error.requestID);
});

test('what a key may not ask for is a permission error', async () => {
  const limited = makeClient({ apiKey: limitedKey });

  const model = await refused(OpenAI.PermissionDeniedError, () => chat('simulator/echo', {}, {}, limited));
  const operation = await refused(OpenAI.PermissionDeniedError, () => limited.embeddings.create({ model: 'gpt-4o', input: 'x' }));

  assert.equal(model.code, 'model_not_allowed');
  assert.equal(operation.code, 'operation_not_allowed');
  assert.equal((await chat('gpt-4o', {}, {}, limited)).choices[0].message.content, 'Hello there!');
});

for (const stream of [false, true]) {
  test(`an unknown model is not found${stream ? ' in streams too' : ''}`, async () => {
    const error = await refused(OpenAI.NotFoundError, () => chat('gpt-4oo', { stream }));

    assert.equal(error.code, 'model_not_found');
    assert.equal(error.param, 'model');
    assert.match(error.message, /gpt-4o"/);
  });
}

test('a path that is not served is not found', async () => {
  const error = await refused(OpenAI.NotFoundError, () => client.files.list());

  assert.equal(error.code, 'not_found');
});

test('a wrong field is a bad request that names it', async () => {
  const error = await refused(OpenAI.BadRequestError, () => chat('simulator/echo', { n: 'many' }));

  assert.equal(error.param, 'n');
  assert.equal(error.type, 'invalid_request_error');
});

for (const [ordered, kind, status] of [
  [400, OpenAI.BadRequestError, 400],
  [404, OpenAI.NotFoundError, 404],
  [409, OpenAI.ConflictError, 409],
  [422, OpenAI.UnprocessableEntityError, 422],
  [429, OpenAI.RateLimitError, 429],
  [500, OpenAI.InternalServerError, 502],
  [503, OpenAI.InternalServerError, 503],
  [401, OpenAI.InternalServerError, 502],
]) {
  for (const stream of [false, true]) {
    test(`a provider's ${ordered} is a ${kind.name}${stream ? ' in streams too' : ''}`, async () => {
      const error = await refused(kind, () => chat(`simulator/echo+error=${ordered}`, { stream }));

      assert.equal(error.status, status);
    });
  }
}

test("a provider's code and wait reach the caller", async () => {
  const error = await refused(OpenAI.RateLimitError, () => chat('simulator/echo+error=429+code=insufficient_quota+retry-after=7'));

  assert.equal(error.code, 'insufficient_quota');
  assert.equal(error.headers.get('retry-after'), '7');
});

// A client that retries, and the requests that it made.
function patient(maxRetries) {
  const asked = [];
  const counting = (target, init) => {
    asked.push(new Headers(init.headers).get('x-stainless-retry-count'));
    return fetch(target, init);
  };
  return [makeClient({ maxRetries, fetch: counting }), asked];
}

for (const status of [409, 429, 500, 503]) {
  test(`the SDK tries again after ${status} as often as it was told`, async () => {
    const [retrying, asked] = patient(2);

    await assert.rejects(chat(`simulator/echo+error=${status}+retry-after-ms=5`, {}, {}, retrying), OpenAI.APIError);

    assert.deepEqual(asked, ['0', '1', '2']);
  });
}

test('the SDK does not repeat what cannot succeed', async () => {
  const [retrying, asked] = patient(2);

  await assert.rejects(chat('simulator/echo+error=400', {}, {}, retrying), OpenAI.BadRequestError);

  assert.equal(asked.length, 1);
});

test('a failure that passes is overcome', async () => {
  const [retrying, asked] = patient(20);

  for (let number = 0; number < 20; ++number) {
    const completion = await chat('simulator/echo+error=503+retry-after-ms=1+fail=50%', {}, {}, retrying);
    assert.equal(completion.choices[0].message.content, 'Hello there!');
  }

  assert.ok(asked.length > 20);
});

for (const fault of ['error-in-stream', 'cut', 'reset']) {
  test(`${fault} is an error behind what came`, async () => {
    const received = [];

    const error = await refused(OpenAI.APIError, async () => {
      for await (const chunk of await chat(`simulator/numbered-8+${fault}=3`, { stream: true })) received.push(chunk);
    });

    assert.equal(textOf(received), numbers(3));
    assert.ok(received.every((chunk) => !chunk.choices[0]?.finish_reason));
    assert.ok(error.message);
  });
}

test('the stream helper fails as the stream does', async () => {
  const runner = client.chat.completions.stream({ model: 'simulator/numbered-8+cut=3', messages: user() });

  await assert.rejects(runner.finalChatCompletion(), OpenAI.OpenAIError);
});

test("the gateway's deadline is a server error", async () => {
  const error = await refused(OpenAI.InternalServerError, () =>
    chat('simulator/echo+delay=1m', {}, { headers: { 'x-sluice-timeout': '100ms' } }),
  );

  assert.equal(error.status, 504);
  assert.equal(error.code, 'upstream_timeout');
});

test("the gateway's deadline within a stream is an error", async () => {
  const received = [];

  const error = await refused(OpenAI.APIError, async () => {
    const stream = await chat('simulator/numbered-8+stall=3', { stream: true }, { headers: { 'x-sluice-timeout': '300ms' } });
    for await (const chunk of stream) received.push(chunk);
  });

  assert.equal(textOf(received), numbers(3));
  assert.equal(error.code, 'upstream_timeout');
});

const inFlight = async () => (await metric('sluice_requests_in_flight')) === 0;

test("the SDK's own timeout ends the provider's work", async () => {
  await refused(OpenAI.APIConnectionTimeoutError, () => chat('simulator/echo+delay=1m', {}, { timeout: 200 }));

  await eventually(inFlight, 'the end of the request');
});

for (const how of ['abort', 'break']) {
  test(`a stream that is left by ${how} ends the provider's work`, async () => {
    const stream = await chat('simulator/numbered-500+gap=20ms', { stream: true });
    for await (const chunk of stream) {
      if (!chunk.choices[0].delta.content) continue;
      if (how === 'break') break;
      stream.controller.abort();
    }

    await eventually(inFlight, 'the end of the stream');
    assert.equal((await chat()).choices[0].message.content, 'Hello there!');
  });
}

test("a caller's signal ends a call", async () => {
  const controller = new AbortController();
  const call = chat('simulator/echo+delay=1m', {}, { signal: controller.signal });
  await eventually(async () => (await metric('sluice_requests_in_flight')) > 0, 'the request');
  controller.abort();

  await refused(OpenAI.APIUserAbortError, () => call);
  await eventually(inFlight, 'the end of the request');
});

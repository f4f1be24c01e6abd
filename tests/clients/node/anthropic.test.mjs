// The Anthropic SDK for Node: with the simulator, and with recordings of providers of other APIs.
import Anthropic from '@anthropic-ai/sdk';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heard, models, tools } from './foreign.mjs';
import { collect, key, numbers, refused, url, user } from './words.mjs';

const client = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });
const toolList = Object.entries(tools).map(([name, { about, schema }]) => ({ name, description: about, input_schema: schema }));
const texts = (message) => message.content.map((block) => block.text ?? '').join('');
const uses = (message) => message.content.filter((block) => block.type === 'tool_use');
const counted = (usage) => [
  usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
  usage.output_tokens,
];
const stops = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' };

for (const provider of ['gemini', 'openai', 'bedrock']) {
  const model = models[provider];
  const asking = { model, max_tokens: 1000, messages: user() };

  test(`${provider}: a message is answered`, async () => {
    const message = await client.messages.create({ ...asking, system: 'Be brief.' });

    const said = await heard({ text: texts(message), usage: counted(message.usage) });
    assert.equal(message.stop_reason, stops[said.finish]);
  });

  test(`${provider}: a streamed message is put together`, async () => {
    const stream = client.messages.stream(asking);
    const pieces = [];
    stream.on('text', (piece) => pieces.push(piece));
    const message = await stream.finalMessage();

    assert.equal(pieces.join(''), texts(message));
    await heard({ text: texts(message), usage: counted(message.usage) });
  });

  for (const streamed of [false, true]) {
    test(`${provider}: tools are called and their results are read${streamed ? ', streamed' : ''}`, async () => {
      const messages = user('What is it like outside?');
      const ask = () => {
        const whole = { ...asking, messages, tools: toolList };
        return streamed ? client.messages.stream(whole).finalMessage() : client.messages.create(whole);
      };
      const first = await ask();
      await heard({ calls: uses(first).map((block) => [block.name, block.input]) });
      assert.equal(first.stop_reason, 'tool_use');

      const results = uses(first).map((block) => ({ type: 'tool_result', tool_use_id: block.id, content: '21 degrees' }));
      messages.push({ role: 'assistant', content: first.content }, { role: 'user', content: results });
      const second = await ask();

      assert.deepEqual((await heard({ text: texts(second) })).results, results.map(() => '21 degrees'));
    });
  }

  test(`${provider}: tokens are counted`, async () => {
    assert.ok((await client.messages.countTokens({ model, messages: user(), tools: toolList })).input_tokens > 0);
  });
}

for (const provider of ['gemini', 'deepseek', 'anthropic']) {
  for (const streamed of [false, true]) {
    test(`${provider}: thoughts stand before the answer${streamed ? ', streamed' : ''}`, async () => {
      const asking = {
        model: models[provider],
        max_tokens: 4000,
        messages: user(),
        thinking: { type: 'enabled', budget_tokens: 2000 },
      };
      const message = streamed ? await client.messages.stream(asking).finalMessage() : await client.messages.create(asking);

      const said = await heard({ text: texts(message) });
      assert.equal(message.content[0].type, 'thinking');
      assert.equal(message.content.map((block) => block.thinking ?? '').join(''), said.reasoning);
    });
  }
}

test('the simulator streams every delta once and in order', async () => {
  const events = await collect(
    await client.messages.create({ model: 'simulator/numbered-500', max_tokens: 5000, messages: user(), stream: true }),
  );

  const text = events.map((event) => event.delta?.text ?? '').join('');
  assert.equal(text, numbers(500));
  assert.deepEqual(
    events.map((event) => event.type).filter((type) => type !== 'ping' && type !== 'content_block_delta'),
    ['message_start', 'content_block_start', 'content_block_stop', 'message_delta', 'message_stop'],
  );
});

test('the simulator thinks before it answers', async () => {
  const message = await client.messages.create({
    model: 'simulator/reasoning-12',
    max_tokens: 4000,
    messages: user(),
    thinking: { type: 'enabled', budget_tokens: 2000 },
  });

  assert.deepEqual(message.content.map((block) => block.type), ['thinking', 'text']);
});

test('tokens of a simulated model are counted', async () => {
  assert.ok((await client.messages.countTokens({ model: 'simulator/echo', messages: user() })).input_tokens > 0);
});

test('an unknown key is an authentication error', async () => {
  const wrong = new Anthropic({ baseURL: url, apiKey: 'sk-wrong', maxRetries: 0 });

  await refused(Anthropic.AuthenticationError, async () =>
    wrong.messages.create({ model: 'simulator/echo', max_tokens: 9, messages: user() }),
  );
});

test('an error within a stream is raised', async () => {
  const stream = client.messages.stream({ model: 'simulator/numbered-9+error-in-stream=3', max_tokens: 99, messages: user() });

  await assert.rejects(stream.finalMessage(), Anthropic.APIError);
});

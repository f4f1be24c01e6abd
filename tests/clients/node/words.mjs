// What the tests of the Node SDK say again and again.
import assert from 'node:assert/strict';
import { OpenAI } from 'openai';

export const url = process.env.SLUICE_URL;
export const key = process.env.SLUICE_KEY;
export const limitedKey = process.env.SLUICE_LIMITED_KEY;

// As people make it; only the retries are off, so that an error is what the gateway said first.
export function makeClient(options = {}) {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0, ...options });
}

export const user = (content = 'Hello there!') => [{ role: 'user', content }];

// What the simulator's model numbered-COUNT answers.
export const numbers = (count) => Array.from({ length: count }, (_, number) => `${number} `).join('');

export const textOf = (chunks) =>
  chunks.flatMap((chunk) => chunk.choices.map((choice) => choice.delta.content ?? '')).join('');

export async function collect(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}

export function tool(name, properties) {
  return {
    type: 'function',
    function: {
      name,
      description: `About ${name}`,
      parameters: { type: 'object', properties, required: Object.keys(properties), additionalProperties: false },
    },
  };
}

// The error of exactly this class that asking ends with.
export async function refused(kind, ask) {
  const error = await ask().then(
    () => assert.fail(`no ${kind.name}`),
    (reason) => reason,
  );
  assert.equal(error.constructor, kind, String(error));
  return error;
}

// The first true answer; fails when there is none in time.
export async function eventually(condition, what) {
  const end = Date.now() + 10_000;
  for (;;) {
    if (await condition()) return;
    assert.ok(Date.now() < end, `${what} did not come about`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

// The sum of a metric's samples that have this label.
export async function metric(name, label = '') {
  const text = await (await fetch(`${process.env.SLUICE_ADMIN_URL}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

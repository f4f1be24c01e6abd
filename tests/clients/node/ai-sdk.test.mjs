// Vercel's AI SDK, by its providers for OpenAI and for Anthropic, with providers of other APIs.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, isStepCount, jsonSchema, streamText, tool } from 'ai';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heard, models, tools } from './foreign.mjs';
import { collect, key, url } from './words.mjs';

const openai = createOpenAI({ baseURL: `${url}/v1`, apiKey: key });
const anthropic = createAnthropic({ baseURL: `${url}/v1`, apiKey: key });

// Without it, what the model said before comes back as a reference to what OpenAI keeps.
const providerOptions = { openai: { store: false } };

// The tools of the recordings, each counting how often it ran.
function runnable(runs) {
  return Object.fromEntries(
    Object.entries(tools).map(([name, { about, schema }]) => [
      name,
      tool({ description: about, inputSchema: jsonSchema(schema), execute: () => runs.push(name) && '21 degrees' }),
    ]),
  );
}

for (const [name, model] of [
  ['chat to anthropic', openai.chat(models.anthropic)],
  ['chat to gemini', openai.chat(models.gemini)],
  ['responses to anthropic', openai.responses(models.anthropic)],
  ['responses to gemini', openai.responses(models.gemini)],
  ['responses to bedrock', openai.responses(models.bedrock)],
  ['messages to openai', anthropic(models.openai)],
  ['messages to gemini', anthropic(models.gemini)],
  ['messages to bedrock', anthropic(models.bedrock)],
]) {
  test(`${name}: text is generated`, async () => {
    const { text, usage } = await generateText({ model, prompt: 'Hello', maxRetries: 0, providerOptions });

    await heard({ text, usage: [usage.inputTokens, usage.outputTokens] });
  });

  test(`${name}: text streams`, async () => {
    const result = streamText({ model, prompt: 'Hello', maxRetries: 0, providerOptions, onError: ({ error }) => assert.fail(error) });

    await heard({ text: (await collect(result.textStream)).join('') });
  });

  test(`${name}: tools run and their results are read`, async () => {
    const runs = [];
    const { text } = await generateText({
      model,
      prompt: 'What is it like outside?',
      tools: runnable(runs),
      stopWhen: isStepCount(3),
      maxRetries: 0,
      providerOptions,
    });

    assert.ok(runs.length >= 1);
    assert.equal((await heard({ text })).results.length, runs.length);
  });

  test(`${name}: tools run within a stream`, async () => {
    const runs = [];
    const result = streamText({
      model,
      prompt: 'What is it like outside?',
      tools: runnable(runs),
      stopWhen: isStepCount(3),
      maxRetries: 0,
      providerOptions,
      onError: ({ error }) => assert.fail(error),
    });
    const text = await result.text;

    assert.ok(runs.length >= 1);
    assert.ok((await heard({ text })).results.every((one) => one.includes('21 degrees')));
  });
}

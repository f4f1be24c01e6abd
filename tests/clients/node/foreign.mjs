// Providers whose API is not the client's, played from recordings; what they were asked and what they said last.
import assert from 'node:assert/strict';

export const models = {
  anthropic: 'anthropic/claude-sonnet-4-5',
  gemini: 'gemini/gemini-2.5-flash',
  bedrock: 'bedrock/us.amazon.nova-2-lite-v1:0',
  openai: 'openai/gpt-4o',
  deepseek: 'deepseek/deepseek-reasoner',
};

const schema = (properties) => ({ type: 'object', properties, required: [] });
const string = { type: 'string' };

// Each recorded call is one of these; a client offers them all.
export const tools = {
  get_weather: { about: 'The weather at a place', schema: schema({ location: string, unit: string, city: string }) },
  get_time: { about: 'The time in a zone', schema: schema({ timezone: string }) },
  get_current_weather: { about: 'The weather now', schema: schema({ location: string }) },
  get_user_country: { about: 'Where the user lives', schema: schema({}) },
  best_language_to_learn: { about: 'Gets the best language to learn', schema: schema({}) },
  search_games: { about: 'Finds the games in a city', schema: schema({ city: string }) },
};

// What was asked last, with what the answer says as `text`, `reasoning`, `calls`, `finish` and `usage`.
export async function last() {
  const asked = await (await fetch(process.env.SLUICE_UPSTREAMS_URL)).json();
  const { text, reasoning, tool_calls: calls, finish, usage } = asked.says;
  return {
    ...asked,
    text: text['0'] ?? '',
    reasoning: reasoning['0'] ?? '',
    calls: calls.map((call) => [call.name, call.arguments]),
    finish: finish['0'],
    usage: usage && [usage.input, usage.output],
  };
}

// What the provider said is what the client heard.
export async function heard({ text, calls, usage }) {
  const said = await last();
  if (text !== undefined) assert.equal(text, said.text);
  if (calls !== undefined) assert.deepEqual(calls, said.calls);
  if (usage !== undefined) assert.deepEqual(usage, said.usage);
  return said;
}

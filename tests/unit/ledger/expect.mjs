// Says what the npm package `tiktoken` makes of generated documents and of files, a line each:
//   KIND ARGUMENT BYTES HASH  TOKENS HASH (of cl100k_base)  TOKENS HASH (of o200k_base)
// The documents are made again, byte for byte, by documents.h, and compared by tokens_package_test.cpp.
//
// Usage: node expect.mjs PACKAGE [--mixes FIRST COUNT] [--files FILE…] > expected.txt
// PACKAGE is a folder that `npm install tiktoken@1.0.22` made (…/node_modules/tiktoken). expected.txt
// is what comes without options. More mixes, or files, are compared when SLUICE_TOKEN_EXPECTATIONS names
// the list. Lone surrogates reach the package as the U+FFFD that encoders of UTF-8 put for them.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [, , folder, ...options] = process.argv;
const { get_encoding } = createRequire(import.meta.url)(resolve(folder));
const encodings = ['cl100k_base', 'o200k_base'].map((name) => get_encoding(name));

class Random {
  constructor(seed) { this.state = (seed ^ 0x9e3779b9) >>> 0; }
  below(limit) {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return (this.state >>> 8) % limit;
  }
  one_of(list) { return list[this.below(list.length)]; }
}

function unescape(line) {
  const plain = { n: 10, r: 13, t: 9, '\\': 92 };
  const parts = line.match(/\\x[0-9a-f]{2}|\\.|[^\\]+/g);
  return Buffer.concat(parts.map((part) => {
    if (part[0] !== '\\') return Buffer.from(part);
    return Buffer.from([part[1] === 'x' ? parseInt(part.slice(2), 16) : plain[part[1]]]);
  }));
}
const fragments = readFileSync(new URL('fragments.txt', import.meta.url), 'utf8').split('\n').slice(0, -1).map(unescape);

const character = (number) => Buffer.from(String.fromCodePoint(number >= 0xd800 && number < 0xe000 ? 0xfffd : number));
const repeated = (count, make) => Buffer.concat(Array.from({ length: count }, make));

const base64 = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].map((one) => Buffer.from(one));
const spaces = [...'      \t\t\n\n\r\u00a0\u3000\u2028'].map((one) => Buffer.from(one));
const cased = [...'aAbBzZßÉéǅʰ字\u0301\'’sStTſdDlLmMrReEvV'].map((one) => Buffer.from(one));
const planes = [0x80, 0x800, 0x3000, 0x10000, 0x20000, 0x110000];

const parts = {
  9: (random) => { const one = random.one_of(fragments); return repeated(1 + random.below(40), () => one); },
  10: (random) => repeated(1 + random.below(8), () => character(random.below(random.one_of(planes)))),
  11: (random) => repeated(1 + random.below(12), () => Buffer.from([48 + random.below(10)])),
  12: (random) => repeated(1 + random.below(200), () => random.one_of(base64)),
  13: (random) => repeated(1 + random.below(60), () => random.one_of(spaces)),
  14: (random) => repeated(1 + random.below(6), () => Buffer.from([random.below(256)])),
  15: (random) => repeated(1 + random.below(20), () => random.one_of(cased)),
};

const documents = {
  mix(seed) {
    const random = new Random(seed);
    return repeated(20 + random.below(200), () => {
      const make = parts[random.below(16)] ?? (() => random.one_of(fragments));
      const part = make(random);
      return random.below(3) === 0 ? Buffer.concat([part, Buffer.from(' ')]) : part;
    });
  },
  // Each character of 4096 in places where its class decides.
  block(first) {
    return repeated(4096, (_, i) => {
      const one = character(first + i).toString();
      return Buffer.from(`x${one}Ab${one}C1${one} ${one} ${one}${one}1\n`);
    });
  },
  repeat(index) { return repeated(1500, () => fragments[index]); },
  file(path) { return readFileSync(path); },
};

function hash(numbers) {
  let state = 0x811c9dc5;
  for (const number of numbers) state = Math.imul(state ^ number, 0x01000193) >>> 0;
  return state.toString(16).padStart(8, '0');
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
let bytes_seen = 0;
let tokens_seen = 0;
function tell(kind, argument) {
  const bytes = documents[kind](argument);
  const text = decoder.decode(bytes);
  const columns = encodings.map((encoding) => {
    const tokens = encoding.encode_ordinary(text);
    tokens_seen += tokens.length;
    return `${tokens.length} ${hash(tokens)}`;
  });
  bytes_seen += bytes.length;
  console.log([kind, argument, bytes.length, hash(bytes), ...columns].join(' '));
}

const option = (name) => options.indexOf(name) + 1;
if (option('--mixes')) {
  const [first, count] = options.slice(option('--mixes'), option('--mixes') + 2).map(Number);
  for (let seed = first; seed < first + count; ++seed) tell('mix', seed);
}
if (option('--files')) for (const path of options.slice(option('--files'))) tell('file', path);
if (options.length === 0) {
  for (let seed = 0; seed < 400; ++seed) tell('mix', seed);
  for (let first = 0; first < 0x33000; first += 4096) tell('block', first);
  tell('block', 0xe0000);
  for (let index = 0; index < fragments.length; ++index) tell('repeat', index);
}
console.error(`${bytes_seen} bytes, ${tokens_seen} tokens`);

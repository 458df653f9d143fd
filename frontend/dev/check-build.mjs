// After a build: what the browser gets must hold the promises of the Content-Security-Policy, of the oldest browsers and of the
// first page's size.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'acorn';

const BUILD = 'build';
const FIRST_PAGE_MAX = 150_000;

function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

/** What Chrome 87, Safari 14 or Firefox 83 do not have and no build step adds. */
const TOO_NEW = [
  /\.at\(-?\d/,
  /\bObject\.(hasOwn|groupBy)\b/,
  /\.(findLast|findLastIndex|toSorted|toReversed|toSpliced|isWellFormed)\(/,
  /\bAbortSignal\.(any|timeout)\b/,
  /\bcrypto\.randomUUID\b/,
  /\bPromise\.(any|withResolvers)\b/,
  /\brequestIdleCallback\(/,
  /\(\?<[=!]/,
];

const faults = [];
const all = files(BUILD);
const scripts = all.filter((path) => path.endsWith('.js'));

for (const path of scripts) {
  const text = readFileSync(path, 'utf8');
  if (/ style=\\?"/.test(text)) faults.push(`${path} carries a style attribute, which the policy refuses`);
  try {
    parse(text, { ecmaVersion: 2021, sourceType: path.endsWith('start.js') ? 'script' : 'module' });
  } catch (error) {
    faults.push(`${path} is too new for the oldest browsers: ${error.message}`);
  }
  for (const api of TOO_NEW) {
    if (api.test(text)) faults.push(`${path} uses ${api.source}, which the oldest browsers lack`);
  }
  if (/\bnew Function\(|\beval\(/.test(text)) faults.push(`${path} evaluates text`);
}
// Svelte's own $state.snapshot names structuredClone too, but reaches it for nothing that JSON can hold; ours must not.
for (const path of files('src').filter((one) => /\.(ts|svelte)$/.test(one))) {
  if (/\bstructuredClone\(/.test(readFileSync(path, 'utf8')))
    faults.push(`${path} uses structuredClone, take $state.snapshot`);
}
const page = readFileSync(join(BUILD, 'index.html'), 'utf8');
const inline = [...page.matchAll(/<script(?![^>]*\bsrc=)[^>]*>/g)].length;
if (inline !== 1) faults.push(`index.html has ${inline} inline scripts; the server hashes exactly one`);
if (/ style="/.test(page)) faults.push('index.html carries a style attribute');

for (const path of all.filter((one) => one.endsWith('.css'))) {
  if (/:where\(\.svelte-/.test(readFileSync(path, 'utf8'))) faults.push(`${path} uses :where(), unknown to Chrome 87`);
}

// The first page of one reader: entry, root layout, error page, home page, one language, and all they import.
const manifest = JSON.parse(readFileSync('.svelte-kit/output/client/.vite/manifest.json', 'utf8'));
const wanted = new Set();
function want(key) {
  if (!key || wanted.has(key)) return;
  wanted.add(key);
  for (const next of manifest[key]?.imports ?? []) want(next);
}
for (const [key, entry] of Object.entries(manifest)) {
  if (entry.isEntry && /client\/(start|app|entry)/.test(entry.file + key)) want(key);
  if (/generated\/client(-optimized)?\/(app|nodes\/[012])\.js$/.test(key)) want(key);
  if (/runtime\/client\/entry/.test(key)) want(key);
}
const languages = Object.keys(manifest).filter((key) => /i18n\/(zh-Hans|zh-Hant|en)\/index\.ts$/.test(key));
const sizeOf = (name) => gzipSync(readFileSync(join(BUILD, name)), { level: 9 }).length;
const weigh = (keys) => {
  const names = new Set();
  for (const key of keys) {
    names.add(manifest[key].file);
    for (const css of manifest[key].css ?? []) names.add(css);
  }
  return [...names].reduce((sum, name) => sum + sizeOf(name), 0);
};
const common = weigh(wanted);
const heaviest = Math.max(...languages.map((key) => weigh([key])), 0);
const first = common + heaviest + sizeOf('start.js');
console.log(
  `first page: ${(first / 1000).toFixed(1)} kB of script and style compressed (${wanted.size} chunks and one language)`,
);
if (languages.length !== 3) faults.push(`expected three language chunks, found ${languages.length}`);
if (wanted.size < 4) faults.push('the chunks of the first page were not found in the manifest');
if (first > FIRST_PAGE_MAX) faults.push(`the first page weighs ${first} bytes, more than ${FIRST_PAGE_MAX}`);

for (const fault of faults) console.error(`✗ ${fault}`);
process.exit(faults.length ? 1 : 0);

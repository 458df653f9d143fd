// Writes src/lib/api/types.ts from the program's own description of its interface: every view, every frame of the socket,
// every event.
//
//   npm run types             writes it
//   npm run types -- --check  only says whether it is as it would be written
//
// Asks the program through cargo; with a path as an argument it reads the description (`yunqia openapi`) from there.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const HERE = dirname(fileURLToPath(import.meta.url));
const TYPES = join(HERE, '../src/lib/api/types.ts');

const HEAD = `// Generated from the program's types by \`npm run types\`: do not edit.
// The views that travel between server and browser, the frames of the socket and its events. What can be missing is null.

/** A UUID. */
export type Id = string;
/** RFC 3339, UTC. */
export type Instant = string;
`;

/** What a text is that has a format of its own. */
const FORMATS = { uuid: 'Id', 'date-time': 'Instant', binary: 'Blob' };

/** A schema as a type: "string | null", "Booking[]", "{ from: string; until: string }". */
function typeOf(schema) {
  if (schema === undefined || Object.keys(schema).length === 0) return 'unknown';
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(' | ');
  if (schema.oneOf) return schema.oneOf.map(typeOf).join(' | ');
  if (schema.allOf) return schema.allOf.map(typeOf).join(' & ');
  const types = [schema.type].flat();
  return types.map((type) => plainType(type, schema)).join(' | ');
}

function plainType(type, schema) {
  switch (type) {
    case 'null':
    case 'boolean':
      return type;
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
      return FORMATS[schema.format] ?? 'string';
    case 'array':
      return `(${typeOf(schema.items)})[]`;
    case 'object':
      return objectType(schema);
    default:
      // Any value, described in words alone.
      if (type === undefined) return 'unknown';
      throw new Error(`a type that is not known here: ${JSON.stringify(schema)}`);
  }
}

function objectType(schema) {
  if (schema.properties) return `{ ${fields(schema.properties)} }`;
  if (schema.additionalProperties) return `Record<string, ${typeOf(schema.additionalProperties)}>`;
  return 'Record<string, never>';
}

/** What can be missing is there as null, in both directions: the program says it so, and takes it so. */
function fields(properties) {
  const field = ([name, schema]) => `${comment(fieldNote(schema))}${quoted(name)}: ${typeOf(schema)};`;
  const isName = ([, schema]) => schema.enum?.length === 1;
  // The field that tells alternatives apart comes first.
  const entries = Object.entries(properties);
  return [...entries.filter(isName), ...entries.filter((one) => !isName(one))].map(field).join('\n');
}

/** A field that may be null carries its note inside the alternative. */
const fieldNote = (schema) => schema.description ?? schema.oneOf?.find((one) => one.$ref)?.description;

const quoted = (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));
const nameOf = (ref) => pageOf(ref.split('/').pop());
/** `Page_Booking` of the description is `Page<Booking>`. */
const pageOf = (name) => name.replace(/^Page_(\w+)$/, 'Page<$1>');

/** Notes of the program's source, without its links: [`Reader::nobody`] is `Reader::nobody`. */
function comment(note) {
  if (!note) return '';
  const lines = note.replace(/\[(`[^`]+`)\]/g, '$1').split('\n');
  if (lines.length === 1) return `/** ${lines[0]} */\n`;
  return `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */\n`;
}

/** A schema with a name, as a declaration. */
function declaration([name, schema]) {
  const note = comment(schema.description);
  if (schema.allOf) {
    const parents = schema.allOf.filter((one) => one.$ref).map(typeOf);
    const own = Object.assign({}, ...schema.allOf.map((one) => one.properties ?? {}));
    const extended = schema.allOf.every((one) => one.$ref || one.properties) && !parents.some(isUnion);
    if (extended) return `${note}export interface ${name} extends ${parents.join(', ')} { ${fields(own)} }`;
  }
  if (schema.oneOf) return `${note}export type ${name} =\n${schema.oneOf.map(alternative).join('\n')};`;
  if (schema.type === 'object' && schema.properties) {
    return `${note}export interface ${name} { ${fields(schema.properties)} }`;
  }
  return `${note}export type ${name} = ${typeOf(schema)};`;
}

/** The note of an alternative stands before it, and not once more inside. */
function alternative(schema) {
  const note = schema.description;
  const without = ([name, field]) => [name, field.description === note ? { ...field, description: undefined } : field];
  const own = schema.properties && { properties: Object.fromEntries(Object.entries(schema.properties).map(without)) };
  return `${comment(note)}| ${typeOf({ ...schema, ...own })}`;
}

const isUnion = (name) => schemas[name]?.oneOf !== undefined;

const [argument] = process.argv.slice(2).filter((one) => one !== '--check');
const isCheck = process.argv.includes('--check');
const description = argument
  ? readFileSync(argument, 'utf8')
  : execFileSync('cargo', ['run', '--locked', '--quiet', '--', 'openapi'], {
      cwd: join(HERE, '../..'),
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
const { schemas } = JSON.parse(description).components;

const byName = ([one], [other]) => (one < other ? -1 : 1);
const views = Object.entries(schemas).sort(byName);
const pages = views.filter(([name]) => name.startsWith('Page_'));
const named = views.filter(([name]) => !name.startsWith('Page_'));
const page = structuredClone(pages[0][1]);
page.properties.items.items = { $ref: 'T' };
const pageDeclaration = declaration(['Page<T>', page]);

const text = [HEAD, pageDeclaration, ...named.map(declaration)].join('\n\n');
const written = await format(text, { ...(await resolveConfig(TYPES)), filepath: TYPES });

if (!isCheck) {
  writeFileSync(TYPES, written);
  console.log(`${named.length + 1} types written`);
} else if (readFileSync(TYPES, 'utf8') !== written) {
  console.error('src/lib/api/types.ts is not what the program says: run `npm run types` and look at what changed.');
  process.exit(1);
} else {
  console.log(`${named.length + 1} types are as the program says`);
}

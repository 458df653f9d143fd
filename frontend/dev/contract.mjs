// Compares src/lib/api/types.ts with the server's own description of its interface, name by name:
//
//   yunqia openapi | npm run contract
//
// For every view that both know: the same fields, of the same kind, null in the same places, with the same words. A stale client
// fails here and not at a person's desk.
import { readFileSync } from 'node:fs';
import ts from 'typescript';

const TYPES = 'src/lib/api/types.ts';

/** A field as both sides can say it: "string", "number|null", "'a'|'b'", "Booking[]", "object". */
function fieldOfSchema(schema, schemas) {
  if (!schema || typeof schema !== 'object') return { kind: 'any', nullable: true };
  if (schema.$ref) return fieldOfRef(schema.$ref, schemas);
  const options = schema.oneOf ?? schema.anyOf;
  if (options) {
    const real = options.filter((one) => one.type !== 'null');
    const nullable = real.length < options.length;
    const kinds = real.map((one) => fieldOfSchema(one, schemas));
    const words = kinds.flatMap((one) => one.words ?? []);
    if (words.length > 0) return { kind: 'words', words: words.sort(), nullable };
    const first = kinds[0] ?? { kind: 'any', nullable: true };
    return { ...first, kind: kinds.length > 1 ? 'any' : first.kind, nullable: nullable || first.nullable };
  }
  if (schema.allOf) return { ...fieldOfSchema(schema.allOf[0], schemas) };
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  const nullable = types.includes('null') || schema.nullable === true;
  const type = types.find((one) => one !== 'null');
  const enumeration = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (enumeration?.every((one) => typeof one === 'string' || one === null)) {
    return { kind: 'words', words: enumeration.filter((one) => one !== null).sort(), nullable };
  }
  if (type === 'integer' || type === 'number') return { kind: 'number', nullable };
  if (type === 'string' || type === 'boolean') return { kind: type, nullable };
  if (type === 'array') return { kind: 'array', nullable, of: fieldOfSchema(schema.items, schemas) };
  if (type === 'object') return { kind: 'object', nullable };
  return { kind: 'any', nullable: true };
}

function fieldOfRef(ref, schemas) {
  const name = ref.split('/').pop();
  const target = schemas[name];
  const resolved = fieldOfSchema(target, schemas);
  return resolved.kind === 'object' ? { kind: 'object', nullable: false, name } : resolved;
}

function propertiesOfSchema(schema, schemas) {
  if (schema?.$ref) return propertiesOfSchema(schemas[schema.$ref.split('/').pop()], schemas);
  const own = schema?.properties ?? {};
  return Object.assign({}, ...(schema?.allOf ?? []).map((one) => propertiesOfSchema(one, schemas)), own);
}

function fieldOfType(type, checker) {
  const parts = type.isUnion() ? type.types : [type];
  const nullable = parts.some((one) => one.flags & (ts.TypeFlags.Null | ts.TypeFlags.Unknown | ts.TypeFlags.Any));
  const real = parts.filter((one) => !(one.flags & (ts.TypeFlags.Null | ts.TypeFlags.Undefined)));
  if (real.length > 0 && real.every((one) => one.isStringLiteral())) {
    return { kind: 'words', words: real.map((one) => one.value).sort(), nullable };
  }
  if (real.length > 0 && real.every((one) => one.flags & ts.TypeFlags.BooleanLike))
    return { kind: 'boolean', nullable };
  const [first] = real;
  if (!first || real.length > 1) return { kind: 'any', nullable };
  if (first.flags & ts.TypeFlags.StringLike) return { kind: 'string', nullable };
  if (first.flags & ts.TypeFlags.NumberLike) return { kind: 'number', nullable };
  if (checker.isArrayType(first)) {
    return { kind: 'array', nullable, of: fieldOfType(checker.getTypeArguments(first)[0], checker) };
  }
  if (first.flags & ts.TypeFlags.Object) return { kind: 'object', nullable, name: first.symbol?.name };
  return { kind: 'any', nullable: true };
}

/** "Booking[] or null" */
function say(field) {
  const base =
    field.kind === 'words'
      ? field.words.map((word) => `'${word}'`).join(' | ')
      : field.kind === 'array'
        ? `${say(field.of)}[]`
        : field.kind;
  return field.nullable && field.kind !== 'any' ? `${base} or null` : base;
}

function same(one, other) {
  if (one.kind === 'any' || other.kind === 'any') return true;
  // The server may say "a text" where we know the words; the other way round would be news.
  if (one.kind === 'words' && other.kind === 'string') return one.nullable === other.nullable;
  if (one.kind !== other.kind || one.nullable !== other.nullable) return false;
  if (one.kind === 'words') return one.words.join() === other.words.join();
  if (one.kind === 'array') return same(one.of, other.of);
  return true;
}

const input = readFileSync(process.argv[2] ?? 0, 'utf8');
const schemas = JSON.parse(input).components?.schemas ?? {};
const program = ts.createProgram([TYPES], { strict: true, skipLibCheck: true });
const checker = program.getTypeChecker();
const source = program.getSourceFile(TYPES);
const faults = [];
let compared = 0;

ts.forEachChild(source, (node) => {
  if (!ts.isInterfaceDeclaration(node) && !ts.isTypeAliasDeclaration(node)) return;
  const { name, typeParameters } = node;
  const schema = schemas[name.text];
  if (!schema || typeParameters) return;
  compared += 1;
  const type = checker.getTypeAtLocation(name);
  const declared = fieldOfType(type, checker);
  if (declared.kind !== 'object') {
    const described = fieldOfSchema(schema, schemas);
    if (!same(declared, described)) faults.push(`${name.text}: ${say(declared)} here, ${say(described)} there`);
    return;
  }
  const theirs = propertiesOfSchema(schema, schemas);
  const ours = new Map(checker.getPropertiesOfType(type).map((one) => [one.name, one]));
  if (Object.keys(theirs).length === 0) return;
  for (const key of Object.keys(theirs)) if (!ours.has(key)) faults.push(`${name.text}.${key} is missing here`);
  for (const [key, symbol] of ours) {
    if (!(key in theirs)) {
      faults.push(`${name.text}.${key} is not said by the server`);
      continue;
    }
    const mine = fieldOfType(checker.getTypeOfSymbolAtLocation(symbol, node), checker);
    const described = fieldOfSchema(theirs[key], schemas);
    if (!same(mine, described)) faults.push(`${name.text}.${key}: ${say(mine)} here, ${say(described)} there`);
  }
});

for (const fault of faults) console.error(`✗ ${fault}`);
console.log(`${compared} views compared, ${faults.length} differences`);
process.exit(faults.length > 0 || compared === 0 ? 1 : 0);

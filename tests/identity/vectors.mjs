// Checks vectors.json with an implementation that shares nothing with the package: the number
// formatting, the key order and the hashes are Node's own. The canonical forms were written by
// hand; a new vector's digests are what this program says it found.
//
//   node vectors.mjs vectors.json      exits 1 and lists what does not hold
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

function sha256(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

const named = (digest) => "sha256:" + digest.toString("hex");

function canonical(value) {
  if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const keys = Object.keys(value).filter((key) => value[key] !== null).sort();
  return "{" + keys.map((key) => JSON.stringify(key) + ":" + canonical(value[key])).join(",") + "}";
}

function contentHash(digests) {
  const buckets = Array.from({ length: 4096 }, () => []);
  for (const digest of [...digests].sort(Buffer.compare)) {
    buckets[digest.readUInt16BE(0) >> 4].push(digest);
  }
  let level = buckets.map((bucket) => sha256(Buffer.of(0), ...bucket));
  while (level.length > 1) {
    const pairs = level.filter((_, i) => i % 2 === 0).map((left, i) => [left, level[2 * i + 1]]);
    level = pairs.map(([left, right]) => sha256(Buffer.of(1), left, right));
  }
  const count = Buffer.alloc(8);
  count.writeBigUInt64BE(BigInt(digests.length));
  return named(sha256(Buffer.of(2), count, level[0]));
}

function hashes(texts) {
  const digests = texts.map((text) => sha256(text));
  return {
    examples: texts.length,
    content_hash: contentHash(digests),
    order_hash: named(sha256(Buffer.of(3), ...digests)),
  };
}

const integers = (size) => Array.from({ length: size }, (_, number) => `{"a":${number}}`);
const digest = ({ canonical: text }) => ({ sha256: named(sha256(text)) });
const rules = {
  // Node rounds integers beyond 2^53; their forms stand as written.
  canonical: (vector) =>
    vector.beyond_double
      ? digest(vector)
      : { ...digest(vector), canonical: canonical(JSON.parse(vector.json)) },
  doubles: ({ bits }) => ({ text: JSON.stringify(Buffer.from(bits, "hex").readDoubleBE(0)) }),
  sets: (vector) => hashes(vector.canonical ?? integers(vector.range)),
  tables: ({ canonical: texts }) => hashes(texts),
  arrow: digest,
  rows: ({ context, record }) => ({ row_id: named(sha256(Buffer.of(5), sha256(context), record)) }),
  quarantine: ({ spans }) => ({
    hash: named(sha256(Buffer.of(4), ...spans.map((span) => sha256(span)))),
  }),
};

const vectors = JSON.parse(readFileSync(process.argv[2], "utf8"));
const wrong = Object.entries(rules).flatMap(([kind, rule]) =>
  vectors[kind].flatMap((vector) =>
    Object.entries(rule(vector))
      .filter(([field, found]) => vector[field] !== found)
      .map(([field, found]) => `${kind}: ${vector.name ?? vector.bits}: ${field}: found ${found}`),
  ),
);
if (wrong.length) console.error(wrong.join("\n"));
process.exit(wrong.length ? 1 : 0);

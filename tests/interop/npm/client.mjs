// Answers, with Chromia's client for JavaScript, the questions that come as JSON on standard input.

import { text } from "node:stream/consumers";
import client from "postchain-client";

const { Buffer, encryption, gtv, gtx } = client;

// See tests/indexer/postchain/interop.py for this form of GTV values in JSON.
function value([kind, content]) {
  if (kind === "array") return content.map(value);
  if (kind === "bytes") return Buffer.from(content, "hex");
  if (kind === "integer") return Number(content);
  if (kind === "bigInteger") return BigInt(content);
  return content;
}

const hex = (buffer) => Buffer.from(buffer).toString("hex");

function describe(asked) {
  const raw = value(asked);
  return {
    encoded: hex(gtv.encode(raw)),
    hashes: { 1: hex(gtv.gtvHash(raw, 1)), 2: hex(gtv.gtvHash(raw, 2)) },
  };
}

async function sign({ brid, operations, key, version }) {
  const keys = encryption.makeKeyPair(key);
  const unsigned = gtx.emptyGtx(Buffer.from(brid, "hex"));
  for (const [name, args] of operations) gtx.addTransactionToGtx(name, args.map(value), unsigned);
  gtx.addSignerToGtx(keys.pubKey, unsigned);
  const rid = hex(gtx.getDigestToSign(unsigned, version));
  const signed = await gtx.sign(unsigned, keys.privKey, version, keys.pubKey);
  const hash = hex(gtv.gtvHash(gtx.gtxToRawGtx(signed), version));
  return { rid, hash, signed: hex(gtx.serialize(signed)) };
}

// A transaction that was signed elsewhere: does it read as signed here?
function check({ data, version }) {
  const read = gtx.deserialize(Buffer.from(data, "hex"));
  const rid = gtx.getDigestToSign(read, version);
  const valid = read.signers.every((key, index) =>
    encryption.checkDigestSignature(rid, key, read.signatures[index]),
  );
  return { rid: hex(rid), valid };
}

const asked = JSON.parse(await text(process.stdin));
const answers = {
  values: asked.values.map(describe),
  signed: await Promise.all(asked.transactions.map(sign)),
  checked: asked.checks.map(check),
};
process.stdout.write(JSON.stringify(answers));

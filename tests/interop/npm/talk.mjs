// Talks, with Chromia's client for JavaScript, to a node as a dapp's page would. Prints what it got as JSON.

import { text } from "node:stream/consumers";
import client from "postchain-client";

const { Buffer, createClient, encryption } = client;
const { url, brid, key, version } = JSON.parse(await text(process.stdin));
const hex = (buffer) => Buffer.from(buffer).toString("hex").toUpperCase();

const chain = await createClient({
  directoryNodeUrlPool: [url],
  blockchainRid: brid,
  merkleHashVersion: version,
  statusPollInterval: 100,
  statusPollCount: 100,
});
const byNumber = await createClient({ nodeUrlPool: [url], blockchainIid: 1, merkleHashVersion: version });

const keys = encryption.makeKeyPair(key);
const add = (uid) => ({
  name: "add_prompt_history",
  args: [uid, '[{"role":"user","content":"ä𝄞"}]', '{"a":1}', 3, "m", "p"],
});
const receipt = await chain.signAndSendUniqueTransaction(add(7), keys);
const signed = await chain.signTransaction({ operations: [add(8), add(9)], signers: [keys.pubKey] }, keys);
const second = await chain.sendTransaction(signed);
const rejection = await chain
  .signAndSendUniqueTransaction({ name: "delete_prompt_history", args: [999] }, keys)
  .catch((error) => error);
const refusal = await chain
  .signAndSendUniqueTransaction({ name: "no_such_operation", args: [] }, keys)
  .catch((error) => error);
const unknown = await chain.query("no_such_query").catch((error) => error);

const rid = receipt.transactionRid;
let level = await chain.getTransactionConfirmationLevel(rid);
for (let tries = 0; level.status !== "systemAnchored" && tries < 200; tries += 1) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  level = await chain.getTransactionConfirmationLevel(rid);
}
const info = await chain.getTransactionInfo(rid);
const proof = await chain.getConfirmationProof(rid);
const answers = {
  nodes: chain.getClientNodeUrlPool(),
  brid: byNumber.config.blockchainRid,
  receipt: [receipt.status, receipt.statusCode],
  second: second.status,
  level: level.status,
  rejection: String(rejection.message),
  refusal: String(refusal.message),
  unknown: String(unknown.message),
  count: await chain.query("get_prompt_history_count"),
  record: await chain.query("get_prompt_history", { prompt_id: 1 }),
  owner: hex(await chain.query("get_owner")),
  rid: hex(rid),
  transaction: hex(await chain.getTransaction(rid)),
  status: (await chain.getTransactionStatus(rid)).status,
  info: [hex(info.txRid), hex(info.blockRid)],
  listed: (await chain.getTransactionsInfo(2)).map((each) => hex(each.txRid)),
  transactions: await chain.getTransactionCount(),
  block: (await chain.getBlockInfo(hex(info.blockRid), true)).transactions.map((each) => hex(each.rid)),
  latest: (await chain.getLatestBlock()).height >= 0,
  heights: (await chain.getBlocks({ limit: 3 })).map((each) => each.height),
  proof: [hex(proof.hash), proof.txIndex],
  modules: Object.keys((await chain.getAppStructure()).modules),
};
// The client itself writes there: the answer is the last line.
process.stdout.write(`\n${JSON.stringify(answers)}`);

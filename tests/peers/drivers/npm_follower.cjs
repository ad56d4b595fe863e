// npm's pubsubhubbub as a follower: npm_follower.cjs NODE_MODULES PORT TOPIC HUB. Says what happens, a line of JSON each.
"use strict";
const [modules, port, topic, hub] = process.argv.slice(2);
const { createHash } = require("node:crypto");
const pubsubhubbub = require(`${modules}/pubsubhubbub`);

const say = (facts) => console.log(JSON.stringify(facts));
const follower = pubsubhubbub.createServer({ callbackUrl: `http://127.0.0.1:${port}/callback` });
follower.on("subscribe", (data) => say({ event: "subscribe", topic: data.topic }));
follower.on("unsubscribe", (data) => {
    say({ event: "unsubscribe", topic: data.topic });
});
follower.on("denied", (data) => say({ event: "denied", topic: data.topic, reason: String(data.error) }));
follower.on("error", (error) => say({ event: "error", reason: String(error) }));
follower.on("feed", (data) => {
    const ids = data.feed.toString().match(/urn:uuid:[0-9a-f-]{36}/g) || [];
    say({ event: "content", topic: data.topic, digest: createHash("sha256").update(data.feed).digest("hex"), ids });
});
follower.on("listen", () => follower.subscribe(topic, hub, (error) => say(error ? { event: "refused", reason: String(error) } : { event: "asked" })));
process.stdin.on("data", () => follower.unsubscribe(topic, hub));
follower.listen(Number(port), "127.0.0.1");

// node read_node.mjs NODE_MODULES CLIENT URL...: what a client from npm reads there, as JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";

const [modules, client, ...urls] = process.argv.slice(2);
const load = createRequire(`${modules}/`);
const text = async (url) => (await fetch(url)).text();
const words = (value) => (value && typeof value === "object" ? value._ : value);

async function rssParser(url) {
  const Parser = load("rss-parser");
  // Of what it has no name for it is told, as its manual says.
  const parser = new Parser({ customFields: { item: ["source", "category"] } });
  const feed = await parser.parseURL(url);
  return feed.items.map((item) => ({
    id: item.guid ?? item.id,
    title: item.title,
    link: item.link,
    date: item.isoDate,
    author: [item.creator ?? item.author],
    category: item.categories?.map((one) => (typeof one === "string" ? one : (one._ ?? one.$?.label ?? one.$?.term))),
    content: item["content:encoded"] ?? item.content,
    enclosure: item.enclosure ? [[item.enclosure.url, item.enclosure.type, item.enclosure.length]] : [],
    source: words(item.source),
  }));
}

async function feedparser(url) {
  const FeedParser = load("feedparser");
  const body = await text(url);
  const items = [];
  await new Promise((resolve, reject) => {
    const parser = new FeedParser({ feedurl: url });
    parser.on("error", reject);
    parser.on("end", resolve);
    parser.on("readable", () => {
      for (let item = parser.read(); item; item = parser.read()) items.push(item);
    });
    Readable.from([body]).pipe(parser);
  });
  return items.map((item) => ({
    id: item.guid,
    title: item.title,
    link: item.link,
    date: (item.pubdate ?? item.pubDate)?.toISOString(),
    author: [item.author],
    category: item.categories,
    content: item.description,
    enclosure: item.enclosures.map((one) => [one.url, one.type, one.length]),
    source: item.source?.title,
  }));
}

const name = (author) => author?.name ?? author;

async function feedsmith(url) {
  const { parseFeed } = await import(pathToFileURL(load.resolve("feedsmith")));
  const { format, feed } = parseFeed(await text(url));
  if (format === "rss") {
    return feed.items.map((item) => ({
      id: item.guid?.value,
      title: item.title,
      link: item.link,
      date: moment(item.pubDate),
      author: item.dc?.creators ?? (item.dc?.creator ? [item.dc.creator] : item.authors?.map(name)),
      category: item.categories?.map((one) => one.name),
      content: item.content?.encoded,
      enclosure: (item.enclosures ?? []).map((one) => [one.url, one.type, one.length]),
      source: item.source?.title,
    }));
  }
  if (format === "atom") {
    return feed.entries.map((entry) => ({
      id: entry.id,
      title: words(entry.title?.value ?? entry.title),
      link: entry.links.find((link) => (link.rel ?? "alternate") === "alternate")?.href,
      date: moment(entry.published),
      author: entry.authors?.map(name),
      category: entry.categories?.map((one) => one.label ?? one.term),
      content: entry.content?.value ?? entry.content,
      enclosure: entry.links
        .filter((link) => link.rel === "enclosure")
        .map((link) => [link.href, link.type, link.length]),
      source: entry.source?.title?.value ?? entry.source?.title,
    }));
  }
  return feed.items.map((item) => ({
    id: item.id,
    title: item.title,
    link: item.url,
    date: moment(item.date_published),
    author: item.authors?.map(name),
    category: item.tags,
    content: item.content_html,
    enclosure: (item.attachments ?? []).map((one) => [one.url, one.mime_type, one.size_in_bytes]),
    source: undefined,
  }));
}

const moment = (value) => (value ? new Date(value).toISOString() : undefined);
const readers = { "rss-parser": rssParser, feedparser, feedsmith };
const { version } = JSON.parse(readFileSync(`${modules}/${client}/package.json`, "utf8"));
const feeds = {};
for (const url of urls) feeds[url] = await readers[client](url);
process.stdout.write(JSON.stringify({ version, feeds }));

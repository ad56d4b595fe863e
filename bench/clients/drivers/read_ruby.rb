# ruby read_ruby.rb URL...: what Ruby's rss reads there, as JSON.
require "json"
require "net/http"
require "rss"

def of_rss(item)
  enclosure = item.enclosure
  {
    id: item.guid&.content, title: item.title, link: item.link, date: item.pubDate&.utc&.iso8601,
    author: item.dc_creators.map(&:content), category: item.categories.map(&:content), content: item.content_encoded,
    enclosure: enclosure ? [[enclosure.url, enclosure.type, enclosure.length]] : [], source: item.source&.content
  }
end

def of_atom(entry)
  {
    id: entry.id.content, title: entry.title.content,
    link: entry.links.find { |link| [nil, "alternate"].include?(link.rel) }&.href,
    date: entry.published&.content&.utc&.iso8601, author: entry.authors.map { |author| author.name.content },
    category: entry.categories.map { |category| category.label || category.term }, content: entry.content&.content,
    enclosure: entry.links.select { |link| link.rel == "enclosure" }.map { |link| [link.href, link.type, link.length] },
    source: entry.source&.title&.content
  }
end

feeds = ARGV.to_h do |url|
  body = Net::HTTP.get(URI(url)).force_encoding("UTF-8")
  feed = RSS::Parser.parse(body, true)
  [url, feed.respond_to?(:entries) ? feed.entries.map { |one| of_atom(one) } : feed.items.map { |one| of_rss(one) }]
end
puts JSON.generate(version: RSS::VERSION, feeds: feeds)

# Says of each file what Ruby's rss refuses in it, nothing when it validates.
require "rss"

abort "no files" if ARGV.empty?
ARGV.each do |path|
  begin
    feed = RSS::Parser.parse(File.read(path, encoding: "UTF-8"), true)
    puts "#{path}: not a feed" if feed.nil?
  rescue RSS::Error => problem
    puts "#{path}: #{problem.class}: #{problem.message}"
  end
end

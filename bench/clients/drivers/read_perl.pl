# perl read_perl.pl URL...: what XML::Feed reads there, as JSON.
use strict;
use warnings;
use DateTime;
use JSON::PP;
use URI;
use XML::Feed;

$XML::Atom::ForceUnicode = 1;  # else it gives bytes

my %feeds;
for my $url (@ARGV) {
    my $feed = XML::Feed->parse(URI->new($url)) or die XML::Feed->errstr;
    $feeds{$url} = [map { entry($_) } $feed->entries];
}
print JSON::PP->new->utf8->encode({ version => "$XML::Feed::VERSION", feeds => \%feeds });

sub entry {
    my ($entry) = @_;
    my $date = $entry->issued ? $entry->issued->clone->set_time_zone("UTC") : undef;
    return {
        id        => $entry->id,
        title     => $entry->title,
        link      => $entry->link,
        date      => $date ? $date->iso8601 . "Z" : undef,
        author    => [map { ref $_ ? @$_ : $_ } $entry->author],
        category  => [$entry->category],
        content   => $entry->content->body,
        enclosure => [map { [$_->url, $_->type, $_->length] } grep { defined } $entry->enclosure],
        source    => undef,
    };
}

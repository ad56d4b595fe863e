<?php
// php read_php.php simplepie|wordpress FOLDER URL...: what SimplePie, or fetch_feed() of WordPress, reads there, as JSON.
error_reporting(E_ERROR);  // both were written for older versions of PHP, which complain of less
[, $client, $folder] = $argv;
require __DIR__ . "/{$client}.php";

$feeds = [];
foreach (array_slice($argv, 3) as $url) {
    $feed = read_feed($url);
    $feeds[$url] = array_map('entry', $feed->get_items());
}
echo json_encode(['version' => client_version(), 'feeds' => $feeds], JSON_THROW_ON_ERROR);

function entry($item)
{
    $author = fn ($one) => html_entity_decode($one->get_name() ?? $one->get_email() ?? '', ENT_QUOTES | ENT_HTML5);
    $source = $item->get_source();
    $plain = fn ($html) => $html === null ? null : html_entity_decode($html, ENT_QUOTES | ENT_HTML5);
    // Media RSS and enclosures alike are enclosures to it.
    $enclosures = array_filter($item->get_enclosures() ?? [], fn ($one) => $one->get_link() !== null);
    return [
        'id' => $item->get_id(),
        'title' => $plain($item->get_title()),
        'link' => $plain($item->get_link()),
        'date' => $item->get_gmdate('Y-m-d\TH:i:s\Z'),
        'author' => array_map($author, $item->get_authors() ?? []),
        'category' => array_map(fn ($one) => $plain($one->get_label()), $item->get_categories() ?? []),
        'content' => $item->get_content(true),
        'enclosure' => array_map(
            fn ($one) => [$plain($one->get_link()), $one->get_type(), $one->get_length()],
            array_values($enclosures)
        ),
        'source' => $source ? $plain($source->get_title()) : null,
    ];
}

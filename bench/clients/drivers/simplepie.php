<?php
// SimplePie as it comes with WordPress, alone: Debian's own package stops at dates under PHP 8.
define('ABSPATH', "{$folder}/");
define('WPINC', 'wp-includes');
require ABSPATH . WPINC . '/class-simplepie.php';

function read_feed($url)
{
    $feed = new SimplePie();
    $feed->enable_cache(false);
    $feed->set_feed_url($url);
    $feed->init();
    if ($feed->error()) {
        throw new RuntimeException($feed->error());
    }
    return $feed;
}

function client_version()
{
    return SIMPLEPIE_VERSION;
}

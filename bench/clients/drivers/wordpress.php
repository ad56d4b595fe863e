<?php
// The real fetch_feed(), with its own HTTP, cleaning and cache; of a site only what it asks for stands in for one.
define('ABSPATH', "{$folder}/");
define('WPINC', 'wp-includes');
define('WP_CONTENT_DIR', sys_get_temp_dir());
define('WP_DEBUG', false);
foreach (['version', 'load', 'plugin', 'default-constants', 'compat', 'class-wp-list-util', 'functions', 'option', 'l10n',
          'class-wp-error', 'class-wp-object-cache', 'cache', 'formatting', 'kses', 'link-template', 'general-template', 'http', 'class-wp-http',
          'class-http', 'class-wp-http-streams', 'class-wp-http-curl', 'class-wp-http-proxy', 'class-wp-http-cookie',
          'class-wp-http-encoding', 'class-wp-http-response', 'class-wp-http-requests-response',
          'class-wp-http-requests-hooks', 'feed'] as $part) {
    $path = ABSPATH . WPINC . "/{$part}.php";
    if (is_file($path)) {
        require_once $path;
    }
}
wp_initial_constants();
wp_cache_init();
wp_using_ext_object_cache(true);
add_filter('pre_option_blog_charset', fn () => 'UTF-8');
add_filter('pre_option_home', fn () => 'https://situs.example');
add_filter('pre_option_siteurl', fn () => 'https://situs.example');
// It refuses addresses of the own network, and ports other than 80, 443 and 8080.
add_filter('http_request_host_is_external', '__return_true');
add_filter('http_allowed_safe_ports', fn () => range(1, 65535));

function read_feed($url)
{
    $feed = fetch_feed($url);
    if (is_wp_error($feed)) {
        throw new RuntimeException($feed->get_error_message());
    }
    return $feed;
}

function client_version()
{
    return $GLOBALS['wp_version'];
}

<?php
// Your server. It answers hello.
//
//     php server.php PORT FOLDER

if (PHP_SAPI === "cli") {
    // Started by you: start the web server that PHP has built in. It runs this file once for each request.
    [, $port, $folder] = $argv;
    // Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
    $host = getenv("HOST") ?: "127.0.0.1";
    putenv("FOLDER=$folder");
    passthru(escapeshellarg(PHP_BINARY) . " -S " . escapeshellarg("$host:$port") . " " . escapeshellarg(__FILE__));
    exit;
}

header("Content-Type: text/plain");
echo "hello\n";

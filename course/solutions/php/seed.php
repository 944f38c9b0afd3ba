<?php
// The whole seed in PHP: register, look up a user, write to a user, look into your queue. The numbers of the steps are
// those in docs/spec.md.
//
//     php seed.php PORT FOLDER
//
//     FOLDER/users/secret.dat    the class secret
//     FOLDER/users/<myId>.dat    the token of this user
//     FOLDER/users/<sha256>.dat  who has a handle: the sha256 of the handle is the name, the id is the content

if (PHP_SAPI === "cli") {
    // Started by you: start the web server that PHP has built in. It runs this file once for each request.
    [, $port, $folder] = $argv;
    // Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
    $host = getenv("HOST") ?: "127.0.0.1";
    putenv("FOLDER=$folder");
    openFolder();
    passthru(escapeshellarg(PHP_BINARY) . " -S " . escapeshellarg("$host:$port") . " " . escapeshellarg(__FILE__));
    exit;
}

/** A reply other than 200. Throw it wherever you are: answer() sends it. An empty sentence makes an empty body. */
class Refusal extends Exception
{
    public int $status;

    public function __construct(int $status, string $sentence)
    {
        parent::__construct($sentence);
        $this->status = $status;
    }
}

answer();

function answer(): void
{
    $status = 200;
    try {
        $path = explode("?", $_SERVER["REQUEST_URI"])[0];
        $body = call($_SERVER["REQUEST_METHOD"] . " " . $path);
    } catch (Refusal $refusal) {
        $status = $refusal->status;
        $body = ["status" => $status, "detail" => $refusal->getMessage()];
    } catch (Throwable $error) {
        error_log($error);
        $status = 500;
        $body = ["status" => $status, "detail" => "The server has made a mistake."];
    }
    http_response_code($status);
    header("Content-Type: application/json");
    // A 404 for an unknown handle has an empty body.
    if (($body["detail"] ?? "-") !== "") {
        echo json_encode($body), "\n";
    }
}

function call(string $route): array
{
    // 1.1: Is the request body parsable JSON? No: 400.
    $text = file_get_contents("php://input");
    $inputs = json_decode($text);
    // As an object, {} and [] are not the same. As an array, they would be.
    $in = $inputs instanceof stdClass ? get_object_vars($inputs) : null;
    switch ($route) {
        case "POST /api/v1/register":
            return registerUser(mustBeObject($in));
        case "GET /api/v1/register":
            return lookUpUser(mustBeObject($in));
        case "POST /api/v1/chat":
            return publishMessage(mustBeObject($in));
        case "GET /api/v1/chat":
            return fetchQueue(mustBeObject($in));
    }
    throw new Refusal(404, "There is nothing at this address.");
}

function registerUser(array $in): array
{
    // 1.2 to 1.5: Do the inputs exist, and have they the right type and length? No: 401 for the secret, 400 for the handle.
    $secret = mustBeText($in, "secret", 12, 64, 401);
    $userHandle = mustBeText($in, "userHandle", 3, 64, 400);

    // 2: Open users/secret.dat. Error: 500.
    $classSecret = readUserFile("secret");
    // 3: Do its contents match `secret`? No: 403.
    if ($secret !== $classSecret) {
        throw new Refusal(403, "`secret` is not the class secret.");
    }
    // 4: Generate a random string, the authToken.
    $authToken = bin2hex(random_bytes(16));

    // PHP can run this file several times at once, and each run has its own memory. So only one may be between these
    // two locks, and the last id is in a file.
    $lock = fopen(usersFolder() . "/lock", "c");
    flock($lock, LOCK_EX);
    try {
        // 7: Generate the sha256 hash of userHandle.
        $hashUserHandle = hash("sha256", $userHandle);
        // 8.1: The file of the handle exists already: 409.
        if (readUserFile($hashUserHandle) !== null) {
            throw new Refusal(409, "Someone already has this handle.");
        }
        // 5: Generate a unique integer, myId, for the new user.
        $myId = (int) readUserFile("last-id") + 1;
        writeUserFile("last-id", (string) $myId);
        // 6: Create users/<myId>.dat and write authToken to it.
        writeUserFile((string) $myId, $authToken);
        // 8: Create users/<hashUserHandle>.dat and write myId to it.
        writeUserFile($hashUserHandle, (string) $myId);
    } finally {
        flock($lock, LOCK_UN);
    }

    // 9: Return 200.
    return ["userId" => $myId, "authToken" => $authToken];
}

function lookUpUser(array $in): array
{
    checkUser($in);
    mustBeText($in, "userHandle", 3, 64, 400);
    checkToken($in);
    return ["userId" => findUser($in["userHandle"])];
}

/** The seed has no text of a message yet: this only finds out whether the recipient is there. */
function publishMessage(array $in): array
{
    checkUser($in);
    mustBeText($in, "userHandle", 3, 64, 400);
    checkToken($in);
    return ["userId" => findUser($in["userHandle"])];
}

function fetchQueue(array $in): array
{
    checkUser($in);
    // Without `userHandle`, it is everybody's messages.
    $hasHandle = array_key_exists("userHandle", $in);
    if ($hasHandle) {
        mustBeText($in, "userHandle", 3, 64, 400);
    }
    checkToken($in);
    if ($hasHandle) {
        findUser($in["userHandle"]);
    }
    return ["myId" => $in["myId"]];
}

/** 1.2 to 1.5: Are `myId` and `myAuth` there, and of the right type and length? No: 400. */
function checkUser(array $in): void
{
    $myId = $in["myId"] ?? null;
    if (!is_int($myId) || $myId < 1 || $myId > 2 ** 53 - 1) {
        throw new Refusal(400, "`myId` must be an integer, 1 or more.");
    }
    mustBeText($in, "myAuth", 12, 64, 400);
}

/** 2 and 3: Open users/<myId>.dat. File not found: 401. Does `myAuth` match what is in it? No: 403. */
function checkToken(array $in): void
{
    $authToken = readUserFile((string) $in["myId"]);
    if ($authToken === null) {
        throw new Refusal(401, "No user has this `myId`.");
    }
    if ($in["myAuth"] !== $authToken) {
        throw new Refusal(403, "`myAuth` is not the token of this `myId`.");
    }
}

/** 4 to 6: Open the file that is named after the sha256 of the handle. File not found: 404, with an empty body. */
function findUser(string $userHandle): int
{
    $userId = readUserFile(hash("sha256", $userHandle));
    if ($userId === null) {
        throw new Refusal(404, "");
    }
    return (int) $userId;
}

function mustBeObject(?array $in): array
{
    if ($in === null) {
        throw new Refusal(400, "The body must be a JSON object, with braces around it.");
    }
    return $in;
}

function mustBeText(array $in, string $field, int $min, int $max, int $status): string
{
    $text = $in[$field] ?? null;
    // strlen() would count bytes, and an é has two. With the letter u, a dot is one character.
    if (!is_string($text) || preg_match("/^.{{$min},{$max}}$/usD", $text) !== 1) {
        throw new Refusal($status, "`$field` must be a string of $min to $max characters.");
    }
    return $text;
}

function usersFolder(): string
{
    return (getenv("FOLDER") ?: "data") . "/users";
}

/** Returns null if there is no such file. */
function readUserFile(string $name): ?string
{
    $path = usersFolder() . "/$name.dat";
    return is_file($path) ? trim(file_get_contents($path)) : null;
}

/** Writes another file first and then gives it its name. So nobody ever sees half a file, even after a kill. */
function writeUserFile(string $name, string $text): void
{
    $temporary = usersFolder() . "/temporary";
    file_put_contents($temporary, $text);
    rename($temporary, usersFolder() . "/$name.dat");
}

/** Makes the folder if there is none, and writes the class secret into it. */
function openFolder(): void
{
    if (!is_dir(usersFolder())) {
        mkdir(usersFolder(), 0700, true);
    }
    writeUserFile("secret", getenv("SECRET") ?: "river-candle-orbit-maple");
}

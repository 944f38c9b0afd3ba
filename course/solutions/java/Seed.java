// The whole seed in Java: register, look up a user, write to a user, look into your queue. The numbers of the steps are
// those in docs/spec.md.
//
//     java Seed.java PORT FOLDER
//
//     FOLDER/users/secret.dat    the class secret
//     FOLDER/users/<myId>.dat    the token of this user
//     FOLDER/users/<sha256>.dat  who has a handle: the sha256 of the handle is the name, the id is the content

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.*;
import java.util.concurrent.Executors;

public class Seed {
    static Path usersFolder;
    static long lastUserId = 0;

    /** A reply other than 200. Throw it wherever you are: answer() sends it. An empty sentence makes an empty body. */
    static class Refusal extends RuntimeException {
        final int status;

        Refusal(int status, String sentence) {
            super(sentence);
            this.status = status;
        }
    }

    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        // Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
        String host = System.getenv().getOrDefault("HOST", "127.0.0.1");
        usersFolder = Path.of(args[1], "users");
        openFolder();
        HttpServer server = HttpServer.create(new InetSocketAddress(host, port), 0);
        server.createContext("/", Seed::answer);
        server.setExecutor(Executors.newFixedThreadPool(8)); // Eight requests at once.
        server.start();
        System.out.println("The server listens on http://" + host + ":" + port);
    }

    static void answer(HttpExchange exchange) throws IOException {
        String route = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
        int status = 200;
        String body;
        try {
            body = call(route, new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        } catch (Refusal refusal) {
            status = refusal.status;
            String sentence = refusal.getMessage();
            body = sentence.isEmpty() ? "" : "{\"status\":" + status + ",\"detail\":\"" + sentence + "\"}";
        } catch (Exception error) {
            error.printStackTrace();
            status = 500;
            body = "{\"status\":500,\"detail\":\"The server has made a mistake.\"}";
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length); // -1 is no body at all.
        exchange.getResponseBody().write(bytes);
        exchange.close();
        System.out.println(route + " " + status);
    }

    static String call(String route, String text) throws Exception {
        switch (route) {
            case "POST /api/v1/register": return registerUser(readInputs(text));
            case "GET /api/v1/register": return lookUpUser(readInputs(text));
            case "POST /api/v1/chat": return publishMessage(readInputs(text));
            case "GET /api/v1/chat": return fetchQueue(readInputs(text));
            default: throw new Refusal(404, "There is nothing at this address.");
        }
    }

    // Many threads run at once. `synchronized` lets only one of them register.
    static synchronized String registerUser(Map<String, Object> in) throws Exception {
        // 1.2 to 1.5: Do the inputs exist, and have they the right type and length? No: 401 for the secret, 400 for the handle.
        String secret = mustBeText(in, "secret", 12, 64, 401);
        String userHandle = mustBeText(in, "userHandle", 3, 64, 400);
        // 2: Open users/secret.dat. Error: 500.
        String classSecret = readUserFile("secret");
        // 3: Do its contents match `secret`? No: 403.
        if (!secret.equals(classSecret)) throw new Refusal(403, "`secret` is not the class secret.");
        // 4: Generate a random string, the authToken.
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        String authToken = HexFormat.of().formatHex(random);
        // 5: Generate a unique integer, myId, for the new user.
        lastUserId++;
        long myId = lastUserId;
        // 7: Generate the sha256 hash of userHandle.
        String hashUserHandle = hashHandle(userHandle);
        // 8.1: The file of the handle exists already: 409.
        if (readUserFile(hashUserHandle) != null) throw new Refusal(409, "Someone already has this handle.");
        // 6: Create users/<myId>.dat and write authToken to it.
        writeUserFile("" + myId, authToken);
        // 8: Create users/<hashUserHandle>.dat and write myId to it.
        writeUserFile(hashUserHandle, "" + myId);
        // 9: Return 200.
        return "{\"userId\":" + myId + ",\"authToken\":\"" + authToken + "\"}";
    }

    static String lookUpUser(Map<String, Object> in) throws Exception {
        long myId = mustBeId(in, "myId");
        String myAuth = mustBeText(in, "myAuth", 12, 64, 400);
        String userHandle = mustBeText(in, "userHandle", 3, 64, 400);
        checkToken(myId, myAuth);
        return "{\"userId\":" + findUser(userHandle) + "}";
    }

    /** The seed has no text of a message yet: this only finds out whether the recipient is there. */
    static String publishMessage(Map<String, Object> in) throws Exception {
        return lookUpUser(in);
    }

    static String fetchQueue(Map<String, Object> in) throws Exception {
        // Without `userHandle`, it is everybody's messages.
        if (in.containsKey("userHandle")) lookUpUser(in);
        long myId = mustBeId(in, "myId");
        checkToken(myId, mustBeText(in, "myAuth", 12, 64, 400));
        return "{\"myId\":" + myId + "}";
    }

    /** 2 and 3: Open users/<myId>.dat. File not found: 401. Does `myAuth` match what is in it? No: 403. */
    static void checkToken(long myId, String myAuth) throws Exception {
        String authToken = readUserFile("" + myId);
        if (authToken == null) throw new Refusal(401, "No user has this `myId`.");
        if (!myAuth.equals(authToken)) throw new Refusal(403, "`myAuth` is not the token of this `myId`.");
    }

    /** 4 to 6: Open the file that is named after the sha256 of the handle. File not found: 404, with an empty body. */
    static String findUser(String userHandle) throws Exception {
        String userId = readUserFile(hashHandle(userHandle));
        if (userId == null) throw new Refusal(404, "");
        return userId;
    }

    static String mustBeText(Map<String, Object> in, String field, int min, int max, int status) {
        String sentence = "`" + field + "` must be a string of " + min + " to " + max + " characters.";
        if (!(in.get(field) instanceof String)) throw new Refusal(status, sentence);
        String text = (String) in.get(field);
        // An emoji is one character, but length() counts it as 2.
        int length = text.codePointCount(0, text.length());
        if (length < min || length > max) throw new Refusal(status, sentence);
        return text;
    }

    static long mustBeId(Map<String, Object> in, String field) {
        String number = in.get(field) instanceof BigDecimal ? in.get(field).toString() : "";
        if (!number.matches("[1-9][0-9]{0,15}") || Long.parseLong(number) >= 1L << 53) {
            throw new Refusal(400, "`" + field + "` must be an integer, 1 or more.");
        }
        return Long.parseLong(number);
    }

    static String hashHandle(String userHandle) throws Exception {
        byte[] bytes = userHandle.getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    /** Returns null if there is no such file. */
    static String readUserFile(String name) throws IOException {
        Path path = usersFolder.resolve(name + ".dat");
        return Files.exists(path) ? Files.readString(path).strip() : null;
    }

    /** Writes another file first and then gives it its name. So nobody ever sees half a file, even after a kill. */
    static void writeUserFile(String name, String text) throws IOException {
        Path temporary = usersFolder.resolve("temporary");
        Files.writeString(temporary, text);
        Files.move(temporary, usersFolder.resolve(name + ".dat"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Makes the folder and the secret, and finds the greatest id that has a file. */
    static void openFolder() throws IOException {
        Files.createDirectories(usersFolder);
        writeUserFile("secret", System.getenv().getOrDefault("SECRET", "river-candle-orbit-maple"));
        for (String name : usersFolder.toFile().list()) {
            if (!name.matches("[0-9]{1,16}\\.dat")) continue;
            lastUserId = Math.max(lastUserId, Long.parseLong(name.replace(".dat", "")));
        }
    }

    /** 1.1: Is the request body parsable JSON? No: 400. */
    @SuppressWarnings("unchecked")
    static Map<String, Object> readInputs(String text) {
        Json json = new Json();
        json.text = text.strip();
        Object value = json.value(0);
        if (json.at < json.text.length() || !(value instanceof Map)) throw json.mistake();
        return (Map<String, Object>) value;
    }

    /** Java's library cannot read JSON, so here is a reader. `at` is the place that it has come to. */
    static class Json {
        String text;
        int at = 0;

        Refusal mistake() {
            return new Refusal(400, "The body must be a JSON object, with braces around it.");
        }

        /** Whether the next character is this one. If it is, goes on after it. */
        boolean isNext(String character) {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
            if (!text.startsWith(character, at)) return false;
            at += character.length();
            return true;
        }

        /** `depth` is in how many brackets it is: very many would be too much for Java. */
        Object value(int depth) {
            if (depth > 100) throw mistake();
            if (isNext("{")) return object(depth + 1);
            if (isNext("[")) return list(depth + 1);
            if (isNext("\"")) return string();
            if (isNext("true")) return true;
            if (isNext("false")) return false;
            if (isNext("null")) return null;
            int start = at;
            while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) at++;
            try {
                return new BigDecimal(text.substring(start, at));
            } catch (NumberFormatException error) {
                throw mistake();
            }
        }

        Map<String, Object> object(int depth) {
            Map<String, Object> fields = new HashMap<>();
            if (isNext("}")) return fields;
            do {
                if (!isNext("\"")) throw mistake();
                String name = string();
                if (!isNext(":")) throw mistake();
                fields.put(name, value(depth));
            } while (isNext(","));
            if (!isNext("}")) throw mistake();
            return fields;
        }

        List<Object> list(int depth) {
            List<Object> values = new ArrayList<>();
            if (isNext("]")) return values;
            do values.add(value(depth)); while (isNext(","));
            if (!isNext("]")) throw mistake();
            return values;
        }

        String string() {
            StringBuilder result = new StringBuilder();
            while (at < text.length() && text.charAt(at) != '"') {
                char character = text.charAt(at++);
                if (character < ' ' || at == text.length()) throw mistake();
                result.append(character == '\\' ? escaped() : character);
            }
            at++;
            if (at > text.length()) throw mistake();
            return result.toString();
        }

        /** What stands after a backslash, such as n for a line break, or u00e9 for an é. */
        char escaped() {
            char letter = text.charAt(at++);
            int place = "\"\\/bfnrt".indexOf(letter);
            if (place >= 0) return "\"\\/\b\f\n\r\t".charAt(place);
            if (letter != 'u' || !text.substring(at).matches("(?s)[0-9a-fA-F]{4}.*")) throw mistake();
            at += 4;
            return (char) Integer.parseInt(text.substring(at - 4, at), 16);
        }
    }
}

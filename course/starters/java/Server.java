// Your server. It answers hello.
//
//     java Server.java PORT FOLDER

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

public class Server {
    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(args[0]);
        // Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
        String host = System.getenv().getOrDefault("HOST", "127.0.0.1");
        HttpServer server = HttpServer.create(new InetSocketAddress(host, port), 0);
        server.createContext("/", Server::answer);
        server.start();
        System.out.println("Your server listens at http://" + host + ":" + port);
    }

    static void answer(HttpExchange exchange) throws IOException {
        byte[] body = "hello\n".getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}

// Your server. It answers hello.
//
//	go run server.go PORT FOLDER
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
)

func answer(response http.ResponseWriter, request *http.Request) {
	response.Header().Set("Content-Type", "text/plain")
	fmt.Fprintln(response, "hello")
}

func main() {
	port := os.Args[1]
	// Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
	host := os.Getenv("HOST")
	if host == "" {
		host = "127.0.0.1"
	}
	fmt.Println("Your server listens at http://" + host + ":" + port)
	log.Fatal(http.ListenAndServe(host+":"+port, http.HandlerFunc(answer)))
}

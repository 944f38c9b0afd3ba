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
	fmt.Println("Your server listens at http://127.0.0.1:" + port)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, http.HandlerFunc(answer)))
}

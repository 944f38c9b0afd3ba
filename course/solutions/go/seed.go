// The whole seed in Go: register, look up a user, write to a user, look into your queue. The numbers of the steps are
// those in docs/spec.md.
//
//	go run seed.go PORT FOLDER
//
//	FOLDER/users/secret.dat    the class secret
//	FOLDER/users/<myId>.dat    the token of this user
//	FOLDER/users/<sha256>.dat  who has a handle: the sha256 of the handle is the name, the id is the content
package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// What the client sent, not yet checked.
type inputs map[string]any

// A refusal is a reply other than 200. An empty sentence makes an empty body.
type refusal struct {
	status   int
	sentence string
}

func (r refusal) Error() string { return r.sentence }

var usersFolder string
var lastUserId int64

// Go answers each request in its own goroutine, and many run at once. Only one at a time may register.
var registering sync.Mutex

var routes = map[string]func(inputs) (any, error){
	"POST /api/v1/register": registerUser,
	"GET /api/v1/register":  lookUpUser,
	"POST /api/v1/chat":     publishMessage,
	"GET /api/v1/chat":      fetchQueue,
}

func main() {
	port, folder := os.Args[1], os.Args[2]
	// Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
	host := os.Getenv("HOST")
	if host == "" {
		host = "127.0.0.1"
	}
	usersFolder = filepath.Join(folder, "users")
	if err := openFolder(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("The server listens on http://" + host + ":" + port)
	log.Fatal(http.ListenAndServe(host+":"+port, http.HandlerFunc(answer)))
}

func answer(w http.ResponseWriter, r *http.Request) {
	status := 200
	body, err := call(r)
	if refused, ok := err.(refusal); ok {
		status = refused.status
		body = map[string]any{"status": status, "detail": refused.sentence}
	} else if err != nil {
		fmt.Println(err)
		status = 500
		body = map[string]any{"status": status, "detail": "The server has made a mistake."}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A 404 for an unknown handle has an empty body.
	if err == nil || err.Error() != "" {
		json.NewEncoder(w).Encode(body)
	}
	fmt.Println(r.Method, r.URL.Path, status)
}

func call(r *http.Request) (any, error) {
	operation := routes[r.Method+" "+r.URL.Path]
	if operation == nil {
		return nil, refusal{404, "There is nothing at this address."}
	}
	// 1.1: Is the request body parsable JSON? No: 400.
	var in inputs
	decoder := json.NewDecoder(r.Body)
	decoder.UseNumber() // Otherwise 7 and 7.5 would both be a float64.
	if decoder.Decode(&in) != nil || in == nil || decoder.More() {
		return nil, refusal{400, "The body must be a JSON object, with braces around it."}
	}
	return operation(in)
}

func registerUser(in inputs) (any, error) {
	// 1.2 to 1.5: Do the inputs exist, and have they the right type and length? No: 401 for the secret, 400 for the handle.
	secret, err := mustBeText(in, "secret", 12, 64, 401)
	if err != nil {
		return nil, err
	}
	userHandle, err := mustBeText(in, "userHandle", 3, 64, 400)
	if err != nil {
		return nil, err
	}
	// 2: Open users/secret.dat. Error: 500.
	classSecret, err := readUserFile("secret", refusal{500, "The server cannot read its class secret."})
	if err != nil {
		return nil, err
	}
	// 3: Do its contents match `secret`? No: 403.
	if secret != classSecret {
		return nil, refusal{403, "`secret` is not the class secret."}
	}
	// 4: Generate a random string, the authToken.
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		return nil, err
	}
	authToken := hex.EncodeToString(random)

	registering.Lock()
	defer registering.Unlock()
	// 5: Generate a unique integer, myId, for the new user.
	lastUserId++
	myId := lastUserId
	// 7: Generate the sha256 hash of userHandle.
	hashUserHandle := hashHandle(userHandle)
	// 8.1: The file of the handle exists already: 409.
	if _, err := os.Stat(userFile(hashUserHandle)); err == nil {
		return nil, refusal{409, "Someone already has this handle."}
	}
	// 6: Create users/<myId>.dat and write authToken to it.
	if err := writeUserFile(fmt.Sprint(myId), authToken); err != nil {
		return nil, err
	}
	// 8: Create users/<hashUserHandle>.dat and write myId to it.
	if err := writeUserFile(hashUserHandle, fmt.Sprint(myId)); err != nil {
		return nil, err
	}
	// 9: Return 200.
	return map[string]any{"userId": myId, "authToken": authToken}, nil
}

func lookUpUser(in inputs) (any, error) {
	_, userId, err := checkAndFind(in, true)
	return map[string]any{"userId": userId}, err
}

// The seed has no text of a message yet: this only finds out whether the recipient is there.
func publishMessage(in inputs) (any, error) {
	_, userId, err := checkAndFind(in, true)
	return map[string]any{"userId": userId}, err
}

func fetchQueue(in inputs) (any, error) {
	// Without `userHandle`, it is everybody's messages.
	myId, _, err := checkAndFind(in, in["userHandle"] != nil)
	return map[string]any{"myId": myId}, err
}

// The steps that three calls share. It returns my id, and the id of the user with the handle.
func checkAndFind(in inputs, needsHandle bool) (myId int64, userId int64, err error) {
	// 1.2 and 1.3: Is `myId` there, and an integer from 1 to 2^53 - 1? No: 400.
	number, _ := in["myId"].(json.Number)
	myId, err = strconv.ParseInt(number.String(), 10, 64)
	if err != nil || myId < 1 || myId >= 1<<53 {
		return 0, 0, refusal{400, "`myId` must be an integer, 1 or more."}
	}
	// 1.4 to 1.7: Are `myAuth` and `userHandle` there, and strings of the right length? No: 400.
	myAuth, err := mustBeText(in, "myAuth", 12, 64, 400)
	if err != nil {
		return 0, 0, err
	}
	userHandle := ""
	if needsHandle {
		if userHandle, err = mustBeText(in, "userHandle", 3, 64, 400); err != nil {
			return 0, 0, err
		}
	}
	// 2: Open users/<myId>.dat. File not found: 401.
	authToken, err := readUserFile(fmt.Sprint(myId), refusal{401, "No user has this `myId`."})
	if err != nil {
		return 0, 0, err
	}
	// 3: Does `myAuth` match what is in it? No: 403.
	if myAuth != authToken {
		return 0, 0, refusal{403, "`myAuth` is not the token of this `myId`."}
	}
	if !needsHandle {
		return myId, 0, nil
	}
	// 4 and 5: Open the file that is named after the sha256 of the handle. File not found: 404, with an empty body.
	content, err := readUserFile(hashHandle(userHandle), refusal{404, ""})
	if err != nil {
		return 0, 0, err
	}
	// 6: Read the file contents.
	userId, err = strconv.ParseInt(content, 10, 64)
	return myId, userId, err
}

func mustBeText(in inputs, field string, min int, max int, status int) (string, error) {
	text, isText := in[field].(string)
	// len(text) would count bytes, and an é has two.
	length := utf8.RuneCountInString(text)
	if !isText || length < min || length > max {
		return "", refusal{status, fmt.Sprintf("`%s` must be a string of %d to %d characters.", field, min, max)}
	}
	return text, nil
}

func hashHandle(userHandle string) string {
	hash := sha256.Sum256([]byte(userHandle))
	return hex.EncodeToString(hash[:])
}

func userFile(name string) string {
	return filepath.Join(usersFolder, name+".dat")
}

// Returns the refusal if there is no such file.
func readUserFile(name string, ifMissing refusal) (string, error) {
	text, err := os.ReadFile(userFile(name))
	if os.IsNotExist(err) {
		return "", ifMissing
	}
	return strings.TrimSpace(string(text)), err
}

// Writes another file first and then gives it its name. So nobody ever sees half a file, even after a kill.
func writeUserFile(name string, text string) error {
	temporary := filepath.Join(usersFolder, "temporary")
	if err := os.WriteFile(temporary, []byte(text), 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, userFile(name))
}

// Makes the folder and the secret, and finds the greatest id that has a file.
func openFolder() error {
	if err := os.MkdirAll(usersFolder, 0o700); err != nil {
		return err
	}
	secret := os.Getenv("SECRET")
	if secret == "" {
		secret = "river-candle-orbit-maple"
	}
	if err := writeUserFile("secret", secret); err != nil {
		return err
	}
	files, err := os.ReadDir(usersFolder)
	for _, file := range files {
		// The names of the other files are no numbers, or far too long ones.
		id, err := strconv.ParseInt(strings.TrimSuffix(file.Name(), ".dat"), 10, 64)
		if err == nil && id > lastUserId {
			lastUserId = id
		}
	}
	return err
}

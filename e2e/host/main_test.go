package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// TestHost starts the host as a user would, signs in, uses the session, and stops it.
func TestHost(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		serve(ctx, l)
	}()
	url := "http://" + l.Addr().String()

	status, body := call(t, url+"/v2/account/authenticate/device?create=true&username=ann", `{"id":"a-device-of-ann"}`,
		func(r *http.Request) { r.SetBasicAuth("defaultkey", "") })
	if status != http.StatusOK {
		t.Fatalf("signing in: %d %s", status, body)
	}
	var session struct {
		Token   string
		Created bool
	}
	if err := json.Unmarshal(body, &session); err != nil || session.Token == "" || !session.Created {
		t.Fatalf("no session in %s (%v)", body, err)
	}

	status, body = call(t, url+"/v2/rpc/new_match", `""`,
		func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+session.Token) })
	if status != http.StatusOK || !strings.Contains(string(body), ".shoal") {
		t.Fatalf("RPC: %d %s, want the id of a match", status, body)
	}

	status, body = call(t, url+"/v2/account/authenticate/device", `{"id":"a-device-of-ann"}`,
		func(r *http.Request) { r.SetBasicAuth("wrong", "") })
	if status != http.StatusUnauthorized {
		t.Fatalf("signing in with a wrong server key: %d %s", status, body)
	}

	stop()
	<-stopped
	if _, err := net.Dial("tcp", l.Addr().String()); err == nil {
		t.Fatal("somebody still listens")
	}
}

// call posts a body and returns the answer.
func call(t *testing.T, url, body string, sign func(*http.Request)) (status int, answer []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	sign(r)
	answered, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answered.Body.Close()
	answer, err = io.ReadAll(answered.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered.StatusCode, answer
}

package nakama

import (
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/shoal-go/shoal/auth"
)

// access says what a route asks for.
type access uint8

const (
	anybody       access = iota
	withServerKey        // Authorization: Basic, the server key as the name
	withSession          // Authorization: Bearer, an access token
)

// admit returns whose session a call belongs to, if the route asks for one, or why the call is refused.
func (h *Handler) admit(need access, r *http.Request) (auth.Claims, error) {
	given := r.Header["Authorization"]
	switch need {
	case withServerKey:
		if len(given) != 1 {
			return auth.Claims{}, &Error{Unauthenticated, "Server key required"}
		}
		if key, ok := basicName(given[0]); !ok || !sameKey(key, h.c.ServerKey) {
			return auth.Claims{}, &Error{Unauthenticated, "Server key invalid"}
		}
	case withSession:
		if len(given) == 0 {
			return auth.Claims{}, &Error{Unauthenticated, "Auth token required"}
		}
		return h.session(given)
	}
	return auth.Claims{}, nil
}

// session checks an access token.
func (h *Handler) session(given []string) (auth.Claims, error) {
	if token, ok := strings.CutPrefix(given[0], "Bearer "); ok && len(given) == 1 {
		if claims, err := h.c.Auth.Verify(token); err == nil {
			return claims, nil
		}
	}
	return auth.Claims{}, &Error{Unauthenticated, "Auth token invalid"}
}

// Caller is who sends an HTTP request, by the session token in its Authorization header: for routes of the host's own.
// The error is an *Error, of code Unauthenticated.
func (h *Handler) Caller(r *http.Request) (Caller, error) {
	c := h.newCall(r)
	claims, err := h.admit(withSession, r)
	if err != nil {
		return Caller{}, err
	}
	return c.caller(claims), nil
}

// basicName is the name in a Basic header, which is where keys are put. The password beside it does not matter.
func basicName(header string) (string, bool) {
	encoded, ok := strings.CutPrefix(header, "Basic ")
	if !ok {
		return "", false
	}
	pair, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", false
	}
	name, _, ok := strings.Cut(string(pair), ":")
	return name, ok
}

// sameKey compares in constant time. An empty key is none, so nothing is the same as it.
func sameKey(given, key string) bool {
	return key != "" && subtle.ConstantTimeCompare([]byte(given), []byte(key)) == 1
}

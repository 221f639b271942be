package dashboard

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	cookieName = "shoal_dashboard"
	cookieAge  = 12 * time.Hour
)

// gate knows who has the key. A cookie does not have it in it: it says until when it is good, and has a proof that this
// process made it.
type gate struct {
	key    [sha256.Size]byte
	secret []byte
	secure bool
}

func newGate(c Config) gate {
	return gate{key: sha256.Sum256([]byte(c.Key)), secret: []byte(rand.Text()), secure: c.Secure}
}

// fits compares a key in a time that says nothing about the right one.
func (g *gate) fits(key string) bool {
	sum := sha256.Sum256([]byte(key))
	return subtle.ConstantTimeCompare(sum[:], g.key[:]) == 1
}

// open reports whether a request may pass.
func (g *gate) open(r *http.Request) bool {
	if key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return g.fits(key)
	}
	c, err := r.Cookie(cookieName)
	if err != nil {
		return false
	}
	until, proof, _ := strings.Cut(c.Value, ".")
	if subtle.ConstantTimeCompare([]byte(proof), []byte(g.proof(until))) != 1 {
		return false
	}
	seconds, err := strconv.ParseInt(until, 10, 64)
	return err == nil && time.Now().Unix() < seconds
}

func (g *gate) proof(until string) string {
	mac := hmac.New(sha256.New, g.secret)
	mac.Write([]byte(until))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// admit sets the cookie; without a path it is for the folder of the request, wherever the dashboard is mounted.
func (g *gate) admit(w http.ResponseWriter, r *http.Request) {
	until := strconv.FormatInt(time.Now().Add(cookieAge).Unix(), 10)
	g.set(w, r, until+"."+g.proof(until), int(cookieAge/time.Second))
}

// dismiss removes the cookie.
func (g *gate) dismiss(w http.ResponseWriter, r *http.Request) { g.set(w, r, "", -1) }

func (g *gate) set(w http.ResponseWriter, r *http.Request, value string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: value, MaxAge: age,
		HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: g.secure || r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https", // who lies harms only itself
	})
}

package main

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/shoal-go/shoal/examples/fishgame/arena"
)

// web is the game in the browser, as it is written: it needs no build.
//
//go:embed web
var web embed.FS

// policy is what the page may do: what it needs and nothing else. Forms are sent by its scripts, never by the browser, which would
// put a password into the address; and no other page may hide it in a frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// routes puts the page in front of the game's own routes.
func routes(o options, rules *arena.Rules, game http.Handler) (http.Handler, error) {
	root, err := fs.Sub(web, "web")
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(map[string]any{
		"server_key": o.gateway.ServerKey, "bots_after_ms": o.botsAfter.Milliseconds(), "wins": o.wins,
		"freeze": int(o.countdown * time.Duration(rules.TickRate) / time.Second),
	})
	if err != nil {
		return nil, err
	}
	files := http.FileServerFS(root)
	// Not a ServeMux: that would redirect what the game has an answer of its own for.
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			game.ServeHTTP(w, r)
			return
		}
		switch path := r.URL.Path; {
		case path == "/config.json":
			serveJSON(w, config)
		case path == "/rules.json":
			serveJSON(w, arena.RulesJSON)
		case path == "/" && !isBrowser(r): // but a health check or a tool, which wants the game's own empty answer
			game.ServeHTTP(w, r)
		case path == "/", isFile(root, path):
			w.Header().Set("Content-Security-Policy", policy)
			w.Header().Set("X-Content-Type-Options", "nosniff")
			w.Header().Set("Referrer-Policy", "no-referrer")
			w.Header().Set("Cache-Control", "no-cache")
			w.Header().Add("Vary", "Accept")
			files.ServeHTTP(w, r)
		default:
			game.ServeHTTP(w, r)
		}
	}), nil
}

// isBrowser reports whether somebody wants to see a page.
func isBrowser(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// isFile reports whether the page has a file of this path.
func isFile(root fs.FS, path string) bool {
	info, err := fs.Stat(root, path[1:])
	return err == nil && !info.IsDir() && info.Name() != "index.html" // which is served as "/"
}

func serveJSON(w http.ResponseWriter, data []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(data) // the browser has gone, or not
}

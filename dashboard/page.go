package dashboard

import (
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"time"
)

// web is the page as it is written: it needs no build.
//
//go:embed web
var web embed.FS

// page is the dashboard as it is mounted.
type page struct {
	*Dashboard
	domains  Domains
	door     *template.Template // asks for the key; shows if the one before was wrong
	matches  shared[*sample]
	sessions shared[[]sessionView]
	queue    shared[queueView]
	room     chan struct{} // one for each stream
}

// maxStreams is how many pages may be open at once.
const maxStreams = 64

// Handler serves the page. It is to be mounted in a folder, with the folder's name stripped from the path.
func (d *Dashboard) Handler(domains Domains) http.Handler {
	p := &page{
		Dashboard: d, domains: domains, room: make(chan struct{}, maxStreams),
		door: template.Must(template.ParseFS(web, "web/login.html")),
	}
	if domains.Matches != nil {
		p.matches.collect = (&sampler{matches: domains.Matches}).collect
	}
	if domains.Sessions != nil {
		p.sessions.collect = func(time.Time) []sessionView { return collectSessions(domains.Sessions) }
	}
	if domains.Matchmaker != nil {
		p.queue.collect = func(now time.Time) queueView { return collectQueue(domains.Matchmaker, now) }
	}
	open := http.NewServeMux()
	files, err := fs.Sub(web, "web")
	if err != nil {
		panic(err) // it is embedded
	}
	for _, name := range []string{"style.css", "app.js", "dom.js", "matches.js", "match.js", "lists.js"} {
		open.Handle("GET /"+name, http.FileServerFS(files))
	}
	open.HandleFunc("GET /{$}", p.index)
	open.HandleFunc("POST /login", p.login)
	open.HandleFunc("POST /logout", p.logout)

	keyed := http.NewServeMux()
	keyed.HandleFunc("GET /stream", p.stream)
	if domains.Matches != nil {
		keyed.HandleFunc("GET /stream/match", p.streamMatch)
		keyed.HandleFunc("POST /match/kick", p.kick)
		keyed.HandleFunc("POST /match/end", p.end)
		keyed.HandleFunc("POST /match/signal", p.signal)
	}
	if domains.Matchmaker != nil {
		keyed.HandleFunc("GET /explain", p.explain)
	}
	if domains.Boards != nil {
		keyed.HandleFunc("GET /board", p.board)
	}
	open.Handle("/", d.Guard(keyed))
	return headers(http.NewCrossOriginProtection().Handler(open))
}

// headers says to the browser what this page never does, so that nobody makes it.
func headers(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		set := w.Header().Set
		set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "+
			"img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		set("X-Content-Type-Options", "nosniff")
		set("Referrer-Policy", "no-referrer")
		set("Cache-Control", "no-store")
		h.ServeHTTP(w, r)
	})
}

// index is the page for who has the key, and a form that asks for it for who has not.
func (p *page) index(w http.ResponseWriter, r *http.Request) {
	if key := r.URL.Query().Get("key"); key != "" && p.accepts(key, r) {
		p.gate.admit(w, r)
		w.Header().Set("Location", "./")
		w.WriteHeader(http.StatusSeeOther) // http.Redirect would name the folder, which it does not know
		return
	}
	if p.gate.open(r) {
		http.ServeFileFS(w, r, web, "web/app.html")
		return
	}
	p.form(w, r.URL.Query().Has("key"))
}

// form asks for the key; wrong says that it was asked for before.
func (p *page) form(w http.ResponseWriter, wrong bool) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusUnauthorized)
	_ = p.door.Execute(w, wrong) // the browser has gone, or not
}

func (p *page) accepts(key string, r *http.Request) bool {
	if p.gate.fits(key) {
		return true
	}
	p.log.WarnContext(r.Context(), "dashboard: wrong key", "remote", r.RemoteAddr)
	return false
}

func (p *page) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if !p.accepts(r.PostFormValue("key"), r) {
		p.form(w, true)
		return
	}
	p.gate.admit(w, r)
	w.Header().Set("Location", "./")
	w.WriteHeader(http.StatusSeeOther)
}

func (p *page) logout(w http.ResponseWriter, r *http.Request) {
	p.gate.dismiss(w, r)
	w.Header().Set("Location", "./")
	w.WriteHeader(http.StatusSeeOther)
}

package dashboard_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/shoal-go/shoal/dashboard"
	"github.com/shoal-go/shoal/match"
)

func Example() {
	window, err := dashboard.New(dashboard.Config{Key: "sixteen bytes or more"})
	if err != nil {
		panic(err)
	}
	matches, err := match.New(match.Config{Hooks: window.Match()})
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/shoal/", http.StripPrefix("/shoal", window.Handler(dashboard.Domains{Matches: matches})))

	for _, path := range []string{"/shoal/", "/shoal/?key=sixteen+bytes+or+more"} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		fmt.Printf("%d %q\n", w.Code, w.Header().Get("Location"))
	}
	// Output:
	// 401 ""
	// 303 "./"
}

package nakama

import (
	"net/http"
	"slices"
	"strings"
)

// cors lets pages of any origin use the API; there are no cookies that it could betray. It reports whether the
// request is answered with that.
func cors(w http.ResponseWriter, r *http.Request) (answered bool) {
	origin := r.Header.Get("Origin") != ""
	if origin {
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}
	if r.Method != http.MethodOptions {
		return false
	}
	status := http.StatusOK
	if origin {
		status = preflight(w.Header(), r.Header)
	}
	w.WriteHeader(status)
	return true
}

// What a page may send. The simple ones need no mention in the answer.
var (
	simpleMethods  = []string{http.MethodGet, http.MethodHead, http.MethodPost}
	allowedMethods = []string{http.MethodPut, http.MethodDelete}
	simpleHeaders  = []string{"Accept", "Accept-Language", "Content-Language", "Origin"}
	allowedHeaders = []string{"Authorization", "Content-Type", "User-Agent"}
)

// preflight answers a page's question whether it may send a request.
func preflight(out, in http.Header) (status int) {
	method := in.Get("Access-Control-Request-Method")
	switch {
	case method == "":
		return http.StatusBadRequest
	case slices.Contains(simpleMethods, method):
	case slices.Contains(allowedMethods, method):
		out.Set("Access-Control-Allow-Methods", method)
	default:
		return http.StatusMethodNotAllowed
	}
	var headers []string
	for name := range strings.SplitSeq(in.Get("Access-Control-Request-Headers"), ",") {
		name = http.CanonicalHeaderKey(strings.TrimSpace(name))
		switch {
		case name == "", slices.Contains(simpleHeaders, name):
		case !slices.Contains(allowedHeaders, name):
			return http.StatusForbidden
		default:
			headers = append(headers, name)
		}
	}
	if len(headers) > 0 {
		out.Set("Access-Control-Allow-Headers", strings.Join(headers, ","))
	}
	return http.StatusOK
}

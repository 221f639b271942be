package nakama

import (
	"net/http"
	"slices"
	"strings"
)

// cors lets pages of other origins use the API: of any, unless Config.Origins says which. There are no cookies that it
// could betray. It reports whether the request is answered with that.
func (h *Handler) cors(w http.ResponseWriter, r *http.Request) (answered bool) {
	origin := r.Header.Get("Origin")
	allowed := origin != "" && h.allowed(origin)
	switch {
	case !allowed:
	case h.c.Origins == nil:
		w.Header().Set("Access-Control-Allow-Origin", "*")
	default:
		w.Header().Set("Access-Control-Allow-Origin", origin)
	}
	if h.c.Origins != nil {
		w.Header().Add("Vary", "Origin")
	}
	if r.Method != http.MethodOptions {
		return false
	}
	status := http.StatusOK
	switch {
	case allowed:
		status = preflight(w.Header(), r.Header)
	case origin != "":
		status = http.StatusForbidden
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

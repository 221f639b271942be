package nakama

import (
	"net/http"
	"slices"
	"strings"
)

// route is one way into the API.
type route struct {
	// path is methods, a space and a path, such as "GET|POST /v2/friend/{id}". Alternatives are separated by |, a
	// segment in braces stands for any text.
	path   string
	access access
	serve  *endpoint // nil: the protocol has it and this server does not
}

// router finds routes.
type router []pattern

// pattern is a route in parts.
type pattern struct {
	route
	methods  []string
	segments [][]string // the texts that a segment may be; nil for any
	names    []string   // of the segments in braces, "" for the others
}

func newRouter(routes []route) router {
	rs := make(router, len(routes))
	for i, r := range routes {
		methods, path, _ := strings.Cut(r.path, " ")
		p := pattern{route: r, methods: strings.Split(methods, "|")}
		for _, s := range segments(path) {
			name, braces := strings.CutPrefix(s, "{")
			if braces {
				p.segments, p.names = append(p.segments, nil), append(p.names, strings.TrimSuffix(name, "}"))
			} else {
				p.segments, p.names = append(p.segments, strings.Split(s, "|")), append(p.names, "")
			}
		}
		rs[i] = p
	}
	return rs
}

// segments splits a decoded path, so that %2F in it is a separator too.
func segments(path string) []string { return strings.Split(path, "/")[1:] }

// find returns the route of a request and sets the request's path values.
func (rs router) find(r *http.Request) (route, error) {
	if !strings.HasPrefix(r.URL.Path, "/") {
		return route{}, &Error{InvalidArgument, "Bad Request"}
	}
	given, known := segments(r.URL.Path), false
	for _, p := range rs {
		if !p.matches(given) {
			continue
		}
		known = true
		if !slices.Contains(p.methods, r.Method) {
			continue
		}
		for i, name := range p.names {
			if name != "" {
				r.SetPathValue(name, given[i])
			}
		}
		return p.route, nil
	}
	if known {
		return route{}, errMethod
	}
	return route{}, &Error{NotFound, "Not Found"}
}

// serves reports whether there is an endpoint at a path, for whatever method.
func (rs router) serves(path string) bool {
	given := segments(path)
	return slices.ContainsFunc(rs, func(p pattern) bool { return p.serve != nil && p.matches(given) })
}

// name is what a route is called to which a request has come: its method, and the path of the route, with the
// alternative that was chosen.
func (c *call) name() string {
	if _, ok := rpcID(c.URL.Path); ok {
		return c.Method + " /v2/rpc/{id}"
	}
	_, path, _ := strings.Cut(c.route.path, " ")
	given := segments(c.URL.Path)
	for i, s := range segments(path) {
		if strings.HasPrefix(s, "{") {
			given[i] = s
		}
	}
	return c.Method + " /" + strings.Join(given, "/")
}

// errMethod answers a wrong method on a path that exists.
var errMethod = &Error{Unimplemented, "Method Not Allowed"}

func (p *pattern) matches(given []string) bool {
	if len(given) != len(p.segments) {
		return false
	}
	for i, texts := range p.segments {
		if given[i] == "" || texts != nil && !slices.Contains(texts, given[i]) {
			return false
		}
	}
	return true
}

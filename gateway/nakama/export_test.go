package nakama

import (
	"strings"

	"google.golang.org/protobuf/proto"
)

// Routes are the routes of the table, one for each method and alternative, and whether each has an endpoint.
func Routes(h *Handler) map[string]bool {
	served := make(map[string]bool)
	for _, p := range h.api.(*httpAPI).router {
		for _, method := range p.methods {
			_, path, _ := strings.Cut(p.path, " ")
			for _, path := range expanded("", segments(path)) {
				served[method+" "+path] = p.serve != nil
			}
		}
	}
	return served
}

// expanded are the paths that begin with prefix and go on with one alternative of each segment.
func expanded(prefix string, rest []string) []string {
	if len(rest) == 0 {
		return []string{prefix}
	}
	var out []string
	for alternative := range strings.SplitSeq(rest[0], "|") {
		out = append(out, expanded(prefix+"/"+alternative, rest[1:])...)
	}
	return out
}

// GRPCMethods are the methods of the gRPC service with a route: the route, and an empty request.
func GRPCMethods() (routes map[string]string, requests map[string]proto.Message) {
	routes, requests = make(map[string]string), make(map[string]proto.Message)
	for name, m := range grpcMethods {
		routes[name], requests[name] = m.route, proto.Clone(m.request)
	}
	return routes, requests
}

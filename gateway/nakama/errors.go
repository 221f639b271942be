package nakama

import "net/http"

// Code is the kind of an error of the HTTP API, with the numbers of gRPC.
type Code int

// Codes.
const (
	Canceled           Code = 1
	Unknown            Code = 2
	InvalidArgument    Code = 3
	DeadlineExceeded   Code = 4
	NotFound           Code = 5
	AlreadyExists      Code = 6
	PermissionDenied   Code = 7
	ResourceExhausted  Code = 8
	FailedPrecondition Code = 9
	Aborted            Code = 10
	OutOfRange         Code = 11
	Unimplemented      Code = 12
	Internal           Code = 13
	Unavailable        Code = 14
	DataLoss           Code = 15
	Unauthenticated    Code = 16
)

// statuses are the HTTP statuses of the codes.
var statuses = [...]int{
	Canceled: 499, Unknown: http.StatusInternalServerError, InvalidArgument: http.StatusBadRequest,
	DeadlineExceeded: http.StatusGatewayTimeout, NotFound: http.StatusNotFound, AlreadyExists: http.StatusConflict,
	PermissionDenied: http.StatusForbidden, ResourceExhausted: http.StatusTooManyRequests,
	FailedPrecondition: http.StatusBadRequest, Aborted: http.StatusConflict, OutOfRange: http.StatusBadRequest,
	Unimplemented: http.StatusNotImplemented, Internal: http.StatusInternalServerError,
	Unavailable: http.StatusServiceUnavailable, DataLoss: http.StatusInternalServerError,
	Unauthenticated: http.StatusUnauthorized,
}

// Status is the HTTP status that goes with the code.
func (c Code) Status() int {
	if c < Canceled || c > Unauthenticated {
		return http.StatusInternalServerError
	}
	return statuses[c]
}

// Error is a failure that the client is told of, code and message. A host function returns one to choose what its
// caller sees.
type Error struct {
	Code    Code
	Message string
}

func (e *Error) Error() string { return e.Message }

package nakama

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/shoal-go/shoal/auth"
)

// failure is an error of the server: code and text are for the client, cause for the log.
type failure struct {
	code  Code
	text  string
	cause error
}

func (f *failure) Error() string { return f.text + ": " + f.cause.Error() }

func (f *failure) Unwrap() error { return f.cause }

// authCodes are the codes of package auth. What is not here is a store that failed.
var authCodes = map[auth.Code]Code{
	auth.CodeInvalidArgument:   InvalidArgument,
	auth.CodeNotFound:          NotFound,
	auth.CodeUnauthenticated:   Unauthenticated,
	auth.CodePermissionDenied:  PermissionDenied,
	auth.CodeAlreadyExists:     AlreadyExists,
	auth.CodeResourceExhausted: ResourceExhausted, auth.CodeFailedPrecondition: FailedPrecondition,
}

// clientError is what the client is told of err. cause is what the log must be told, nil if it is the client's doing.
func clientError(err error) (told Error, cause error) {
	var (
		own    *Error
		signIn *auth.Error
		failed *failure
	)
	switch {
	case errors.As(err, &own):
		if told = *own; told.Code < Canceled || told.Code > Unauthenticated {
			told.Code = Internal
		}
		return told, nil
	case errors.Is(err, context.DeadlineExceeded):
		return Error{Unavailable, "context deadline exceeded"}, nil // a store is slow
	case errors.Is(err, context.Canceled):
		return Error{Canceled, "context canceled"}, nil
	case errors.As(err, &signIn):
		if code, ok := authCodes[signIn.Code]; ok {
			return Error{code, signIn.Text}, nil
		}
		return Error{Unavailable, signIn.Text}, err
	case errors.As(err, &failed):
		return Error{failed.code, failed.text}, failed.cause
	}
	return Error{Internal, "Internal server error."}, err
}

// told is what the client is told of a call that failed; what the host must know is logged.
func (a *httpAPI) told(r *http.Request, err error) Error {
	told, cause := clientError(err)
	if cause != nil {
		// The path only: a query may hold a key.
		a.log.ErrorContext(r.Context(), "request failed",
			"request", RequestID(r.Context()), "method", r.Method, "path", r.URL.Path, "error", cause)
	}
	return told
}

// refusal is the response to a call that failed.
func (a *httpAPI) refusal(w http.ResponseWriter, r *http.Request, err error) reply {
	told := a.told(r, err)
	if e, ok := errors.AsType[*auth.Error](err); ok && e.Retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.Retry.Seconds()))))
	}
	if told.Code == Unauthenticated {
		w.Header().Set("WWW-Authenticate", told.Message)
	}
	out := jsonReply(struct {
		Code    Code   `json:"code"`
		Message string `json:"message"`
		Error   string `json:"error"` // older clients read only this
	}{told.Code, told.Message, told.Message})
	out.status = told.Code.Status()
	return out
}

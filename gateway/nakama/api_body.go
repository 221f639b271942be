package nakama

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// decode reads the body into m. Only the first JSON value counts; without any, m stays as it is. The content type is
// not looked at: the Godot client sends none.
func (c *call) decode(m proto.Message) error {
	b, err := c.body()
	if err != nil {
		return err
	}
	var first json.RawMessage
	err = json.NewDecoder(bytes.NewReader(b)).Decode(&first)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		err = protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(first, m)
	}
	if err != nil {
		// protobuf puts no-break spaces into its errors, at random, and the value that it does not like.
		return &Error{InvalidArgument, clipped(strings.ReplaceAll(err.Error(), "\u00a0", " "))}
	}
	return nil
}

// clipped is a text that is not too long for a message.
func clipped(text string) string {
	const most = 500
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// errTooLarge has the text of http.MaxBytesError.
var errTooLarge = &Error{InvalidArgument, "http: request body too large"}

// body reads the whole body, decompressed. The limit holds for both, what came and what came out of it.
func (c *call) body() ([]byte, error) {
	encoding := c.Header.Get("Content-Encoding")
	src, err := decompressed(encoding, c.Body)
	if errors.Is(err, io.EOF) { // nothing came, so nothing was compressed
		return nil, nil
	}
	var b []byte
	if err == nil {
		b, err = io.ReadAll(io.LimitReader(src, c.h.c.MaxBody+1))
	}
	var tooLarge *http.MaxBytesError
	switch {
	case int64(len(b)) > c.h.c.MaxBody, errors.As(err, &tooLarge):
		return nil, errTooLarge
	case err != nil && encoding != "":
		return nil, &Error{InvalidArgument, "Request body cannot be read as " + encoding + "."}
	case err != nil:
		return nil, &Error{InvalidArgument, "Request body cannot be read."}
	}
	return b, nil
}

// decompressed undoes a Content-Encoding. Deflate is the bare format here, without a zlib header. What is not known
// stays as it is, and fails to be JSON.
func decompressed(encoding string, r io.Reader) (io.Reader, error) {
	switch encoding {
	case "gzip":
		return gzip.NewReader(r)
	case "deflate":
		return flate.NewReader(r), nil
	}
	return r, nil
}

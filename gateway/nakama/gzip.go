package nakama

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"sync"
)

// compressor is a *gzip.Writer or *flate.Writer.
type compressor interface {
	io.WriteCloser
	Reset(w io.Writer)
}

// compressors are what responses can be compressed with, by the name of the encoding. A compressor takes nearly a
// megabyte, so it is used again.
var compressors = map[string]*sync.Pool{
	"gzip": {New: func() any { return gzip.NewWriter(nil) }},
	"deflate": {New: func() any {
		w, _ := flate.NewWriter(nil, flate.DefaultCompression) // fails for an unknown level only
		return w
	}},
}

// wantedEncoding is the first encoding in Accept-Encoding that there is a compressor for, or "". As in the reference,
// an encoding with a weight is not one.
func wantedEncoding(h http.Header) string {
	for _, line := range h["Accept-Encoding"] {
		for name := range strings.SplitSeq(line, ",") {
			name = strings.TrimSpace(name)
			if compressors[name] != nil {
				return name
			}
		}
	}
	return ""
}

func compressed(encoding string, body []byte) []byte {
	pool := compressors[encoding]
	w := pool.Get().(compressor)
	defer pool.Put(w)
	var out bytes.Buffer // which takes everything: there are no errors below
	w.Reset(&out)
	_, _ = w.Write(body)
	_ = w.Close()
	return out.Bytes()
}

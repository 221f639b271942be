package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/transport"
	"github.com/shoal-go/shoal/transport/transporttest"
)

// A conn waits short for its client in the tests in which it has to lose its patience, and long in all others.
const short, long = 200 * time.Millisecond, time.Minute

// lineClient is the other end of a lineConn, as the contract needs it.
type lineClient struct {
	tcp *net.TCPConn
	in  *bufio.Reader
}

// connect returns both ends of a TCP connection.
func connect(t *testing.T, wait time.Duration) (*lineConn, *lineClient) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	client, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.Addr().String())
	require.NoError(t, err)
	server, err := l.Accept()
	require.NoError(t, err)
	t.Cleanup(func() {
		client.Close()
		server.Close()
	})
	return newLineConn(server.(*net.TCPConn), wait), &lineClient{client.(*net.TCPConn), bufio.NewReader(client)}
}

func (c *lineClient) Send(kind transport.Kind, message []byte) error {
	_, err := c.tcp.Write(appendLine(nil, kind, message))
	return err
}

func (c *lineClient) Receive() (transport.Kind, []byte, error) {
	line, err := c.in.ReadBytes('\n')
	if err != nil {
		return 0, nil, err
	}
	kind, message, err := decode(line[:len(line)-1], nil)
	if err != nil {
		_ = c.tcp.Close() // acknowledges
	}
	return kind, message, err
}

func (c *lineClient) Close(code int, reason string) error {
	line, err := json.Marshal(lastLine{lastWord{code, reason}})
	if err != nil {
		return err
	}
	c.say(string(line) + "\n")
	return c.tcp.CloseWrite()
}

// say writes bytes as they are.
func (c *lineClient) say(bytes string) { _, _ = io.WriteString(c.tcp, bytes) }

func TestLineConnContract(t *testing.T) {
	transporttest.Conn(t, func(t *testing.T, wait time.Duration) (transport.Conn, transporttest.Client) {
		return connect(t, wait)
	})
}

func TestLineConnReads(t *testing.T) {
	for name, c := range map[string]struct {
		sent   string
		kind   transport.Kind
		want   string
		failed error
	}{
		"text":                       {"{\"ping\":{}}\n", transport.Text, `{"ping":{}}`, nil},
		"text of a terminal":         {"{\"ping\":{}}\r\n", transport.Text, "{\"ping\":{}}\r", nil},
		"binary":                     {"{\"binary\":\"AP8=\"}\n", transport.Binary, "\x00\xff", nil},
		"the longest line":           {strings.Repeat("x", maxLine-1) + "\n", transport.Text, strings.Repeat("x", maxLine-1), nil},
		"a longer line":              {strings.Repeat("x", maxLine) + "\n", 0, "", transport.ErrTooBig},
		"a line that does not end":   {strings.Repeat("x", 2*maxLine), 0, "", transport.ErrTooBig},
		"not UTF-8":                  {"\xff\n", 0, "", transport.ErrInvalidText},
		"gone":                       {"", 0, "", &transport.CloseError{Code: 1005}},
		"gone within a line":         {"{\"pi", 0, "", &transport.CloseError{Code: 1005}},
		"closed":                     {"{\"close\":{\"code\":1000,\"reason\":\"bye\"}}\n", 0, "", &transport.CloseError{Code: 1000, Reason: "bye"}},
		"closed with nothing to say": {"{\"close\":{}}\n", 0, "", &transport.CloseError{Code: 1005}},
	} {
		t.Run(name, func(t *testing.T) {
			conn, client := connect(t, long)
			client.say(c.sent)
			require.NoError(t, client.tcp.CloseWrite())
			kind, message, err := conn.Read()
			require.Equal(t, c.failed, err)
			require.Equal(t, c.kind, kind)
			require.Equal(t, c.want, string(message))
		})
	}
}

func TestLineConnReadFailsForGood(t *testing.T) {
	for _, sent := range []string{"{\"binary\":7}\n", "{\"binary\":\"?\"}\n", "{\"close\":7}\n", "\xff\n"} {
		conn, client := connect(t, long)
		client.say(sent + "{\"ping\":{}}\n")
		_, _, first := conn.Read()
		require.Error(t, first, sent)
		_, _, second := conn.Read()
		require.Equal(t, first, second, "what follows a broken line means nothing")
	}
}

func TestLineConnTellsWhatWasWrong(t *testing.T) {
	for name, c := range map[string]struct {
		sent string
		want transport.CloseError
	}{
		"a long line": {strings.Repeat("x", 2*maxLine), transport.CloseError{Code: transport.CloseTooBig, Reason: "line too long"}},
		"not UTF-8":   {"\xff\n", transport.CloseError{Code: transport.CloseInvalidText, Reason: "not UTF-8"}},
	} {
		t.Run(name, func(t *testing.T) {
			conn, client := connect(t, long)
			client.say(c.sent)
			_, _, err := conn.Read()
			require.Error(t, err)
			go conn.Close(transport.CloseNormal, "") // as a gateway does, which leaves the reason to the Conn
			_, _, err = client.Receive()
			require.Equal(t, &c.want, err)
		})
	}
}

// What a client has sent and nobody read must not turn the close into a reset, which would overtake the last line.
func TestLineConnLastLineArrives(t *testing.T) {
	conn, client := connect(t, long)
	client.say(strings.Repeat("{\"ping\":{}}\n", 10_000))
	closed := make(chan error, 1)
	go func() { closed <- conn.Close(4000, "enough") }()
	_, _, err := client.Receive()
	require.Equal(t, &transport.CloseError{Code: 4000, Reason: "enough"}, err)
	<-closed
}

func TestLineConnTimesOut(t *testing.T) {
	conn, _ := connect(t, short)
	require.ErrorIs(t, conn.Close(transport.CloseNormal, ""), transport.ErrTimeout, "the client did not acknowledge")

	conn, _ = connect(t, short)
	big := transport.NewFrame(transport.Text, func(dst []byte) []byte { return append(dst, make([]byte, 64<<20)...) })
	defer big.Release()
	require.ErrorIs(t, conn.Write([]*transport.Frame{big}), transport.ErrTimeout, "the client did not read")
	require.ErrorIs(t, conn.Write(nil), transport.ErrTimeout, "a line was cut, nothing can follow it")
	require.ErrorIs(t, conn.Close(transport.CloseNormal, ""), transport.ErrTimeout)
}

func TestLineOfText(t *testing.T) {
	require.Equal(t, "{ \"a\": 1 }\n", string(appendLine(nil, transport.Text, []byte("{\n\"a\": 1\n}"))), "a message is one line")
}

// Whatever a client sends is a message or an error, and a message goes out as the line it came in.
func FuzzDecode(f *testing.F) {
	for _, line := range []string{`{"ping":{}}`, `{"binary":"AP8="}`, `{"binary":null}`, `{"close":{"code":1000}}`, `{"close":[]}`, "", "\xff"} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		line, _, _ = bytes.Cut(line, []byte("\n"))
		kind, message, err := decode(line, nil)
		if err != nil {
			return
		}
		again, same, err := decode(bytes.TrimSuffix(appendLine(nil, kind, message), []byte("\n")), nil)
		require.NoError(t, err)
		require.Equal(t, kind, again)
		require.True(t, bytes.Equal(message, same))
	})
}

package auth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
)

// payload decodes the claims of a token as a client does: without looking at the signature.
func payload(t testing.TB, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	require.Len(t, parts, 3)
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	require.NoError(t, err)
	var claims map[string]any
	require.NoError(t, json.Unmarshal(raw, &claims))
	return claims
}

func TestTokenClaims(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := start(t)
		time.Sleep(700 * time.Millisecond) // not on a whole second
		now := time.Now().Unix()
		session, err := s.SignInDevice(t.Context(), phone, auth.SignIn{Username: "ann", Create: true})
		require.NoError(t, err)

		header, _, _ := strings.Cut(session.Token, ".")
		raw, err := base64.RawURLEncoding.DecodeString(header)
		require.NoError(t, err)
		require.Equal(t, `{"alg":"HS256","typ":"JWT"}`, string(raw))

		access, refresh := payload(t, session.Token), payload(t, session.RefreshToken)
		require.NoError(t, uuid.Validate(access["tid"].(string)))
		want := map[string]any{
			"tid": access["tid"], "uid": session.User, "usn": "ann", "iat": float64(now), "exp": float64(now + 60),
		}
		require.Equal(t, want, access, "nothing else")
		want["exp"] = float64(now + 3600)
		require.Equal(t, want, refresh)

		again, err := s.SignInDevice(t.Context(), phone, auth.SignIn{Vars: map[string]string{"build": "7"}})
		require.NoError(t, err)
		for _, token := range []string{again.Token, again.RefreshToken} {
			claims := payload(t, token)
			require.Equal(t, map[string]any{"build": "7"}, claims["vrs"])
			require.NotEqual(t, access["tid"], claims["tid"], "each sign-in is a family of its own")
		}
		claims, err := s.Verify(again.Token)
		require.NoError(t, err)
		require.Equal(t, auth.Claims{
			User: session.User, Username: "ann", Family: payload(t, again.Token)["tid"].(string),
			Vars:   map[string]string{"build": "7"},
			Issued: time.Unix(now, 0).UTC(), Expires: time.Unix(now+60, 0).UTC(),
		}, claims)
	})
}

func TestTokenExpiresOnTheSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := start(t)
		session := device(t, s, phone)
		match, err := s.MatchToken("m.", nil)
		require.NoError(t, err)

		time.Sleep(30*time.Second - time.Nanosecond)
		_, _, err = s.VerifyMatchToken(match)
		require.NoError(t, err)
		time.Sleep(time.Nanosecond)
		_, _, err = s.VerifyMatchToken(match)
		requireError(t, err, auth.CodeInvalidArgument, "Invalid match token", auth.ErrToken)

		time.Sleep(30*time.Second - time.Nanosecond)
		_, err = s.Verify(session.Token)
		require.NoError(t, err)
		time.Sleep(time.Nanosecond)
		_, err = s.Verify(session.Token)
		requireError(t, err, auth.CodeUnauthenticated, "Auth token invalid", auth.ErrToken)

		time.Sleep(59*time.Minute - time.Nanosecond)
		_, err = s.Refresh(t.Context(), session.RefreshToken, nil)
		require.NoError(t, err)
		time.Sleep(time.Nanosecond)
		_, err = s.Refresh(t.Context(), session.RefreshToken, nil)
		requireError(t, err, auth.CodeUnauthenticated, "Refresh token invalid or expired.", auth.ErrToken)
	})
}

// forge signs claims that differ from good ones in a few values; nil removes one.
func forge(t testing.TB, m jwt.SigningMethod, key any, change map[string]any) string {
	t.Helper()
	claims := jwt.MapClaims{
		"tid": uuid.NewString(), "uid": uuid.NewString(), "usn": "mallory", "mid": "m.",
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(),
	}
	maps.Copy(claims, change)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	token, err := jwt.NewWithClaims(m, claims).SignedString(key)
	require.NoError(t, err)
	return token
}

// relabel replaces the header of a token and signs it anew with the key.
func relabel(t testing.TB, token, header string, key []byte) string {
	t.Helper()
	signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + strings.Split(token, ".")[1]
	mac, err := jwt.SigningMethodHS256.Sign(signed, key)
	require.NoError(t, err)
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac)
}

func TestTokenAttacks(t *testing.T) {
	s, _ := start(t)
	session := device(t, s, phone)
	match, err := s.MatchToken("m.", nil)
	require.NoError(t, err)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	none := jwt.UnsafeAllowNoneSignatureType
	hour := time.Now().Add(-time.Hour).Unix()
	parts := strings.Split(session.Token, ".")

	// Each attack is tried with the very key of the kind of token that it pretends to be.
	attacks := map[string]func(key []byte) string{
		"empty":           func([]byte) string { return "" },
		"garbage":         func([]byte) string { return "garbage" },
		"dots":            func([]byte) string { return ".." },
		"many dots":       func([]byte) string { return strings.Repeat(".", 10_000) },
		"no signature":    func([]byte) string { return parts[0] + "." + parts[1] + "." },
		"two parts":       func([]byte) string { return parts[0] + "." + parts[1] },
		"four parts":      func([]byte) string { return session.Token + "." + parts[2] },
		"not JSON":        func(key []byte) string { return relabel(t, "a.Z2FyYmFnZQ.b", `{"alg":"HS256"}`, key) },
		"alg none":        func([]byte) string { return forge(t, jwt.SigningMethodNone, none, nil) },
		"alg None":        func(key []byte) string { return relabel(t, session.Token, `{"alg":"None"}`, key) },
		"alg missing":     func(key []byte) string { return relabel(t, session.Token, `{"typ":"JWT"}`, key) },
		"alg a number":    func(key []byte) string { return relabel(t, session.Token, `{"alg":256}`, key) },
		"alg RS256, HMAC": func(key []byte) string { return relabel(t, session.Token, `{"alg":"RS256"}`, key) },
		"alg RS256":       func([]byte) string { return forge(t, jwt.SigningMethodRS256, rsaKey, nil) },
		"alg HS384":       func(key []byte) string { return forge(t, jwt.SigningMethodHS384, key, nil) },
		"alg HS512":       func(key []byte) string { return forge(t, jwt.SigningMethodHS512, key, nil) },
		"empty key":       func([]byte) string { return forge(t, jwt.SigningMethodHS256, []byte{}, nil) },
		"another key":     func([]byte) string { return forge(t, jwt.SigningMethodHS256, []byte("defaultencryptionkey"), nil) },
		"expired": func(key []byte) string {
			return forge(t, jwt.SigningMethodHS256, key, map[string]any{"exp": hour})
		},
		"exp missing": func(key []byte) string {
			return forge(t, jwt.SigningMethodHS256, key, map[string]any{"exp": nil})
		},
		"exp a string": func(key []byte) string {
			return forge(t, jwt.SigningMethodHS256, key, map[string]any{"exp": "never"})
		},
		"exp negative": func(key []byte) string {
			return forge(t, jwt.SigningMethodHS256, key, map[string]any{"exp": -1})
		},
		"ids missing": func(key []byte) string {
			return forge(t, jwt.SigningMethodHS256, key, map[string]any{"tid": nil, "mid": nil})
		},
		"no user": func(key []byte) string {
			return forge(t, jwt.SigningMethodHS256, key, map[string]any{"uid": "", "mid": ""})
		},
		"iat missing": func(key []byte) string {
			return forge(t, jwt.SigningMethodHS256, key, map[string]any{"iat": nil, "mid": nil})
		},
		"family over": func(key []byte) string {
			year := time.Now().AddDate(-1, 0, 0).Unix()
			return forge(t, jwt.SigningMethodHS256, key, map[string]any{"iat": year, "mid": nil})
		},
		"padded": func(key []byte) string { return forge(t, jwt.SigningMethodHS256, key, nil) + "=" },
		"tampered payload": func(key []byte) string {
			p := strings.Split(forge(t, jwt.SigningMethodHS256, key, nil), ".")
			raw, err := base64.RawURLEncoding.DecodeString(p[1])
			require.NoError(t, err)
			other := strings.Replace(string(raw), "mallory", "malorie", 1)
			return p[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(other)) + "." + p[2]
		},
		"tampered signature": func(key []byte) string {
			token := []byte(forge(t, jwt.SigningMethodHS256, key, nil))
			token[len(token)-10] ^= 1
			return string(token)
		},
	}
	kinds := map[string]struct {
		key    []byte
		others []string // good tokens of other kinds
		refuse func(t *testing.T, token string)
	}{
		"access": {accessKey, []string{session.RefreshToken, match}, func(t *testing.T, token string) {
			_, err := s.Verify(token)
			requireError(t, err, auth.CodeUnauthenticated, "Auth token invalid", auth.ErrToken)
		}},
		"refresh": {refreshKey, []string{session.Token, match}, func(t *testing.T, token string) {
			_, err := s.Refresh(t.Context(), token, nil)
			if token == "" {
				requireError(t, err, auth.CodeInvalidArgument, "Refresh token is required.", auth.ErrInvalid)
				return
			}
			requireError(t, err, auth.CodeUnauthenticated, "Refresh token invalid or expired.", auth.ErrToken)
		}},
		"match": {matchKey, []string{session.Token, session.RefreshToken}, func(t *testing.T, token string) {
			_, _, err := s.VerifyMatchToken(token)
			requireError(t, err, auth.CodeInvalidArgument, "Invalid match token", auth.ErrToken)
		}},
	}
	for kind, k := range kinds {
		for _, name := range slices.Sorted(maps.Keys(attacks)) {
			t.Run(kind+"/"+name, func(t *testing.T) { k.refuse(t, attacks[name](k.key)) })
		}
		t.Run(kind+"/another kind", func(t *testing.T) {
			for _, token := range k.others {
				k.refuse(t, token)
			}
		})
	}
	// The forger is right but for the attacks.
	_, err = s.Verify(forge(t, jwt.SigningMethodHS256, accessKey, nil))
	require.NoError(t, err)
}

func TestMatchToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := start(t)
		users := []string{"u1", "u2"}
		token, err := s.MatchToken("b7e1.", users)
		require.NoError(t, err)
		claims := payload(t, token)
		require.Equal(t, "b7e1.", claims["mid"])
		require.EqualValues(t, time.Now().Add(30*time.Second).Unix(), claims["exp"])

		id, got, err := s.VerifyMatchToken(token)
		require.NoError(t, err)
		require.Equal(t, "b7e1.", id)
		require.Equal(t, users, got)

		open, err := s.MatchToken("b7e1.", nil)
		require.NoError(t, err)
		require.Len(t, payload(t, open), 2, "mid and exp alone")
		_, got, err = s.VerifyMatchToken(open)
		require.NoError(t, err)
		require.Empty(t, got)

		_, err = s.MatchToken("", users)
		requireError(t, err, auth.CodeInvalidArgument, "Invalid match ID", auth.ErrInvalid)
	})
}

// However the bytes of a token are changed, it speaks for its own user or for nobody.
func FuzzVerify(f *testing.F) {
	const user = "5d5f3a7e-30a5-4c0c-8a1e-1b0f4b0a9d11" // the same in every process of the fuzzer
	claims := map[string]any{"uid": user, "uids": []string{user}, "exp": time.Now().AddDate(0, 0, 20).Unix()}
	s, _ := start(f)
	for _, key := range [][]byte{accessKey, refreshKey, matchKey} {
		good := forge(f, jwt.SigningMethodHS256, key, claims)
		parts := strings.Split(good, ".")
		f.Add(good)
		f.Add(parts[0] + "." + parts[1] + ".")
		f.Add("eyJhbGciOiJub25lIn0." + parts[1] + ".")
		f.Add(forge(f, jwt.SigningMethodHS512, key, claims))
	}
	f.Add("")
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		if claims, err := s.Verify(token); err == nil {
			require.Equal(t, user, claims.User)
		} else {
			require.ErrorIs(t, err, auth.ErrToken)
		}
		if _, users, err := s.VerifyMatchToken(token); err == nil {
			require.Equal(t, []string{user}, users)
		} else {
			require.ErrorIs(t, err, auth.ErrToken)
		}
		_, err := s.Refresh(t.Context(), token, nil)
		var e *auth.Error
		require.ErrorAs(t, err, &e, "there is no account")
		require.NotEqual(t, auth.CodeInternal, e.Code)
	})
}

func BenchmarkVerify(b *testing.B) {
	s, _ := start(b)
	token := device(b, s, phone).Token
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.Verify(token); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

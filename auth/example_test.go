package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/shoal-go/shoal/auth"
)

func Example() {
	ctx := context.Background()
	db := newStore() // a store of yours, or one of store/…
	s, err := auth.Open(ctx, auth.Config{Accounts: db, Identities: db, Deletions: db, Revocations: db, Keys: db})
	if err != nil {
		log.Fatal(err)
	}
	session, err := s.SignInDevice(ctx, "7d1f-phone-of-ann", auth.SignIn{Username: "ann", Create: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("new account:", session.Created)

	claims, err := s.Verify(session.Token)
	fmt.Println(claims.Username, err)

	if err := s.Logout(ctx, claims, session.Token, session.RefreshToken); err != nil {
		log.Fatal(err)
	}
	_, err = s.Verify(session.Token)
	fmt.Println(err)
	// Output:
	// new account: true
	// ann <nil>
	// auth: Auth token invalid
}

// A gateway sends the text, chooses a status by the code, and never sees what is behind it.
func ExampleError() {
	ctx := context.Background()
	s, err := auth.Open(ctx, config(newStore()))
	if err != nil {
		log.Fatal(err)
	}
	_, err = s.SignInEmail(ctx, "ann@example.com", "correct horse", auth.SignIn{Create: false})
	if e, ok := errors.AsType[*auth.Error](err); ok {
		fmt.Printf("%v: %s\n", e.Code, e.Text)
	}
	fmt.Println(errors.Is(err, auth.ErrNotFound))
	// Output:
	// not found: User account not found.
	// true
}

func ExampleService_MatchToken() {
	s, err := auth.Open(context.Background(), config(newStore()))
	if err != nil {
		log.Fatal(err)
	}
	token, err := s.MatchToken("0c6ff1ab.", []string{"ann", "bob"})
	if err != nil {
		log.Fatal(err)
	}
	match, users, err := s.VerifyMatchToken(token)
	fmt.Println(match, users, err)
	// Output: 0c6ff1ab. [ann bob] <nil>
}

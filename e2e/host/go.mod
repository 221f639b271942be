module example.com/host

go 1.26.5

require github.com/shoal-go/shoal v0.0.0

require (
	github.com/coder/websocket v1.8.15 // indirect
	github.com/golang-jwt/jwt/v5 v5.3.1 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/hashicorp/cronexpr v1.1.3 // indirect
	github.com/heroiclabs/nakama-common v1.47.0 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)

// The tree this host stands in. A host of your own needs no such line.
replace github.com/shoal-go/shoal => ../..

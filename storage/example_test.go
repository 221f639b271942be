package storage_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/shoal-go/shoal/storage"
)

// Two devices of a player have read the same save; the one that writes second is told so.
func Example() {
	ctx := context.Background()
	store := newFakeStore() // in a server: that of store/memory, store/sqlite or your own
	objects, err := storage.New(storage.Config{Store: store})
	if err != nil {
		log.Fatal(err)
	}
	put := storage.Put{
		ID:      storage.ID{Collection: "saves", Key: "slot-1", Owner: "ann"},
		Value:   `{"level": 7}`,
		Version: storage.Absent,
		Readers: storage.Owner, Writers: storage.Owner,
	}
	saved, err := objects.Write(ctx, []storage.Put{put})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(saved[0].Version)

	put.Version = saved[0].Version
	for _, value := range []string{`{"level": 8}`, `{"level": 7, "coins": 3}`} {
		put.Value = value
		_, err := objects.Write(ctx, []storage.Put{put})
		fmt.Println(errors.Is(err, storage.ErrVersion))
	}
	// Output:
	// 395effd38f0d0ca65c0ea66f2d5e2c03
	// false
	// true
}

// A card that everybody may see and only the host may change.
func ExampleObjects_Submit() {
	ctx := context.Background()
	objects, err := storage.New(storage.Config{Store: newFakeStore()})
	if err != nil {
		log.Fatal(err)
	}
	card := storage.Put{
		ID:      storage.ID{Collection: "cards", Key: "dragon", Owner: "ann"},
		Value:   `{"strength": 9}`,
		Readers: storage.Everybody,
	}
	if _, err := objects.Write(ctx, []storage.Put{card}); err != nil {
		log.Fatal(err)
	}
	seen, err := objects.Fetch(ctx, "bob", []storage.ID{card.ID})
	fmt.Println(len(seen), err)

	card.Value = `{"strength": 99}`
	_, err = objects.Submit(ctx, "ann", []storage.Put{card})
	fmt.Println(errors.Is(err, storage.ErrProtected))
	// Output:
	// 1 <nil>
	// true
}

package memory_test

import (
	"testing"

	"github.com/shoal-go/shoal/store/memory"
	"github.com/shoal-go/shoal/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.All(t, func(*testing.T) *memory.Store { return memory.New() })
}

package storetest_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/store/memory"
	"github.com/shoal-go/shoal/store/storetest"
)

func TestFlakyInGoodTimes(t *testing.T) {
	storetest.All(t, func(*testing.T) *storetest.Flaky { return &storetest.Flaky{Store: memory.New()} })
}

// Every method of every port is asked about, those too that are added later.
func TestFlakyInBadTimes(t *testing.T) {
	down, cut := errors.New("down"), errors.New("cut")
	for m := range reflect.TypeFor[storetest.Store]().Methods() {
		name := m.Name
		var asked []string
		say := func(err error) func(context.Context, string) error {
			return func(_ context.Context, method string) error {
				asked = append(asked, method)
				return err
			}
		}
		call := func(f *storetest.Flaky) error {
			method := reflect.ValueOf(f).MethodByName(name)
			args := []reflect.Value{reflect.ValueOf(t.Context())}
			for p := 1; p < method.Type().NumIn(); p++ {
				args = append(args, reflect.Zero(method.Type().In(p)))
			}
			results := method.Call(args)
			for _, r := range results[:len(results)-1] {
				require.True(t, r.IsZero(), "%s: an error comes without an answer", name)
			}
			err, _ := reflect.TypeAssert[error](results[len(results)-1])
			return err
		}
		require.ErrorIs(t, call(&storetest.Flaky{Before: say(down)}), down, name) // there is no store to be asked
		require.Equal(t, []string{name}, asked)

		err := call(&storetest.Flaky{Store: memory.New(), After: say(cut)})
		if len(asked) == 2 {
			require.ErrorIs(t, err, cut, name)
			require.Equal(t, name, asked[1])
		} else {
			require.NotErrorIs(t, err, cut, "%s: the store itself had refused", name)
			require.Error(t, err)
		}
	}
}

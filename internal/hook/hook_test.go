package hook_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/internal/hook"
)

func TestBoth(t *testing.T) {
	var got []string
	note := func(who string) func(string) { return func(what string) { got = append(got, who+what) } }
	hook.Both1(note("first "), note("second "))("one")
	hook.Both2(func(a string, _ int) { note("first ")(a) }, func(a string, _ int) { note("second ")(a) })("two", 2)
	hook.Both3(func(a string, _, _ int) { note("first ")(a) }, func(a string, _, _ int) { note("second ")(a) })("three", 3, 3)
	hook.Both4(func(a string, _, _, _ int) { note("first ")(a) }, func(a string, _, _, _ int) { note("second ")(a) })("four", 4, 4, 4)
	require.Equal(t, []string{
		"first one", "second one", "first two", "second two", "first three", "second three", "first four", "second four",
	}, got)
}

func TestBothOfNone(t *testing.T) {
	called := 0
	one := func(int) { called++ }
	hook.Both1(one, nil)(1)
	hook.Both1(nil, one)(1)
	hook.Both2(nil, func(int, int) { called++ })(1, 2)
	hook.Both2(func(int, int) { called++ }, nil)(1, 2)
	hook.Both3(nil, func(int, int, int) { called++ })(1, 2, 3)
	hook.Both3(func(int, int, int) { called++ }, nil)(1, 2, 3)
	hook.Both4(nil, func(int, int, int, int) { called++ })(1, 2, 3, 4)
	hook.Both4(func(int, int, int, int) { called++ }, nil)(1, 2, 3, 4)
	require.Equal(t, 8, called)
	require.Nil(t, hook.Both1[int](nil, nil))
	require.Nil(t, hook.Both2[int, int](nil, nil))
	require.Nil(t, hook.Both3[int, int, int](nil, nil))
	require.Nil(t, hook.Both4[int, int, int, int](nil, nil))
}

func TestInTurn(t *testing.T) {
	var got []string
	refused := errors.New("refused")
	note := func(who string, err error) func(context.Context, string) error {
		return func(_ context.Context, what string) error {
			got = append(got, who+what)
			return err
		}
	}
	require.NoError(t, hook.InTurn(note("first ", nil), note("second ", nil))(t.Context(), "one"))
	require.ErrorIs(t, hook.InTurn(note("first ", refused), note("second ", nil))(t.Context(), "two"), refused)
	require.ErrorIs(t, hook.InTurn(note("first ", nil), note("second ", refused))(t.Context(), "three"), refused)
	require.NoError(t, hook.InTurn(note("first ", nil), nil)(t.Context(), "four"))
	require.NoError(t, hook.InTurn(nil, note("second ", nil))(t.Context(), "five"))
	require.Nil(t, hook.InTurn[int](nil, nil))
	require.Equal(t, []string{"first one", "second one", "first two", "first three", "second three", "first four", "second five"}, got)
}

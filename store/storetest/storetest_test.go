package storetest_test

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/store/memory"
	"github.com/shoal-go/shoal/store/storetest"
)

// witness is a test that may fail without failing ours.
type witness struct {
	testing.TB
	failure string
}

func (w *witness) Fatalf(format string, args ...any) {
	w.failure = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// failures returns what the broken ones of some rules say about a store, by the name of the rule.
func failures(t *testing.T, open func() storetest.Store, rules []storetest.Rule) map[string]string {
	found := map[string]string{}
	for _, rule := range rules {
		w := &witness{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			rule.Check(w, open())
		}()
		<-done
		if w.failure != "" {
			found[rule.Name] = w.failure
		}
	}
	return found
}

func TestGoodStoreBreaksNoRule(t *testing.T) {
	require.Empty(t, failures(t, func() storetest.Store { return memory.New() }, storetest.Rules()))
}

func TestBrokenStoreBreaksItsRules(t *testing.T) {
	for _, tc := range []struct {
		open  func() storetest.Store
		rules []string
	}{
		{func() storetest.Store { return uncancelled{memory.New()} }, []string{
			"Accounts/cancelled context changes nothing", "Identities/cancelled context is an error",
			"Deletions/cancelled context changes nothing", "Rotations/cancelled context changes nothing",
			"Revocations/cancelled context changes nothing", "Keys/cancelled context stores nothing",
			"Definitions/cancelled context changes nothing", "Records/cancelled context changes nothing",
			"Objects/cancelled context changes nothing", "Notifications/cancelled context changes nothing",
			"Snapshots/cancelled context changes nothing",
		}},
		{func() storetest.Store { return usernameFirst{memory.New()} }, []string{"Accounts/identity taken wins over username taken"}},
		{func() storetest.Store { return orphans{memory.New()} }, []string{"Accounts/identity taken stores nothing"}},
		{func() storetest.Store { return folding{memory.New()} }, []string{"Accounts/username differs by any byte"}},
		{func() storetest.Store { return trimming{memory.New()} }, []string{"Accounts/text is kept as it is"}},
		{func() storetest.Store { return forgetful{memory.New()} }, []string{
			"Accounts/every field round-trips", "Definitions/every field round-trips", "Records/every field round-trips",
			"Objects/every field round-trips", "Notifications/every field round-trips",
			"Snapshots/every field round-trips",
		}},
		{func() storetest.Store { return local{memory.New()} }, []string{"Accounts/times are UTC seconds"}},
		{func() storetest.Store { return repeating{memory.New()} }, []string{"Accounts/look-up finds each once"}},
		{func() storetest.Store { return touching{memory.New()} }, []string{"Accounts/Updated moves only when a value does"}},
		{func() storetest.Store { return takenFirst{memory.New()} }, []string{"Accounts/update of a missing account is ErrNotFound"}},
		{func() storetest.Store { return strict{memory.New()} }, []string{
			"Accounts/delete is idempotent", "Snapshots/delete is idempotent",
		}},
		{func() storetest.Store { return &sharing{Store: memory.New()} }, []string{
			"Identities/secrets are copies", "Keys/keys are copies", "Snapshots/snapshots are copies",
		}},
		{func() storetest.Store { return hoarding{memory.New()} }, []string{"Identities/link replaces all but devices"}},
		{func() storetest.Store { return stealing{memory.New()} }, []string{
			"Identities/link of another's identity changes nothing", "Identities/of concurrent links of one identity one wins",
		}},
		{func() storetest.Store { return &twoSteps{Store: memory.New()} }, []string{"Identities/of concurrent unlinks one identity stays"}},
		{func() storetest.Store { return lockedOut{memory.New()} }, []string{
			"Identities/unlink refuses the last identity", "Identities/unlink of what is not there changes nothing",
		}},
		{func() storetest.Store { return &editing{memory.New()} }, []string{"Accounts/disable changes nothing else"}},
		{func() storetest.Store { return unnoted{memory.New()} }, []string{"Deletions/a deletion is noted until it is forgotten"}},
		{func() storetest.Store { return newestRotation{memory.New()} }, []string{
			"Rotations/an old generation is answered with what is stored",
		}},
		{func() storetest.Store { return amnesiac{memory.New()} }, []string{
			"Rotations/what was before since is forgotten, the newest never",
		}},
		{func() storetest.Store { return strict{memory.New()} }, []string{"Accounts/delete is idempotent"}},
		{func() storetest.Store { return &sharing{Store: memory.New()} }, []string{"Identities/secrets are copies", "Keys/keys are copies"}},
		{func() storetest.Store { return lastKey{memory.New()} }, []string{
			"Keys/first candidate stays", "Keys/concurrent callers get one key",
		}},
		{func() storetest.Store { return byUser{memory.New()} }, []string{"Revocations/users and families are apart"}},
		{func() storetest.Store { return coarse{memory.New()} }, []string{"Revocations/times are UTC milliseconds"}},
		{func() storetest.Store { return late{memory.New()} }, []string{"Revocations/over at Until"}},
		{func() storetest.Store { return replacing{memory.New()} }, []string{"Definitions/create is idempotent"}},
		{func() storetest.Store { return &losing{Store: memory.New()} }, []string{"Records/concurrent increments lose nothing"}},
		{func() storetest.Store { return floating{memory.New()} }, []string{"Records/scores keep 64 bits"}},
		{func() storetest.Store { return halfway{memory.New()} }, []string{"Records/an error of Apply stores nothing"}},
		{func() storetest.Store { return timeless{memory.New()} }, []string{"Records/periods and boards are apart"}},
		{func() storetest.Store { return generous{memory.New()} }, []string{"Records/write to a missing board is ErrNotFound"}},
		{func() storetest.Store { return inclusive{memory.New()} }, []string{"Rankings/a span has what is between its ends"}},
		{func() storetest.Store { return byOwner{memory.New()} }, []string{"Rankings/order is score, subscore and the owner's bytes"}},
		{func() storetest.Store { return boundless{memory.New()} }, []string{"Rankings/a span has what is between its ends"}},
		{func() storetest.Store { return greedy{memory.New()} }, []string{"Periods/delete period keeps to its limit and period"}},
		{func() storetest.Store { return crowded{memory.New()} }, []string{
			"Records/a full period takes no new record", "Records/of concurrent newcomers as many get in as there are places",
		}},
		{func() storetest.Store { return &backwards{Store: memory.New()} }, []string{
			"Periods/handled never goes back", "Periods/what is handled goes with its board",
		}},
		{func() storetest.Store { return silent{memory.New()} }, []string{
			"Records/delete removes one record", "Records/delete owner removes and returns all",
		}},
		{func() storetest.Store { return normalising{memory.New()} }, []string{"Objects/text is kept as it is"}},
		{func() storetest.Store { return rounding{memory.New()} }, []string{"Objects/times are UTC microseconds"}},
		{func() storetest.Store { return onlyForce{memory.New()} }, []string{
			"Objects/write applies the rules to what is stored", "Objects/of concurrent first writers one wins",
			"Objects/of concurrent writers over a version one wins", "Objects/delete applies the rules to what is stored",
		}},
		{func() storetest.Store { return upserting{memory.New()} }, []string{"Objects/write without effect leaves the object alone"}},
		{func() storetest.Store { return oneByOne{memory.New()} }, []string{
			"Objects/a batch is all or nothing", "Objects/a batch of deletions is all or nothing",
		}},
		{func() storetest.Store { return blindBatch{memory.New()} }, []string{"Objects/a batch sees its own writes"}},
		{func() storetest.Store { return ownerless{memory.New()} }, []string{
			"Objects/objects are apart", "Objects/delete owner removes all of it",
		}},
		{func() storetest.Store { return doubled{memory.New()} }, []string{"Objects/look-up finds each once"}},
		{func() storetest.Store { return caseless{memory.New()} }, []string{"Objects/list is in the order of keys and owners"}},
		{func() storetest.Store { return byKeyOnly{memory.New()} }, []string{"Objects/list goes on behind its place"}},
		{func() storetest.Store { return leaking{memory.New()} }, []string{"Objects/list shows what its readers may see"}},
		{func() storetest.Store { return lavish{memory.New()} }, []string{
			"Objects/list keeps to its limit", "Notifications/list goes on behind a Seq",
			"Snapshots/pages are in the order of ids and hold all",
		}},
		{func() storetest.Store { return marking{memory.New()} }, []string{"Objects/a deleted object starts anew"}},
		{func() storetest.Store { return newestFirst{memory.New()} }, []string{"Notifications/list is in the order of adding"}},
		{func() storetest.Store { return &renumbering{Store: memory.New()} }, []string{"Notifications/no Seq is given twice"}},
		{func() storetest.Store { return forEverybody{memory.New()} }, []string{
			"Notifications/delete removes one's own", "Notifications/delete user removes all of it",
		}},
		{func() storetest.Store { return lastEpoch{memory.New()} }, []string{
			"Snapshots/an older epoch saves nothing", "Snapshots/an older epoch deletes nothing",
		}},
		{func() storetest.Store { return leastEpoch{memory.New(), new(sync.Mutex)} }, []string{
			"Snapshots/of concurrent epochs the greatest stays", "Snapshots/of concurrent versions the greatest stays",
		}},
		{func() storetest.Store { return unversioned{memory.New()} }, []string{"Snapshots/an older version saves nothing"}},
		{func() storetest.Store { return reviving{memory.New()} }, []string{"Snapshots/a later version replaces, or is ErrNotFound"}},
		{func() storetest.Store { return firstOnly{memory.New()} }, []string{"Snapshots/save replaces"}},
		{func() storetest.Store { return textual{memory.New()} }, []string{"Snapshots/bytes are kept as they are"}},
		{func() storetest.Store { return inventing{memory.New()} }, []string{"Snapshots/load of a missing match is ErrNotFound"}},
	} {
		t.Run(fmt.Sprintf("%T", tc.open()), func(t *testing.T) {
			rules := slices.DeleteFunc(storetest.Rules(), func(r storetest.Rule) bool { return !slices.Contains(tc.rules, r.Name) })
			require.Len(t, rules, len(tc.rules), "names of rules")
			found := failures(t, tc.open, rules)
			for _, rule := range tc.rules {
				require.Contains(t, found, rule, "the rule does not notice")
			}
		})
	}
}

func TestEveryRuleSaysWhy(t *testing.T) {
	seen := map[string]bool{}
	for _, rule := range storetest.Rules() {
		require.NotEmpty(t, rule.Why, rule.Name)
		require.False(t, seen[rule.Name], "two rules are named %q", rule.Name)
		seen[rule.Name] = true
	}
	require.Greater(t, len(seen), 50)
}

package storetest

import (
	"testing"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/storage"
)

// Rule is a rule of any port, for the tests that watch it fail.
type Rule struct {
	Name, Why string
	Check     func(t testing.TB, s Store)
}

// Rules returns the rules of all ports, named "port/rule".
func Rules() []Rule {
	var all []Rule
	all = appendRules(all, "Accounts/", accountRules(), func(s Store) AccountStore { return s })
	all = appendRules(all, "Identities/", identityRules(), func(s Store) AccountStore { return s })
	all = appendRules(all, "Deletions/", deletionRules(), func(s Store) AccountStore { return s })
	all = appendRules(all, "Rotations/", rotationRules(), func(s Store) auth.Rotations { return s })
	all = appendRules(all, "Revocations/", revocationRules(), func(s Store) auth.Revocations { return s })
	all = appendRules(all, "Keys/", keyRules(), func(s Store) auth.Keys { return s })
	all = appendRules(all, "Definitions/", definitionRules(), func(s Store) LeaderboardStore { return s })
	all = appendRules(all, "Records/", recordRules(), func(s Store) LeaderboardStore { return s })
	all = appendRules(all, "Rankings/", rankingRules(), func(s Store) LeaderboardStore { return s })
	all = appendRules(all, "Periods/", periodRules(), func(s Store) LeaderboardStore { return s })
	all = appendRules(all, "Objects/", objectRules(), func(s Store) storage.Store { return s })
	all = appendRules(all, "Notifications/", notificationRules(), func(s Store) notification.Store { return s })
	return appendRules(all, "Snapshots/", snapshotRules(), func(s Store) match.Snapshots { return s })
}

func appendRules[S any](all []Rule, port string, rules []rule[S], role func(Store) S) []Rule {
	for _, r := range rules {
		all = append(all, Rule{port + r.name, r.why, func(t testing.TB, s Store) { r.check(t, role(s)) }})
	}
	return all
}
